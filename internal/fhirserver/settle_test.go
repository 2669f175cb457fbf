package fhirserver

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A conditional reference is resolved in whatever write it comes, or the write is refused:
// it is never kept as it is.
func TestConditionalReferencesOfSingleWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p", `{"resourceType":"Patient","id":"p","identifier":[{"system":"urn:mrn","value":"1"}]}`).is(201)
		observation := func(query string) string {
			return `{"resourceType":"Observation","id":"o","identifier":[{"system":"urn:o","value":"1"}],"status":"final","code":{"text":"x"},"subject":{"reference":"Patient?` + query + `"}}`
		}
		for _, c := range []struct{ line, header string }{
			{"POST /Observation", ""}, {"PUT /Observation/o", ""}, {"PUT /Observation?_id=o", ""}, {"POST /Observation", "identifier=urn:o|none"},
		} {
			call := func(query string) reply {
				if c.header == "" {
					return s.call("all", c.line, observation(query))
				}
				return s.call("all", c.line, observation(query), "If-None-Exist", c.header)
			}
			if got := call("identifier=urn:mrn|1"); got.status > 201 || got.text("subject", "reference") != "Patient/p" {
				t.Errorf("%s: %d %s", c.line, got.status, got.body)
			}
			if place := call("identifier=urn:mrn|2").is(412).text("issue", 0, "expression", 0); place != "Observation.subject.reference" {
				t.Errorf("%s: the place is %s", c.line, place)
			}
			call("nonsense=1").is(400)
		}
		batch := fhirtest.Batch(fhirtest.Post("", []byte(observation("identifier=urn:mrn|1"))), fhirtest.Post("", []byte(observation("identifier=urn:mrn|2"))))
		r := s.call("all", "POST /", string(batch), "Prefer", "return=representation").is(200)
		if got := r.text("entry", 0, "resource", "subject", "reference"); got != "Patient/p" {
			t.Errorf("in a batch: %s", r.body)
		}
		if got := r.text("entry", 1, "response", "status"); !strings.HasPrefix(got, "412") {
			t.Errorf("in a batch: %s", got)
		}
		if r := s.call("all", "GET /Observation?_summary=count&subject=Patient/p", "").is(200); r.at("total") != 4.0 {
			t.Errorf("%v are kept", r.at("total"))
		}
		s.tokens["ehr"] = access.Actor{Role: access.Maintenance, ID: "m", Client: "m", Scopes: scopes(t, "system/Observation.cruds")}
		s.call("ehr", "POST /Observation", observation("identifier=urn:mrn|1")).is(403)
	})
}

// What one entry of a batch is stored as, another cannot know.
func TestEntriesOfABatchDoNotReferToOneAnother(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	batch := fhirtest.Batch(
		fhirtest.Post(fhirtest.UUID(1), []byte(`{"resourceType":"Patient"}`)),
		fhirtest.Post(fhirtest.UUID(2), fhirtest.Observation(fhirtest.Subject(fhirtest.UUID(1)))),
	)
	r := s.call("all", "POST /", string(batch)).is(200)
	if first, second := r.text("entry", 0, "response", "status"), r.text("entry", 1, "response", "status"); first != "201 Created" || second != "400 Bad Request" {
		t.Errorf("%s, %s", first, second)
	}
	if place := r.text("entry", 1, "response", "outcome", "issue", 0, "expression", 0); place != "Bundle.entry[1].resource.subject.reference" {
		t.Errorf("the place is %s", place)
	}
}
