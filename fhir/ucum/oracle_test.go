package ucum

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// deviations are units that the npm package takes otherwise, and why.
var deviations = map[string]string{
	"[LPF]":    "it counts a low power field as one high power field; UCUM as 100",
	"[diop]":   "it computes with the inverse",
	"[mesh_i]": "it computes with the inverse",
	"Bd":       "it computes with the inverse",
	"[pH]":     "it keeps moles apart, but not those of its pH",
	"[p'diop]": "it has no function for it",
	"[hp'_X]":  "it has no function for it",
	"[hp'_C]":  "it has no function for it",
	"[hp'_M]":  "it has no function for it",
	"[hp'_Q]":  "it has no function for it",
	"[degRe]":  "it subtracts 273.15 as from kelvins",
	"%[slope]": "it takes the tangent of radians",
}

type question [3]any // value, from, to

type answer struct {
	Valid [2]bool
	Value *float64
}

// ask runs the other implementation.
func ask(t *testing.T, questions []question) []answer {
	t.Helper()
	if os.Getenv("TRIBUTARY_NODE_MODULES") == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is unset: no other implementation to compare with")
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join("testdata", "oracle.mjs"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// pairs are conversions of every unit to its base units and back, and of
// random terms, most of which do not convert.
func pairs() []question {
	var codes []string
	for code := range known().definitions {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var all []question
	for _, code := range codes {
		u, err := Parse(code)
		if err != nil || strings.Contains(u.Canonical(), "[") {
			continue // arbitrary units convert to nothing there, not even to themselves
		}
		all = append(all, question{7.25, code, u.Canonical()}, question{0.5, u.Canonical(), code})
	}
	random := rand.New(rand.NewPCG(1, 2))
	some := func(of ...string) string { return of[random.IntN(len(of))] }
	term := func() string { // the other takes prefixes before units that have none
		if random.IntN(4) == 0 {
			return some("min", "%", "[in_i]", "[lb_av]", "d", "atm") + some("", "2", "-1", "{x}")
		}
		return some("", "", "k", "m", "u", "d") + some("g", "m", "L", "mol", "s", "Pa", "U", "eq", "bar", "cal", "V", "Gy") + some("", "", "", "2", "-1", "+3", "{x}")
	}
	for range 3000 {
		from, to := some("", "/")+term()+some(".", "/")+term(), term()+some(".", "/")+some("10*3", "10^-2", "100", term(), "("+term()+"/"+term()+")")
		all = append(all, question{2.5, from, to})
	}
	return all
}

// differs says how the other's answer differs from ours, "" if it does not.
func (q question) differs(a answer) (reason string, converts bool) {
	u, errU := Parse(q[1].(string))
	v, errV := Parse(q[2].(string))
	if (errU == nil) != a.Valid[0] || (errV == nil) != a.Valid[1] {
		return fmt.Sprintf("%v, %v, but valid for the other: %v", errU, errV, a.Valid), false
	}
	if errU != nil || errV != nil {
		return "", false
	}
	got, ok := Convert(new(big.Rat).SetFloat64(q[0].(float64)), u, v)
	switch {
	case ok != (a.Value != nil):
		return fmt.Sprintf("converts: %v, not for the other", ok), ok
	case !ok:
		return "", false
	}
	f, _ := got.Float64()
	if math.Abs(f-*a.Value) > 1e-9*math.Abs(f)+1e-300 {
		return fmt.Sprintf("is %v, the other says %v", f, *a.Value), true
	}
	return "", true
}

// What converts in the npm package @lhncbc/ucum-lhc converts here, to the same.
func TestConversionsAreThoseOfAnotherImplementation(t *testing.T) {
	questions, converted, differ := pairs(), 0, map[string]bool{}
	for i, a := range ask(t, questions) {
		q := questions[i]
		reason, converts := q.differs(a)
		if converts {
			converted++
		}
		if reason == "" {
			continue
		}
		from, to := q[1].(string), q[2].(string)
		differ[from], differ[to] = true, true
		if deviations[from] == "" && deviations[to] == "" {
			t.Errorf("%v %s to %s %s", q[0], from, to, reason)
		}
	}
	for code, why := range deviations {
		if !differ[code] {
			t.Errorf("%s does not differ, but is listed: %s", code, why)
		}
	}
	if converted < 500 {
		t.Errorf("only %d conversions compared", converted)
	}
}
