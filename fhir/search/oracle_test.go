package search

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

type question struct {
	Files []string                       `json:"files"`
	Terms map[string]map[string][]string `json:"terms"`
}

type finding struct {
	File   string
	Code   string
	Values []any
}

// The values of every parameter in every official example are those that an
// independent FHIRPath engine, the npm package fhirpath, finds.
func TestValuesAreThoseOfAnotherEngine(t *testing.T) {
	if os.Getenv("TRIBUTARY_NODE_MODULES") == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is unset: no other engine to compare with")
	}
	q := question{Terms: map[string]map[string][]string{}}
	q.Files, _ = filepath.Glob(filepath.Join(fhirtest.Data(t, "r4-examples"), "*.json"))
	for name, typ := range Base().types {
		q.Terms[name] = map[string][]string{}
		for _, p := range typ.byCode {
			if p.plain() {
				q.Terms[name][p.Code] = split(filtering(p.Expression), '|')
			}
		}
	}
	theirs := answers(t, q)
	compared := 0
	for _, r := range examples(t) {
		for _, p := range Base().types[r.typ].byCode {
			if p.plain() {
				ours, want := valuesOf(p, r.root), theirs[r.file+" "+p.Code]
				compared += len(want)
				if !slices.Equal(ours, want) {
					t.Errorf("%s: %s.%s is %q, another engine finds %q", r.file, r.typ, p.Code, ours, want)
				}
			}
		}
	}
	if compared < 5000 {
		t.Errorf("only %d values compared", compared)
	}
}

var (
	asOperator       = regexp.MustCompile(`\(([^()|]+) as (\w+)\)`)
	hasExtensionCall = regexp.MustCompile(`hasExtension\(([^)]*)\)`)
	resolvesTo       = regexp.MustCompile(`resolve\(\) is (\w+)`)
)

// filtering writes "as" as ofType: R4's parameters apply it to collections,
// which the other engine refuses. It does not know hasExtension, and would ask a
// server what a reference resolves to.
func filtering(expression string) string {
	expression = hasExtensionCall.ReplaceAllString(expression, "extension($1).exists()")
	expression = resolvesTo.ReplaceAllString(expression, "reference.startsWith('$1/')")
	return strings.ReplaceAll(asOperator.ReplaceAllString(expression, "$1.ofType($2)"), ".as(", ".ofType(")
}

// plain tells that the parameter has places of its own.
func (p *Param) plain() bool {
	return p.Expression != "" && p.Alias == nil &&
		!slices.ContainsFunc(Base().types[p.Type].plan().slow, func(s slow) bool { return s.param == p })
}

// answers runs the other engine: by file and code, the values it finds.
func answers(t *testing.T, q question) map[string][]string {
	t.Helper()
	in, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", filepath.Join("testdata", "oracle.mjs"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var f finding
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatal(err)
		}
		found[filepath.Base(f.File)+" "+f.Code] = canonical(f.Values)
	}
	return found
}

func valuesOf(p *Param, root tree.Value) []string {
	var values []any
	seen := map[string]bool{}
	for _, place := range Places(p, root) {
		if seen[place.Value.Expression()] {
			continue
		}
		seen[place.Value.Expression()] = true
		var v any
		if json.Unmarshal(place.Value.Raw(), &v) == nil {
			values = append(values, v)
		}
	}
	return canonical(values)
}

// canonical writes values in one way, sorted: what matters is which there are.
// The other engine normalizes neither dates nor decimals, but for zeros at the end.
func canonical(values []any) []string {
	var texts []string
	for _, v := range values {
		text, _ := json.Marshal(v)
		texts = append(texts, string(text))
	}
	slices.Sort(texts)
	return texts
}
