package fhirserver

import (
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// All kinds of parameters sort, in both directions, missing values last, over pages.
func TestSortByAnyParameter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, body := range []string{
			`{"resourceType":"Patient","id":"a","gender":"male","active":true,"identifier":[{"system":"urn:x","value":"9"},{"value":"2"}],"generalPractitioner":[{"reference":"Practitioner/z"}],"birthDate":"1980"}`,
			`{"resourceType":"Patient","id":"b","gender":"female","active":false,"identifier":[{"value":"5"}],"generalPractitioner":[{"reference":"Organization/y"}],"birthDate":"1970"}`,
			`{"resourceType":"Patient","id":"c","gender":"female","maritalStatus":{"text":"none"},"generalPractitioner":[{"reference":"Practitioner/a"}],"deceasedDateTime":"2020"}`,
			`{"resourceType":"Patient","id":"d"}`,
			`{"resourceType":"Observation","id":"1","status":"final","code":{"coding":[{"code":"b"}]},"subject":{"reference":"Patient/b"}}`,
			`{"resourceType":"Observation","id":"2","status":"final","code":{"coding":[{"code":"a"},{"code":"z"}]},"subject":{"reference":"Group/b"}}`,
			`{"resourceType":"Observation","id":"3","status":"amended","code":{"text":"heart"},"subject":{"reference":"Patient/a"}}`,
		} {
			s.call("all", "PUT /"+between(body, `"resourceType":"`, `"`)+"/"+between(body, `"id":"`, `"`), body).is(201)
		}
		for query, want := range map[string]string{
			"Patient?_sort=gender,_id": "b c a d", "Patient?_sort=-gender,_id": "a b c d", "Patient?_sort=-gender,-_id": "a c b d",
			"Patient?_sort=gender,-birthdate": "b c a d", "Patient?_sort=active": "b a", "Patient?_sort=-active": "a b",
			"Patient?_sort=deceased,_id": "a b d c", "Patient?_sort=-deceased,_id": "c a b d",
			"Patient?_sort=identifier": "a b", "Patient?_sort=-identifier": "a b", "Patient?_sort=general-practitioner": "b c a d",
			"Patient?_sort=-general-practitioner": "a c b d", "Patient?_sort=gender,_lastUpdated": "b c a d",
			"Observation?_sort=code": "2 1 3", "Observation?_sort=-code": "2 3 1", "Observation?_sort=combo-code": "2 1 3",
			"Observation?_sort=subject": "2 3 1", "Observation?_sort=patient": "3 1 2", "Observation?_sort=-patient": "1 3 2", "Observation?_sort=status,code": "3 2 1",
		} {
			var got []string
			for next := "/" + query + "&_count=1&_total=accurate"; next != ""; {
				r := s.call("all", "GET "+next, "").is(200)
				got = append(got, r.ids()...)
				next = r.next()
			}
			if !strings.HasPrefix(strings.Join(got, " "), want) || len(got) != 4 && query[0] == 'P' || len(got) != 3 && query[0] == 'O' {
				t.Errorf("%s: %v, want %s", query, got, want)
			}
		}
		r := s.call("all", "GET /Patient?_sort=gender&_total=accurate&_count=2", "").is(200)
		if total, _ := r.at("total").(float64); total != 4 {
			t.Errorf("total: %s", r.body)
		}
	})
}
