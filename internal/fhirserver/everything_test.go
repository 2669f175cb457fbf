package fhirserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.people["p2"] = access.Permissions{Withdrawn: true}
		s.tokens["staff"] = access.Actor{Role: access.StudyStaff, ID: "staff", Unscoped: true}
		s.call("all", "PUT /Coverage/c1", `{"resourceType":"Coverage","id":"c1","status":"active","beneficiary":{"reference":"Patient/p1"},"payor":[{"reference":"Organization/ward"}]}`).is(201)
		s.call("all", "PUT /Group/g1", `{"resourceType":"Group","id":"g1","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}},{"entity":{"reference":"Patient/p2"}}]}`).is(201)
		const own = "Coverage/c1 Encounter/e1 Observation/o1 Patient/p1"
		for _, tt := range []struct{ token, query, matches, included string }{
			{"all", "", own, "Organization/ward Practitioner/d1"},
			{"all", "?_type=Observation,Practitioner", "Observation/o1", "Practitioner/d1"},
			{"all", "?_type=Patient", "Patient/p1", ""},
			{"all", "?start=2020-01-06", "Coverage/c1 Patient/p1", "Organization/ward"},
			{"all", "?start=2020-01-05&end=2020-01", own, "Organization/ward Practitioner/d1"},
			{"all", "?end=2019", "Coverage/c1 Patient/p1", "Organization/ward"},
			{"all", "?_since=2999-01-01", "", ""},
			{"all", "?_since=2000-01-01T00:00:00Z", own, "Organization/ward Practitioner/d1"},
			{"p1", "", own, "Organization/ward Practitioner/d1"},
			{"narrow", "?_type=Observation,Encounter,Practitioner", "", ""},
			{"staff", "", own, "Organization/ward Practitioner/d1"},
		} {
			if tt.token == "narrow" { // its scopes do not reach the Patient itself
				s.call(tt.token, "GET /Patient/p1/$everything"+tt.query, "").is(403)
				continue
			}
			matches, included := s.call(tt.token, "GET /Patient/p1/$everything"+tt.query, "").is(200).modes()
			if matches != tt.matches || included != tt.included {
				t.Errorf("%s %s: %s + %s", tt.token, tt.query, matches, included)
			}
		}
		posted := s.call("all", "POST /Patient/p1/%24everything", `{"resourceType":"Parameters","parameter":[{"name":"_type","valueString":"Encounter"},{"name":"_count","valueInteger":5}]}`).is(200)
		if matches, included := posted.modes(); matches != "Encounter/e1" || included != "" {
			t.Errorf("posted: %s + %s", matches, included)
		}
		for line, status := range map[string]int{
			"GET /Patient/p9/$everything": 404, "GET /Patient/p1/$everything?_count=0": 400, "GET /Patient/p1/$everything?nonsense=1": 400,
			"GET /Patient/p1/$everything?_type=Nothing": 400, "GET /Patient/p1/$everything?start=tomorrow": 400, "GET /Patient/p1/$everything?_since=gt2020": 400,
			"DELETE /Patient/p1/$everything": 405, "GET /Patient/p1/$nothing": 404,
		} {
			s.call("all", line, "").is(status)
		}
		s.call("p1", "GET /Patient/p2/$everything", "").is(404)
		s.call("", "GET /Patient/p1/$everything", "").is(401)
		s.call("all", "POST /Patient/p1/$everything", `{"resourceType":"Patient"}`).is(400)
	})
}

// Pages hold each resource of the compartment once, whatever comes in between.
func TestEverythingByPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for i := range 20 {
			s.call("all", "POST /Flag", `{"resourceType":"Flag","status":"active","code":{"text":"a"},"subject":{"reference":"Patient/p1"},"author":{"reference":"Practitioner/d1"}}`).is(201)
			s.call("all", fmt.Sprintf("PUT /Flag/own-%d", i), fmt.Sprintf(`{"resourceType":"Flag","id":"own-%d","status":"active","code":{"text":"a"},"subject":{"reference":"Patient/p1"}}`, i)).is(201)
		}
		all, _ := s.call("all", "GET /Patient/p1/$everything", "").is(200).modes()
		var paged []string
		pages := 0
		for next := "/Patient/p1/$everything?_count=7"; next != ""; pages++ {
			r := s.call("all", "GET "+next, "").is(200)
			matches, _ := r.modes()
			paged = append(paged, strings.Fields(matches)...)
			if next = r.next(); next != "" && pages == 0 {
				s.call("p1", "GET "+next, "").is(400) // a page link is one actor's
			}
		}
		slices.Sort(paged)
		if strings.Join(paged, " ") != all || pages != 6 {
			t.Errorf("%d pages: %v, want %s", pages, paged, all)
		}
	})
}

// A participant sees in the audit who took everything.
func TestEverythingIsAudited(t *testing.T) {
	s := hospital(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "GET /Patient/p1/$everything", "").is(200)
	if err := s.audit.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	r := s.call("p1", "GET /AuditEvent?patient=p1", "").is(200)
	if !strings.Contains(string(r.body), `Observation/o1`) || !strings.Contains(string(r.body), "Encounter/e1") {
		t.Errorf("%s", r.body)
	}
}
