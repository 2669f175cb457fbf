package fhirserver

import (
	"strings"
	"testing"

	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Compartments beside the Patient's: by any of the references that R4 names.
func TestCompartments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.call("all", "PUT /Composition/c", `{"resourceType":"Composition","id":"c","status":"final","type":{"text":"x"},"title":"x","date":"2020","subject":{"reference":"Patient/p1"},
			"author":[{"reference":"PractitionerRole/r1"}],"attester":[{"mode":"legal","party":{"reference":"Practitioner/d1"}}]}`).is(201)
		for _, tt := range []struct{ token, path, want string }{
			{"all", "/Encounter/e1/Observation", "Observation/o1"},
			{"all", "/Encounter/e1/Observation?status=amended", ""},
			{"all", "/Encounter/e1/Encounter", "Encounter/e1"},
			{"all", "/Encounter/e9/Observation", ""},
			{"all", "/Practitioner/d1/Observation", "Observation/o1 Observation/o2"},
			{"all", "/Practitioner/d1/Observation?patient=p2", "Observation/o2"},
			{"all", "/Practitioner/d1/Composition", "Composition/c"},
			{"all", "/Practitioner/d1/PractitionerRole", "PractitionerRole/r1"},
			{"all", "/Device/dev/Observation", "Observation/o1"},
			{"p1", "/Practitioner/d1/Observation", "Observation/o1"},
		} {
			r := s.call(tt.token, "GET "+tt.path, "").is(200)
			if matches, _ := r.modes(); matches != tt.want {
				t.Errorf("%s %s: %q, want %q", tt.token, tt.path, matches, tt.want)
			}
			if self := r.text("link", 0, "url"); self != s.url+tt.path {
				t.Errorf("%s is %s", tt.path, self)
			}
		}
		posted := s.call("all", "POST /Practitioner/d1/Observation/_search", "patient=p1", "Content-Type", formType).is(200)
		if matches, _ := posted.modes(); matches != "Observation/o1" {
			t.Errorf("posted: %s", matches)
		}
		first := s.call("all", "GET /Practitioner/d1/Observation?_count=1", "").is(200)
		if second := s.call("all", "GET "+first.next(), "").is(200); first.ids()[0] == second.ids()[0] || second.next() != "" {
			t.Errorf("%v, then %v", first.ids(), second.ids())
		}
		s.call("all", "GET /Encounter/e1/Organization", "").is(404)
		s.call("all", "GET /Encounter/e1/AuditEvent", "").is(404)
		s.call("narrow", "GET /Encounter/e1/Condition", "").is(403)
		said, _ := s.call("", "GET /metadata", "").is(200).at("rest", 0, "compartment").([]any)
		if len(said) != 1+len(records.Compartments()) || said[4] != "http://hl7.org/fhir/CompartmentDefinition/relatedPerson" {
			t.Errorf("the CapabilityStatement says %v", said)
		}
	})
}

// The history of everything has all types, those of which all is deleted among them.
func TestHistoryOfAllTypes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		if r := s.call("all", "GET /_history", "").is(200); r.at("entry") != nil {
			t.Errorf("of nothing: %s", r.body)
		}
		for _, typ := range []string{"Patient", "Basic", "Practitioner"} {
			s.call("all", "PUT /"+typ+"/x", `{"resourceType":"`+typ+`","id":"x"`+map[string]string{"Basic": `,"code":{"text":"x"}`}[typ]+"}").is(201)
		}
		s.call("all", "DELETE /Basic/x", "").is(204)
		r := s.call("all", "GET /_history", "").is(200)
		var methods []string
		for i := range r.at("entry").([]any) {
			methods = append(methods, r.text("entry", i, "request", "method")+" "+r.text("entry", i, "request", "url"))
		}
		if got := strings.Join(methods, ", "); got != "DELETE Basic/x, PUT Practitioner/x, PUT Basic/x, PUT Patient/x" {
			t.Error(got)
		}
	})
}
