package fhirserver

import (
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestExplain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for path, want := range map[string][]string{
			"/$explain?_type=Observation&code=http://loinc.org|1&date=ge2020": {"driven by 1 value(s) in the token index of code", "asks of each: 1 value(s) in the date index", "idx_token", "idx_date"},
			"/Patient/$explain?name=Confidential&_sort=birthdate":             {"sorts by them: birthdate", "idx_string", "idx_date"},
			"/Patient/%24explain?_total=accurate":                             {"walks the listing of Patient", "counts all", "count(*)"},
			"/Observation/$explain?subject:Patient.name=Confidential":         {"whose target Patient [1 value(s) in the string index"},
			"/Patient/$explain?_has:Observation:patient:code=1":               {"turned round: of each Observation"},
			"/$explain?_type=Patient,Observation&_sort=-_lastUpdated":         {"first page of each of 2 types", "Patient: walks", "Observation: walks", "UNION ALL"},
			"/$explain?_type=Patient&_type=Observation&_id=p1&_count=0":       {"Patient: is driven by 1 value(s) in the resource's own _id", "counts all", "count(*)"},
			"/$explain": {"Observation: walks the listing", "UNION ALL"},
		} {
			r := s.call("all", "GET "+path, "").is(200)
			if _, err := fhir.Parse(r.body); err != nil {
				t.Errorf("%s: %v", path, err)
			}
			for _, text := range want {
				if !strings.Contains(string(r.body), text) {
					t.Errorf("%s: no %q in %s", path, text, r.body)
				}
			}
			if strings.Contains(strings.ToLower(string(r.body)), "confidential") {
				t.Errorf("%s: tells a value: %s", path, r.body)
			}
			if !strings.Contains(string(r.body), `"name":"plan"`) {
				t.Errorf("%s: no plan: %s", path, r.body)
			}
		}
		none := s.call("all", "GET /$explain?_type=Account", "").is(200)
		if !strings.Contains(string(none.body), "the answer is empty") {
			t.Errorf("of no resource: %s", none.body)
		}
		for line, status := range map[string]int{
			"p1 GET /Patient/$explain": 403, "p1 GET /$explain": 403, "all GET /$explain?_type=Patient&gender=x,Observation&_type=Observation": 400, "all GET /$explain?_type=Nothing": 400, "all GET /Patient/$explain?nonsense=1": 400,
			"all GET /AuditEvent/$explain": 400, "all POST /Patient/$explain": 405,
		} {
			token, line, _ := strings.Cut(line, " ")
			s.call(token, line, "").is(status)
		}
	})
}
