package terminology_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/terminology"
)

// world is a random terminology: three code systems, and value sets that draw on
// them and on each other.
type world struct {
	*memory
	random *rand.Rand
	codes  map[string][]string // by system
}

func newWorld(t testing.TB, seed uint64) *world {
	w := &world{newMemory(), rand.New(rand.NewPCG(seed, 1)), map[string][]string{}}
	for i := range 3 {
		w.system(t, fmt.Sprint("urn:s", i))
	}
	for i := range 8 {
		w.add(t, []byte(w.valueSet(i)))
	}
	return w
}

// system has a hierarchy by nesting and by properties, in which there may be circles.
func (w *world) system(t testing.TB, url string) {
	n := 3 + w.random.IntN(9)
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint("c", i))
	}
	w.codes[url] = list
	var concepts, below []string // below: what stands under the last of the concepts
	for i, code := range list {
		var properties []string
		for range w.random.IntN(3) {
			properties = append(properties, fmt.Sprintf(`{"code":"parent","valueCode":%q}`, list[w.random.IntN(n)]))
		}
		if w.random.IntN(4) == 0 {
			properties = append(properties, `{"code":"inactive","valueBoolean":true}`)
		}
		if w.random.IntN(2) == 0 {
			properties = append(properties, fmt.Sprintf(`{"code":"p","valueString":"%d"}`, i%3))
		}
		concept := fmt.Sprintf(`{"code":%q,"display":"Code %d","property":[%s]`, code, i, strings.Join(properties, ","))
		if i > 0 && w.random.IntN(3) == 0 {
			below = append(below, concept+"}")
			continue
		}
		if i > 0 {
			concepts[len(concepts)-1] += `,"concept":[` + strings.Join(below, ",") + "]}"
		}
		concepts, below = append(concepts, concept), nil
	}
	concepts[len(concepts)-1] += `,"concept":[` + strings.Join(below, ",") + "]}"
	content := "complete"
	if w.random.IntN(8) == 0 {
		content = "fragment"
	}
	w.add(t, fmt.Appendf(nil, `{"resourceType":"CodeSystem","url":%q,"content":%q,"caseSensitive":true,"property":[{"code":"p","type":"string"}],"concept":[%s]}`,
		url, content, strings.Join(concepts, ",")))
}

var operations = []string{"=", "is-a", "descendent-of", "is-not-a", "generalizes", "in", "not-in", "regex"}

func (w *world) part(i int) string {
	url := fmt.Sprint("urn:s", w.random.IntN(3))
	any := func() string { return w.codes[url][w.random.IntN(len(w.codes[url]))] }
	part := fmt.Sprintf(`"system":%q`, url)
	switch w.random.IntN(5) {
	case 0:
		part += fmt.Sprintf(`,"concept":[{"code":%q},{"code":%q,"display":"Another"}]`, any(), any())
	case 1:
		part += fmt.Sprintf(`,"filter":[{"property":"concept","op":%q,"value":%q}]`, operations[w.random.IntN(len(operations))], any())
	case 2:
		part += fmt.Sprintf(`,"filter":[{"property":"p","op":"=","value":"%d"},{"property":"concept","op":"is-not-a","value":%q}]`, w.random.IntN(3), any())
	case 3:
		part += fmt.Sprintf(`,"filter":[{"property":"p","op":"exists","value":"%t"}]`, w.random.IntN(2) == 0)
	}
	if i > 0 && w.random.IntN(3) == 0 {
		sets := fmt.Sprintf(`"valueSet":["urn:v%d","urn:v%d"]`, w.random.IntN(i), w.random.IntN(i))
		if w.random.IntN(2) == 0 {
			return "{" + sets + "}"
		}
		part += "," + sets
	}
	return "{" + part + "}"
}

// valueSet i draws in only those before it, as a rule.
func (w *world) valueSet(i int) string {
	parts := func(n int) string {
		var list []string
		for range n {
			list = append(list, w.part(i))
		}
		return strings.Join(list, ",")
	}
	compose := `"include":[` + parts(1+w.random.IntN(2)) + "]"
	if w.random.IntN(2) == 0 {
		compose += `,"exclude":[` + parts(1) + "]"
	}
	if w.random.IntN(5) == 0 {
		compose += `,"inactive":false`
	}
	return fmt.Sprintf(`{"resourceType":"ValueSet","url":"urn:v%d","compose":{%s}}`, i, compose)
}

func keys(entries []terminology.Entry) (list []string) {
	for _, e := range entries {
		list = append(list, e.System+"|"+e.Code)
		list = append(list, keys(e.Contains)...)
	}
	return list
}

// An expansion holds exactly the codes that are valid; its pages, its hierarchy and
// the list for searches are the same codes.
func TestExpansionAndValidationAgree(t *testing.T) {
	ctx, worked := context.Background(), 0
	for seed := range uint64(400) {
		w := newWorld(t, seed)
		service := &terminology.Service{From: w}
		for i := range 8 {
			url := fmt.Sprint("urn:v", i)
			v := w.sets[url]
			expanded, err := service.Expand(ctx, v, terminology.Expansion{Count: -1})
			if err != nil {
				continue
			}
			worked++
			in := keys(expanded.Entries)
			if len(in) != expanded.Total || len(in) != len(slices.Compact(slices.Sorted(slices.Values(in)))) {
				t.Fatalf("seed %d, %s: %v", seed, url, in)
			}
			for system, codes := range w.codes {
				for _, code := range append(codes, "none") {
					member, known, err := service.Member(ctx, url, terminology.Coding{System: system, Code: code})
					if err != nil || !known || member != slices.Contains(in, system+"|"+code) {
						t.Fatalf("seed %d, %s, %s|%s: %v, %v, %v; the expansion is %v", seed, url, system, code, member, known, err, in)
					}
				}
			}
			checkPages(t, service, v, in)
			checkCodes(t, service, url, w, in)
		}
	}
	if worked < 1500 {
		t.Errorf("only %d value sets could be worked out", worked)
	}
}

func checkPages(t *testing.T, service *terminology.Service, v *terminology.ValueSet, all []string) {
	t.Helper()
	var paged []string
	for at := 0; at == 0 || at < len(all); at += 2 {
		page, err := service.Expand(context.Background(), v, terminology.Expansion{Offset: at, Count: 2})
		if err != nil || page.Total != len(all) {
			t.Fatalf("%s from %d: %v", v.URL, at, err)
		}
		paged = append(paged, keys(page.Entries)...)
	}
	if !slices.Equal(paged, all) {
		t.Fatalf("%s: pages %v, at once %v", v.URL, paged, all)
	}
	nested, err := service.Expand(context.Background(), v, terminology.Expansion{Count: -1, Nested: true})
	tree := keys(nested.Entries)
	slices.Sort(tree)
	if err != nil || !slices.Equal(tree, slices.Sorted(slices.Values(all))) {
		t.Fatalf("%s: nested %v, flat %v, %v", v.URL, tree, all, err)
	}
}

// checkCodes: a system stands for all of its codes there.
func checkCodes(t *testing.T, service *terminology.Service, url string, w *world, all []string) {
	t.Helper()
	codes, ok, err := service.Codes(context.Background(), url, 1000)
	if err != nil || !ok {
		t.Fatalf("%s: %v, %v", url, ok, err)
	}
	var list []string
	for _, c := range codes {
		if c.Code != "" {
			list = append(list, c.System+"|"+c.Code)
			continue
		}
		for _, code := range w.codes[c.System] {
			list = append(list, c.System+"|"+code)
		}
	}
	slices.Sort(list)
	if list = slices.Compact(list); !slices.Equal(list, slices.Sorted(slices.Values(all))) {
		t.Fatalf("%s: for a search %v, expanded %v", url, list, all)
	}
}

// What is excluded is not in the expansion.
func TestNothingExcludedIsIn(t *testing.T) {
	ctx, both := context.Background(), 0
	for seed := range uint64(400) {
		w := newWorld(t, seed)
		service := &terminology.Service{From: w}
		include, exclude := w.part(8), w.part(8)
		w.add(t, []byte(`{"resourceType":"ValueSet","url":"urn:with","compose":{"include":[`+include+`],"exclude":[`+exclude+`]}}`))
		w.add(t, []byte(`{"resourceType":"ValueSet","url":"urn:out","compose":{"include":[`+exclude+`]}}`))
		left, err := service.Expand(ctx, w.sets["urn:with"], terminology.Expansion{Count: -1})
		out, fault := service.Expand(ctx, w.sets["urn:out"], terminology.Expansion{Count: -1})
		if err != nil || fault != nil {
			continue
		}
		both++
		gone := keys(out.Entries)
		for _, key := range keys(left.Entries) {
			if slices.Contains(gone, key) {
				t.Fatalf("seed %d: %s is excluded by %s", seed, key, exclude)
			}
		}
	}
	if both < 200 {
		t.Errorf("only %d could be compared", both)
	}
}

// Subsumption is a partial order of what is equivalent.
func TestSubsumptionIsAnOrder(t *testing.T) {
	opposite := map[terminology.Outcome]terminology.Outcome{
		terminology.Equivalent: terminology.Equivalent, terminology.NotSubsumed: terminology.NotSubsumed,
		terminology.SubsumesB: terminology.SubsumedByB, terminology.SubsumedByB: terminology.SubsumesB,
	}
	for seed := range uint64(100) {
		w := newWorld(t, seed)
		for url, codes := range w.codes {
			s := w.systems[url]
			is := func(a, b string) terminology.Outcome {
				outcome, err := s.Subsumes(a, b)
				if err != nil {
					t.Fatal(err)
				}
				return outcome
			}
			over := func(a, b string) bool {
				o := is(a, b)
				return o == terminology.SubsumesB || o == terminology.Equivalent
			}
			for _, a := range codes {
				if is(a, a) != terminology.Equivalent {
					t.Fatalf("seed %d: %s is not itself", seed, a)
				}
				for _, b := range codes {
					if is(a, b) != opposite[is(b, a)] {
						t.Fatalf("seed %d: %s and %s: %s and %s", seed, a, b, is(a, b), is(b, a))
					}
					for _, c := range codes {
						if over(a, b) && over(b, c) && !over(a, c) {
							t.Fatalf("seed %d: %s over %s over %s", seed, a, b, c)
						}
					}
				}
			}
		}
	}
}
