package terminology_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/terminology"
)

func mapOf(id, unmapped string) []byte {
	return []byte(`{"resourceType":"ConceptMap","url":"urn:m:` + id + `","sourceUri":"urn:vs:a","targetUri":"urn:vs:b","group":[{"source":"urn:a","target":"urn:b","element":[
		{"code":"one","target":[{"code":"1","display":"One","equivalence":"equivalent"}]},
		{"code":"some","target":[{"code":"2","equivalence":"wider"},{"code":"3","equivalence":"narrower"}]},
		{"code":"none","target":[{"equivalence":"unmatched"}]},
		{"code":"silent"},
		{"code":"when","target":[
			{"code":"4","equivalence":"equal","dependsOn":[{"property":"urn:sex","system":"urn:s","value":"f"}]},
			{"code":"5","equivalence":"equal","dependsOn":[{"property":"urn:sex","value":"m"}],"product":[{"property":"urn:side","system":"urn:sides","value":"left","display":"Left"}]}]}
	]` + unmapped + `},{"source":"urn:a","target":"urn:c","element":[{"code":"one","target":[{"code":"I","equivalence":"equal"}]}]}]}`)
}

func TestTranslate(t *testing.T) {
	m := newMemory()
	m.add(t, mapOf("plain", ""))
	m.add(t, mapOf("provided", `,"unmapped":{"mode":"provided"}`))
	m.add(t, mapOf("fixed", `,"unmapped":{"mode":"fixed","code":"9","display":"Nine"}`))
	m.add(t, mapOf("other", `,"unmapped":{"mode":"other-map","url":"urn:m:fixed"}`))
	m.add(t, mapOf("lost", `,"unmapped":{"mode":"other-map","url":"urn:m:nowhere"}`))
	m.add(t, mapOf("round", `,"unmapped":{"mode":"other-map","url":"urn:m:round"}`))
	service := &terminology.Service{From: m}
	ask := func(id string, q terminology.Translation) (string, error) {
		out, err := service.Translate(context.Background(), []*terminology.ConceptMap{m.maps["urn:m:"+id]}, q)
		var list []string
		for _, one := range out.Matches {
			text := one.Equivalence + ":" + one.Concept.System + "|" + one.Concept.Code
			for _, p := range one.Products {
				text += "+" + p.Property + "=" + p.Value
			}
			list = append(list, text)
		}
		return fmt.Sprint(out.Found, " ", strings.Join(list, " ")), err
	}
	code := func(system, code string) []terminology.Coding {
		return []terminology.Coding{{System: system, Code: code}}
	}
	for _, c := range []struct {
		id   string
		q    terminology.Translation
		want string
	}{
		{"plain", terminology.Translation{Codings: code("urn:a", "one")}, "true equivalent:urn:b|1 equal:urn:c|I"},
		{"plain", terminology.Translation{Codings: code("", "one"), TargetSystem: "urn:c"}, "true equal:urn:c|I"},
		{"plain", terminology.Translation{Codings: code("urn:a", "some")}, "true wider:urn:b|2 narrower:urn:b|3"},
		{"plain", terminology.Translation{Codings: code("urn:a", "none")}, "false unmatched:urn:b|"},
		{"fixed", terminology.Translation{Codings: code("urn:a", "silent")}, "false "},
		{"plain", terminology.Translation{Codings: code("urn:a", "other")}, "false "},
		{"plain", terminology.Translation{Codings: code("urn:b", "one")}, "false "},
		{"plain", terminology.Translation{Codings: code("urn:a", "when")}, "false "},
		{"plain", terminology.Translation{Codings: code("urn:a", "when"), Depends: []terminology.Dependency{{Property: "urn:sex", System: "urn:s", Value: "f"}}}, "true equal:urn:b|4"},
		{"plain", terminology.Translation{Codings: code("urn:a", "when"), Depends: []terminology.Dependency{{Property: "urn:sex", Value: "m"}}}, "true equal:urn:b|5+urn:side=left"},
		{"provided", terminology.Translation{Codings: code("urn:a", "x"), TargetSystem: "urn:b"}, "true equal:urn:b|x"},
		{"fixed", terminology.Translation{Codings: code("urn:a", "x"), TargetSystem: "urn:b"}, "true inexact:urn:b|9"},
		{"other", terminology.Translation{Codings: code("urn:a", "x")}, "true inexact:urn:b|9"},
		{"plain", terminology.Translation{Codings: code("urn:b", "2"), Reverse: true}, "true narrower:urn:a|some"},
		{"plain", terminology.Translation{Codings: code("urn:b", "3"), Reverse: true}, "true wider:urn:a|some"},
		{"plain", terminology.Translation{Codings: code("urn:a", "one"), Reverse: true}, "false "},
	} {
		got, err := ask(c.id, c.q)
		if err != nil || got != c.want {
			t.Errorf("%s %+v: %s, %v; want %s", c.id, c.q, got, err, c.want)
		}
	}
	for _, id := range []string{"lost", "round"} {
		if _, err := ask(id, terminology.Translation{Codings: code("urn:a", "x")}); err == nil {
			t.Errorf("%s: no fault", id)
		}
	}
	if m := m.maps["urn:m:plain"]; !m.Concerns("urn:vs:b") || !m.Concerns("urn:c") || m.Concerns("urn:a") {
		t.Error("the targets of a map are not told")
	}
}

// What a map says in one direction, it says in the other.
func TestTranslationTurnsRound(t *testing.T) {
	service := &terminology.Service{From: newMemory()}
	eachResource(t, "ConceptMap", func(name string, m *memory) {
		for _, one := range m.maps {
			for _, c := range one.Sources() {
				there, err := service.Translate(context.Background(), []*terminology.ConceptMap{one}, terminology.Translation{Codings: []terminology.Coding{c}})
				if err != nil && !strings.Contains(err.Error(), "not known") {
					t.Fatalf("%s: %v", name, err)
				}
				for _, match := range there.Matches {
					if match.Concept.Code == "" || match.Equivalence == "inexact" {
						continue
					}
					back, err := service.Translate(context.Background(), []*terminology.ConceptMap{one}, terminology.Translation{Codings: []terminology.Coding{match.Concept}, Reverse: true})
					if err != nil || !slices.ContainsFunc(back.Matches, func(m terminology.Match) bool { return m.Concept.Code == c.Code }) {
						t.Errorf("%s: %v leads to %v, and that to %v, %v", name, c, match, back.Matches, err)
					}
				}
			}
		}
	})
}
