package fhirserver

import (
	"slices"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestEncounterEverything(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.call("all", "PUT /ChargeItem/c", `{"resourceType":"ChargeItem","id":"c","status":"billed","code":{"text":"x"},"subject":{"reference":"Patient/p1"},"context":{"reference":"Encounter/e1"}}`).is(201)
		s.call("all", "PUT /Condition/k", `{"resourceType":"Condition","id":"k","subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e2"}}`).is(201)
		const own = "ChargeItem/c Encounter/e1 Observation/o1 Patient/p1"
		for _, tt := range []struct{ token, query, matches, included string }{
			{"all", "", own, "Organization/ward Practitioner/d1"},
			{"all", "?_type=Observation", "Observation/o1", ""},
			{"all", "?_type=Observation&_type=Practitioner", "Observation/o1", "Practitioner/d1"},
			{"all", "?_since=2999-01-01", "", ""},
			{"p1", "", own, "Organization/ward Practitioner/d1"},
		} {
			matches, included := s.call(tt.token, "GET /Encounter/e1/$everything"+tt.query, "").is(200).modes()
			if matches != tt.matches || included != tt.included {
				t.Errorf("%s %s: %s + %s", tt.token, tt.query, matches, included)
			}
		}
		var all []string
		r := s.call("all", "POST /Encounter/e1/$everything", `{"resourceType":"Parameters","parameter":[{"name":"_count","valueInteger":3}]}`).is(200)
		for pages := 1; ; pages++ {
			matches, _ := r.modes()
			all = append(all, strings.Fields(matches)...)
			if r.next() == "" {
				if pages != 2 {
					t.Errorf("%d pages", pages)
				}
				break
			}
			r = s.call("all", "GET "+r.next(), "").is(200)
		}
		if slices.Sort(all); strings.Join(all, " ") != own {
			t.Errorf("by pages: %v", all)
		}
		s.tokens["p2"] = access.Actor{Role: access.Participant, ID: "other", Client: "app", Patient: "p2", Scopes: scopes(t, "patient/*.rs")}
		s.call("p2", "GET /Encounter/e1/$everything", "").is(404)
		s.call("narrow", "GET /Encounter/e1/$everything", "").is(403)
		s.call("all", "GET /Encounter/e9/$everything", "").is(404)
		s.call("all", "GET /Encounter/e1/$everything?start=2020", "").is(400)
	})
}

// pagesOf are the matches of each page.
func (s *site) pagesOf(token, line string) (pages []string) {
	s.t.Helper()
	for url := "GET " + line; ; {
		r := s.call(token, url, "").is(200)
		matches, _ := r.modes()
		pages = append(pages, matches)
		if r.next() == "" {
			return pages
		}
		url = "GET " + r.next()
	}
}

// The records of several people come one after the other, in pages of their own.
func TestEverythingOfSeveral(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.call("all", "PUT /Patient/p3", `{"resourceType":"Patient","id":"p3"}`).is(201)
		s.call("all", "PUT /Group/g", `{"resourceType":"Group","id":"g","type":"person","actual":true,"member":[{"entity":{"reference":"Patient/p1"}},
			{"entity":{"reference":"Patient/p3"}},{"entity":{"reference":"Patient/p2"},"inactive":true}]}`).is(201)
		s.call("all", "PUT /Group/none", `{"resourceType":"Group","id":"none","type":"person","actual":true}`).is(201)
		const one, two, three = "Encounter/e1 Observation/o1 Patient/p1", "Observation/o2 Patient/p2", "Patient/p3"
		for _, tt := range []struct {
			token, line string
			want        []string
		}{
			{"all", "/Patient/$everything", []string{one, two, three}},
			{"all", "/Patient/$everything?_type=Observation", []string{"", "Observation/o1", "Observation/o2"}},
			{"all", "/Group/g/$everything", []string{"", one, three}},
			{"all", "/Group/none/$everything", []string{""}},
			{"p1", "/Patient/$everything", []string{one}},
		} {
			got := s.pagesOf(tt.token, tt.line)
			if slices.Sort(got); !slices.Equal(got, sorted(tt.want)) {
				t.Errorf("%s %s: %q, want %q", tt.token, tt.line, got, tt.want)
			}
		}
		if got := s.pagesOf("all", "/Patient/$everything?_count=1"); len(got) != 4 { // the Patient comes with the first of the others
			t.Errorf("one by one: %q", got)
		}
		s.call("narrow", "GET /Patient/$everything", "").is(403)
		s.call("p1", "GET /Group/g/$everything", "").is(403)
		s.call("all", "GET /Group/g9/$everything", "").is(404)
		s.call("all", "GET /Patient/$everything?_cursor=x", "").is(400)
	})
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
