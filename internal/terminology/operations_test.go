package terminology_test

import (
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// animals is a small code system with all that matters: a hierarchy by nesting and by
// properties, an abstract and an inactive code, designations.
const animals = `{"resourceType":"CodeSystem","id":"animals","url":"http://example.org/animals","version":"1","name":"Animals","status":"active",
	"content":"complete","caseSensitive":true,"hierarchyMeaning":"is-a",
	"property":[{"code":"legs","type":"integer"},{"code":"subsumedBy","type":"code","uri":"http://hl7.org/fhir/concept-properties#parent"},
		{"code":"inactive","type":"boolean","uri":"http://hl7.org/fhir/concept-properties#inactive"},{"code":"notSelectable","type":"boolean"},
		{"code":"kept","type":"Coding"}],
	"concept":[
		{"code":"animal","display":"Animal","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
			{"code":"dog","display":"Dog","definition":"A domestic canine","property":[{"code":"legs","valueInteger":4},
				{"code":"kept","valueCoding":{"system":"http://example.org/places","code":"home"}}],
				"designation":[{"language":"de","value":"Hund"},{"use":{"system":"http://example.org/use","code":"latin"},"value":"Canis \"familiaris\""}],
				"concept":[{"code":"poodle","display":"Poodle","property":[{"code":"legs","valueInteger":4}]}]},
			{"code":"bird","display":"Bird","property":[{"code":"legs","valueInteger":2}]}]},
		{"code":"dodo","display":"Dodo","property":[{"code":"subsumedBy","valueCode":"bird"},{"code":"inactive","valueBoolean":true},{"code":"legs","valueInteger":2}]},
		{"code":"Stone","display":"Stone"}]}`

func valueSet(id, rest string) string {
	return `{"resourceType":"ValueSet","id":"` + id + `","url":"http://example.org/vs/` + id + `","version":"1","name":"V","status":"active",` + rest + `}`
}

func include(parts string) string { return `"compose":{"include":[` + parts + `]}` }

func from(rest string) string { return `{"system":"http://example.org/animals"` + rest + `}` }

func filter(property, op, value string) string {
	return from(`,"filter":[{"property":"` + property + `","op":"` + op + `","value":"` + value + `"}]`)
}

// zoo stores the system and value sets over it.
func zoo(t testing.TB, db store.Store) *site {
	s := start(t, db)
	s.put(animals)
	for id, rest := range map[string]string{
		"open":    include(from("")),
		"dogs":    include(filter("concept", "is-a", "dog")),
		"below":   include(filter("concept", "descendent-of", "animal")),
		"not":     include(filter("concept", "is-not-a", "animal")),
		"over":    include(filter("concept", "generalizes", "poodle")),
		"two":     include(filter("legs", "=", "2")),
		"among":   include(filter("code", "in", "dog, bird,none")),
		"notin":   include(filter("code", "not-in", "dog,bird")),
		"legged":  include(filter("legs", "exists", "true")),
		"legless": include(filter("legs", "exists", "false")),
		"regex":   include(filter("code", "regex", "do.*")),
		"both":    include(`{"valueSet":["http://example.org/vs/below","http://example.org/vs/two"]}`),
		"within":  include(from(`,"concept":[{"code":"dog"},{"code":"Stone","display":"Rock"}],"valueSet":["http://example.org/vs/below"]`)),
		"less":    `"compose":{"include":[` + from("") + `],"exclude":[{"valueSet":["http://example.org/vs/dogs"]},` + from(`,"concept":[{"code":"Stone"}]`) + `]}`,
		"active":  `"compose":{"inactive":false,"include":[` + filter("legs", "=", "2") + `]}`,
		"round":   include(`{"valueSet":["http://example.org/vs/circle"]}`),
		"circle":  include(`{"valueSet":["http://example.org/vs/round"]}`),
		"closed":  include(`{"system":"http://example.org/unknown"}`),
		"listed":  include(`{"system":"http://example.org/unknown","concept":[{"code":"a","display":"A"}]}`),
		"kept":    include(`{"system":"http://example.org/unknown"}`) + `,"expansion":{"timestamp":"2020-01-01","contains":[{"system":"http://example.org/unknown","code":"k","display":"K"}]}`,
		"broken":  include(filter("code", "regex", "(")),
		"strange": include(filter("wings", "=", "2")),
	} {
		s.put(valueSet(id, rest))
	}
	return s
}

func TestExpand(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		for id, want := range map[string]string{
			"open": "animal dog poodle bird dodo Stone", "dogs": "dog poodle", "below": "dog poodle bird dodo", "not": "Stone",
			"over": "animal dog poodle", "two": "bird dodo", "among": "dog bird", "notin": "animal poodle dodo Stone",
			"legged": "dog poodle bird dodo", "legless": "animal Stone", "regex": "dog dodo", "both": "bird dodo", "within": "dog",
			"less": "animal bird dodo", "active": "bird", "listed": "a", "kept": "k",
			"open&activeOnly=true": "animal dog poodle bird Stone", "open&excludeNotForUI=true": "dog poodle bird dodo Stone",
			"open&filter=do": "dog dodo", "open&filter=hund": "dog", "open&count=2&offset=1": "dog poodle", "open&count=0": "",
			"open&offset=4": "dodo Stone", "open&offset=40": "", "open&exclude-system=http://example.org/animals": "", "open&exclude-system=http://example.org/animals%7C1": "", "open&exclude-system=http://example.org/animals%7C2&count=1": "animal",
			"open&excludeNested=false": "animal .dog ..poodle .bird ..dodo Stone", "open&system-version=http://example.org/animals%7C1&count=1": "animal",
		} {
			r := s.call("all", "GET /ValueSet/$expand?url=http://example.org/vs/"+id, "").is(200)
			if got := r.codes(); got != want {
				t.Errorf("%s: %s, want %s", id, got, want)
			}
		}
		r := s.call("all", "GET /ValueSet/open/$expand?count=2&includeDesignations=true&displayLanguage=de-AT", "").is(200)
		if root := r.root(); root.At("expansion", "total").Text() != "6" || root.Get("status").Text() != "active" ||
			root.At("expansion", "timestamp").Text() != "2026-05-06T07:08:09Z" ||
			root.At("expansion", "contains").Index(1).Get("display").Text() != "Hund" || root.At("expansion", "contains").Index(1).Get("designation").Len() != 2 {
			t.Errorf("%s", r.body)
		}
		for id, status := range map[string]int{
			"?url=http://example.org/vs/closed": 404, "?url=http://example.org/vs/round": 422, "?url=http://example.org/vs/none": 404, "": 400,
			"?url=http://example.org/vs/open%7C2": 404, "?url=http://example.org/vs/open&count=-1": 400, "?url=http://example.org/vs/open&offset=x": 400,
			"?url=http://example.org/vs/open&activeOnly=1": 400, "?url=http://example.org/vs/open&typo=1": 400,
			"?url=http://example.org/vs/broken": 422, "?url=http://example.org/vs/strange": 422, "?url=http://hl7.org/fhir/ValueSet/all-languages": 422,
			"?url=http://example.org/vs/open&check-system-version=http://example.org/animals%7C3": 400,
			"?url=http://example.org/vs/open&force-system-version=http://example.org/animals%7C3": 404,
		} {
			r := s.call("all", "GET /ValueSet/$expand"+id, "").is(status)
			if r.root().Get("resourceType").Text() != "OperationOutcome" {
				t.Errorf("%s: %s", id, r.body)
			}
		}
		sent := valueSet("sent", include(filter("concept", "is-a", "bird")))
		for _, body := range []string{sent, `{"resourceType":"Parameters","parameter":[{"name":"valueSet","resource":` + sent + `},{"name":"includeDefinition","valueBoolean":true}]}`} {
			if got := s.call("all", "POST /ValueSet/$expand", body).is(200).codes(); got != "bird dodo" {
				t.Errorf("a value set that is sent along: %s", got)
			}
		}
		if got := s.call("all", "GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "").is(200).codes(); got != "male female other unknown" {
			t.Errorf("R4's own: %s", got)
		}
	})
}

func TestValidateCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		coding := `{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://example.org/vs/dogs"},{"name":"%","value!":*}]}`
		one := func(name, typ, value string) string {
			return strings.NewReplacer("%", name, "!", typ, "*", value).Replace(coding)
		}
		for _, c := range []struct{ line, body, result, display, message string }{
			{"GET /ValueSet/$validate-code?url=http://example.org/vs/dogs&system=http://example.org/animals&code=poodle", "", "true", "Poodle", ""},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/animals&code=poodle&display=poodle", "", "true", "Poodle", ""},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/animals&code=dog&display=Hund", "", "true", "Dog", ""},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/animals&code=dog&display=Cat", "", "false", "Dog", "display"},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/animals&code=dog&displayLanguage=de", "", "true", "Hund", ""},
			{"GET /ValueSet/dogs/$validate-code?code=dog", "", "true", "Dog", ""},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/animals&code=bird", "", "false", "", "not in the value set"},
			{"GET /ValueSet/dogs/$validate-code?system=http://example.org/other&code=dog", "", "false", "", "not in the value set"},
			{"GET /ValueSet/closed/$validate-code?system=http://example.org/unknown&code=dog", "", "false", "", "cannot be told"},
			{"GET /ValueSet/kept/$validate-code?system=http://example.org/unknown&code=k", "", "true", "K", ""},
			{"GET /ValueSet/kept/$validate-code?system=http://example.org/unknown&code=q", "", "false", "", "not in the value set"},
			{"GET /ValueSet/open/$validate-code?system=http://example.org/animals&code=animal", "", "true", "Animal", ""},
			{"GET /ValueSet/open/$validate-code?system=http://example.org/animals&code=animal&abstract=false", "", "false", "Animal", "abstract"},
			{"POST /ValueSet/$validate-code", one("coding", "Coding", `{"system":"http://example.org/animals","code":"dog"}`), "true", "Dog", ""},
			{"POST /ValueSet/$validate-code", one("codeableConcept", "CodeableConcept",
				`{"coding":[{"system":"http://example.org/animals","code":"bird"},{"system":"http://example.org/animals","code":"dog"}]}`), "true", "Dog", ""},
			{"GET /CodeSystem/$validate-code?url=http://example.org/animals&code=dog", "", "true", "Dog", ""},
			{"GET /CodeSystem/$validate-code?url=http://example.org/animals%7C1&code=dog&display=x", "", "false", "Dog", "display"},
			{"GET /CodeSystem/animals/$validate-code?code=Dog", "", "false", "", "not known"},
			{"POST /CodeSystem/$validate-code", `{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://example.org/animals","code":"dog"}}]}`, "true", "Dog", ""},
			{"GET /CodeSystem/$validate-code?url=http://hl7.org/fhir/observation-status&code=final", "", "true", "Final", ""},
		} {
			r := s.call("all", c.line, c.body).is(200)
			if r.parameter("result") != c.result || r.parameter("display") != c.display || !strings.Contains(r.parameter("message"), c.message) || c.message == "" && r.parameter("message") != "" {
				t.Errorf("%s %s: %s", c.line, c.body, r.body)
			}
		}
		for line, status := range map[string]int{
			"GET /ValueSet/$validate-code?url=http://example.org/vs/dogs": 400, "GET /ValueSet/$validate-code?code=dog": 400,
			"GET /ValueSet/$validate-code?url=http://example.org/vs/none&code=dog": 404, "GET /ValueSet/none/$validate-code?code=dog": 404,
			"GET /CodeSystem/$validate-code?url=http://example.org/none&code=dog": 404, "GET /CodeSystem/$validate-code?code=dog": 400,
		} {
			s.call("all", line, "").is(status)
		}
	})
}

func TestLookupAndSubsumes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		r := s.call("all", "GET /CodeSystem/$lookup?system=http://example.org/animals&code=dog", "").is(200)
		for _, want := range []string{`"name":"name","valueString":"Animals"`, `"valueString":"1"`, `"valueString":"Dog"`, `"valueCode":"parent"},{"name":"value","valueCode":"animal"}`,
			`"valueCode":"child"},{"name":"value","valueCode":"poodle"}`, `"valueInteger":4`, `"valueString":"Hund"`, `"valueString":"A domestic canine"`,
			`"valueString":"Canis \"familiaris\""`, `"valueCoding":{"system":"http://example.org/places","code":"home"}`} {
			if !strings.Contains(string(r.body), want) {
				t.Errorf("without %s: %s", want, r.body)
			}
		}
		r = s.call("all", "GET /CodeSystem/$lookup?system=http://example.org/animals&code=dog&property=legs&displayLanguage=de", "").is(200)
		if r.parameter("display") != "Hund" || strings.Contains(string(r.body), "parent") || !strings.Contains(string(r.body), `"valueInteger":4`) {
			t.Errorf("%s", r.body)
		}
		s.put(`{"resourceType":"CodeSystem","id":"more","url":"http://example.org/more","status":"active","content":"supplement","supplements":"http://example.org/animals",
			"concept":[{"code":"dog","designation":[{"language":"fr","value":"Chien"}]},{"code":"cat","display":"Cat"}]}`)
		if got := s.call("all", "GET /CodeSystem/$lookup?system=http://example.org/animals&code=dog&displayLanguage=fr", "").is(200).parameter("display"); got != "Chien" {
			t.Errorf("of a supplement: %s", got)
		}
		s.call("all", "GET /CodeSystem/$lookup?system=http://example.org/animals&code=cat", "").is(404)
		s.call("all", "GET /CodeSystem/$lookup?code=dog", "").is(400)
		s.call("all", "GET /CodeSystem/$lookup?system=http://example.org/none&code=dog", "").is(404)
		for query, want := range map[string]string{
			"codeA=animal&codeB=poodle": "subsumes", "codeA=dodo&codeB=animal": "subsumed-by", "codeA=dog&codeB=dog": "equivalent", "codeA=dog&codeB=bird": "not-subsumed",
		} {
			for _, at := range []string{"/CodeSystem/$subsumes?system=http://example.org/animals&", "/CodeSystem/animals/$subsumes?"} {
				if got := s.call("all", "GET "+at+query, "").is(200).parameter("outcome"); got != want {
					t.Errorf("%s%s: %s", at, query, got)
				}
			}
		}
		body := `{"resourceType":"Parameters","parameter":[{"name":"codingA","valueCoding":{"system":"http://example.org/animals","code":"bird"}},
			{"name":"codingB","valueCoding":{"system":"http://example.org/animals","code":"dodo"}}]}`
		if got := s.call("all", "POST /CodeSystem/$subsumes", body).is(200).parameter("outcome"); got != "subsumes" {
			t.Error(got)
		}
		s.call("all", "GET /CodeSystem/$subsumes?system=http://example.org/animals&codeA=dog", "").is(400)
		s.call("all", "GET /CodeSystem/$subsumes?system=http://example.org/animals&codeA=dog&codeB=cat", "").is(404)
		s.call("all", "POST /CodeSystem/$subsumes", strings.Replace(body, "animals", "other", 1)).is(400)
	})
}
