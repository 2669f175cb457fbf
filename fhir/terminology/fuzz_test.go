package terminology_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tributary/fhir/terminology"
	"tributary/fhir/tree"
)

// FuzzValueSet holds that no value set breaks the compiler or costs without bound, and
// that what it lists is what it holds valid.
func FuzzValueSet(f *testing.F) {
	for _, seed := range []string{
		`{"compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender"}]}}`,
		`{"url":"urn:x","compose":{"include":[{"valueSet":["urn:x"]}]}}`,
		`{"compose":{"inactive":false,"include":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActMood","filter":[{"property":"concept","op":"is-a","value":"INT"}]}],"exclude":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActMood","concept":[{"code":"PRMS"}]}]}}`,
		`{"compose":{"include":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActMood","filter":[{"property":"code","op":"regex","value":"[A-C].*"}],"valueSet":["http://terminology.hl7.org/ValueSet/v3-ActMood"]}]}}`,
		`{"expansion":{"total":"x","contains":[{"code":"a","contains":[{"system":"s","code":"b"},7]},null]}}`,
		`{"compose":{"include":[{"system":"s","version":"1","concept":[{"code":"a"},{"code":"a","display":"b"},{}]}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		root, err := tree.Parse(source)
		if err != nil {
			return
		}
		m := newMemory()
		v := terminology.CompileValueSet(root)
		m.sets[v.URL] = v
		service := &terminology.Service{From: m, Limits: terminology.Limits{Scan: 50_000}}
		expanded, err := service.Expand(context.Background(), v, terminology.Expansion{Count: -1, Nested: true})
		var fault *terminology.Fault
		if errors.As(err, &fault) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range keys(expanded.Entries)[:min(20, len(expanded.Entries))] {
			system, code, _ := strings.Cut(key, "|")
			found, err := service.ValidateCode(context.Background(), v, []terminology.Coding{{System: system, Code: code}})
			if system != "" && code != "" && (err != nil || !found.Result) {
				t.Fatalf("%q is listed, and %+v, %v", key, found, err)
			}
		}
	})
}

// FuzzCodeSystem holds that no code system breaks the compiler, and that each of its
// codes can be looked up and compared.
func FuzzCodeSystem(f *testing.F) {
	for _, seed := range []string{
		`{"url":"u","concept":[{"code":"a","concept":[{"code":"b","property":[{"code":"parent","valueCode":"b"},{"code":"child","valueCode":"a"}]}]}]}`,
		`{"content":"complete","caseSensitive":true,"concept":[{"code":"a"},{"code":"A"},{"code":"a","concept":[{"code":"c"}]}]}`,
		`{"hierarchyMeaning":"part-of","property":[{"code":"x","uri":"#parent"},7],"concept":[{"code":"a","property":[{"code":"x","valueCoding":{}}]},null]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		root, err := tree.Parse(source)
		if err != nil {
			return
		}
		s := terminology.CompileCodeSystem(root)
		for _, code := range s.Codes()[:min(10, s.Len())] {
			if _, err := s.Lookup(code, nil, "de"); err != nil {
				t.Fatal(err)
			}
			if outcome, err := s.Subsumes(code, code); err != nil || outcome != terminology.Equivalent {
				t.Fatalf("%s: %s, %v", code, outcome, err)
			}
		}
		s.With(s)
	})
}
