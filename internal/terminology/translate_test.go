package terminology_test

import (
	"fmt"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const pets = `{"resourceType":"ConceptMap","id":"pets","url":"http://example.org/cm/pets","version":"2","status":"active",
	"sourceUri":"http://example.org/vs/dogs","targetCanonical":"http://example.org/vs/sounds",
	"group":[{"source":"http://example.org/animals","target":"http://example.org/sounds","element":[
		{"code":"dog","target":[{"code":"woof","display":"Woof","equivalence":"wider"}]},
		{"code":"bird","target":[{"equivalence":"unmatched"}]},
		{"code":"poodle","target":[{"code":"yap","equivalence":"equal","dependsOn":[{"property":"urn:size","system":"urn:sizes","value":"toy"}],
			"product":[{"property":"urn:pitch","system":"urn:pitches","value":"high","display":"High"}]}]}]}]}`

// found are the matches: equivalence and code.
func (r reply) found() string {
	r.t.Helper()
	var list []string
	for p := range r.root().Get("parameter").Elements() {
		if p.Get("name").Text() == "match" {
			parts := map[string]tree.Value{}
			for part := range p.Get("part").Elements() {
				parts[part.Get("name").Text()] = part
			}
			list = append(list, fmt.Sprint(parts["equivalence"].Get("valueCode").Text(), ":", parts["concept"].At("valueCoding", "code").Text()))
		}
	}
	return r.parameter("result") + " " + strings.Join(list, " ")
}

func TestTranslate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		s.put(pets)
		const dog = "system=http://example.org/animals&code=dog"
		for query, want := range map[string]string{
			"/ConceptMap/pets/$translate?" + dog:                                                                      "true wider:woof",
			"/ConceptMap/$translate?url=http://example.org/cm/pets&" + dog:                                            "true wider:woof",
			"/ConceptMap/$translate?url=http://example.org/cm/pets&conceptMapVersion=2&" + dog:                        "true wider:woof",
			"/ConceptMap/$translate?" + dog:                                                                           "true wider:woof",
			"/ConceptMap/$translate?targetsystem=http://example.org/sounds&" + dog:                                    "true wider:woof",
			"/ConceptMap/$translate?targetsystem=http://example.org/others&" + dog:                                    "false ",
			"/ConceptMap/$translate?source=http://example.org/vs/dogs&target=http://example.org/vs/sounds&" + dog:     "true wider:woof",
			"/ConceptMap/$translate?source=http://example.org/vs/none&" + dog:                                         "false ",
			"/ConceptMap/pets/$translate?system=http://example.org/animals&code=bird":                                 "false unmatched:",
			"/ConceptMap/pets/$translate?system=http://example.org/animals&code=poodle":                               "false ",
			"/ConceptMap/pets/$translate?system=http://example.org/sounds&code=woof&reverse=true":                     "true narrower:dog",
			"/ConceptMap/$translate?system=http://example.org/sounds&code=woof&reverse=true":                          "true narrower:dog",
			"/ConceptMap/$translate?system=http://example.org/sounds&code=woof&reverse=true&target=http://a.org/none": "false ",
		} {
			if got := s.call("all", "GET "+query, "").is(200).found(); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		given := func(parameters string) string {
			return `{"resourceType":"Parameters","parameter":[` + parameters + `]}`
		}
		concept := `{"name":"codeableConcept","valueCodeableConcept":{"coding":[{"system":"urn:x","code":"y"},{"system":"http://example.org/animals","code":"poodle"}]}}`
		toy := `,{"name":"dependency","part":[{"name":"element","valueUri":"urn:size"},{"name":"concept","valueCodeableConcept":{"coding":[{"system":"urn:sizes","code":"toy"}]}}]}`
		r := s.call("all", "POST /ConceptMap/$translate", given(concept+toy)).is(200)
		if r.found() != "true equal:yap" || !strings.Contains(string(r.body), `{"name":"product","part":[{"name":"element","valueUri":"urn:pitch"},{"name":"concept","valueCoding":{"system":"urn:pitches","code":"high","display":"High"}}]}`) ||
			!strings.Contains(string(r.body), `{"name":"source","valueUri":"http://example.org/cm/pets|2"}`) {
			t.Errorf("%s", r.body)
		}
		sent := strings.Replace(strings.Replace(pets, "woof", "wuff", 1), "cm/pets", "cm/sent", 1)
		if got := s.call("all", "POST /ConceptMap/$translate?"+dog, given(`{"name":"conceptMap","resource":`+sent+`}`)).is(200).found(); got != "true wider:wuff" {
			t.Errorf("a map that is sent along: %s", got)
		}
		for query, status := range map[string]int{
			"/ConceptMap/$translate?code=dog": 400, "/ConceptMap/$translate?url=http://example.org/cm/none&" + dog: 404, "/ConceptMap/none/$translate?" + dog: 404,
			"/ConceptMap/pets/$translate": 400, "/ConceptMap/pets/$translate?reverse=yes&" + dog: 400, "/ConceptMap/pets/$translate?foo=1&" + dog: 400,
		} {
			s.call("all", "GET "+query, "").is(status)
		}
	})
}

// The CapabilityStatement names the operations.
func TestAnnounced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		body := string(start(t, db).call("all", "GET /metadata", "").is(200).body)
		for _, name := range []string{"ValueSet-expand", "ValueSet-validate-code", "CodeSystem-validate-code", "CodeSystem-lookup", "CodeSystem-subsumes", "ConceptMap-translate"} {
			if !strings.Contains(body, "http://hl7.org/fhir/OperationDefinition/"+name+`"`) {
				t.Errorf("without %s", name)
			}
		}
		r := start(t, db).call("nobody", "GET /metadata?mode=terminology", "").is(200) // open to everybody
		if _, err := fhir.Parse(r.body); err != nil {
			t.Errorf("the TerminologyCapabilities: %v", err)
		}
		if root := r.root(); root.Get("resourceType").Text() != "TerminologyCapabilities" || root.Get("codeSystem").Len() < 1000 ||
			!strings.Contains(string(r.body), `{"uri":"http://hl7.org/fhir/observation-status","version":[{"code":"4.0.1","isDefault":true}],"subsumption":true}`) {
			t.Errorf("%.1000s", r.body)
		}
	})
}
