package fhirserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestInValueSets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for id, rest := range map[string]string{
			"listed":   `"compose":{"include":[{"system":"http://loinc.org","concept":[{"code":"1"},{"code":"a,b|c"}]}]}`,
			"system":   `"compose":{"include":[{"system":"http://example.org/s"}]}`,
			"drawn":    `"compose":{"include":[{"valueSet":["http://example.org/vs/listed"]}],"exclude":[{"system":"http://loinc.org","concept":[{"code":"1"}]}]}`,
			"expanded": `"compose":{"include":[{"system":"http://loinc.org","filter":[{"property":"a","op":"=","value":"b"}]}]},"expansion":{"timestamp":"2020-01-01","contains":[{"abstract":true,"code":"9","contains":[{"system":"http://loinc.org","code":"2"}]}]}`,
			"filtered": `"compose":{"include":[{"system":"http://loinc.org","filter":[{"property":"a","op":"=","value":"b"}]}]}`,
			"round":    `"compose":{"include":[{"valueSet":["http://example.org/vs/round"]}]}`,
			"gender":   `"version":"2","compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender","concept":[{"code":"female"}]}]}`,
		} {
			s.call("all", "PUT /ValueSet/"+id, fmt.Sprintf(`{"resourceType":"ValueSet","id":"%s","status":"active","url":"http://example.org/vs/%s",%s}`, id, id, rest)).is(201)
		}
		for id, code := range map[string]string{"x2": `"system":"http://loinc.org","code":"2"`, "xs": `"system":"http://example.org/s","code":"any"`, "xe": `"system":"http://loinc.org","code":"a,b|c"`} {
			s.call("all", "PUT /Observation/"+id, fmt.Sprintf(`{"resourceType":"Observation","id":"%s","status":"final","code":{"coding":[{%s}]}}`, id, code)).is(201)
		}
		s.call("all", "PUT /Patient/f", `{"resourceType":"Patient","id":"f","gender":"female"}`).is(201)
		for query, want := range map[string]string{
			"Observation?code:in=http://example.org/vs/listed":                                "o1 o2 xe",
			"Observation?code:in=http://example.org/vs/system":                                "xs",
			"Observation?code:in=http://example.org/vs/drawn":                                 "xe",
			"Observation?code:in=http://example.org/vs/expanded,http://example.org/vs/system": "x2 xs",
			"Observation?code:not-in=http://example.org/vs/listed":                            "x2 xs",
			"Patient?gender:in=http://example.org/vs/gender|2":                                "f",
			"Patient?_has:Observation:patient:code:in=http://example.org/vs/listed":           "p1 p2",
			"Encounter?_type=Encounter&status:in=http://example.org/vs/gender":                "",
		} {
			if strings.Contains(query, "_type") {
				query = "?" + strings.SplitN(query, "?", 2)[1]
			}
			r := s.call("all", "GET /"+query, "").is(200)
			ids := r.ids()
			slices.Sort(ids)
			if got := strings.Join(ids, " "); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
			if self := r.text("link", 0, "url"); !strings.Contains(self, "vs%2F") {
				t.Errorf("%s: self is %s", query, self)
			}
		}
		for _, query := range []string{"code:in=http://example.org/vs/filtered", "code:in=http://example.org/vs/round", "code:in=http://example.org/vs/none",
			"code:not-in=http://example.org/vs/listed|7", "date:in=http://example.org/vs/listed", "code:in="} {
			s.call("all", "GET /Observation?"+query, "").is(400)
		}
		s.call("narrow", "GET /Observation?code:in=http://example.org/vs/listed", "").is(400) // its token does not reach ValueSets
		if got := s.call("p1", "GET /Observation?code:in=http://example.org/vs/listed", "").is(200).ids(); len(got) != 1 {
			t.Errorf("an app's: %v", got)
		}
	})
}
