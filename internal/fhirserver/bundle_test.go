package fhirserver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/old", `{"resourceType":"Patient","id":"old"}`).is(201)
		s.call("all", "POST /Practitioner", `{"resourceType":"Practitioner","identifier":[{"system":"urn:npi","value":"5"}]}`).is(201)
		doctor := s.call("all", "GET /Practitioner?identifier=urn:npi|5", "").is(200).ids()[0]
		r := s.call("all", "POST /", string(fhirtest.Transaction(
			fhirtest.Get("Patient?identifier=urn:mrn|1"),
			fhirtest.Post(fhirtest.UUID(2), []byte(`{"resourceType":"Observation","status":"final","code":{"text":"x"},
				"subject":{"reference":"`+fhirtest.UUID(1)+`"},"performer":[{"reference":"Practitioner?identifier=urn:npi|5"}],
				"hasMember":[{"reference":"Observation/elsewhere"}]}`)),
			fhirtest.Post(fhirtest.UUID(1), []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]}`)),
			fhirtest.Put("Patient/new", []byte(`{"resourceType":"Patient","id":"new"}`)),
			fhirtest.Delete("Patient/old"),
			fhirtest.PostIfNone(fhirtest.UUID(3), []byte(`{"resourceType":"Practitioner"}`), "identifier=urn:npi|5"),
		))).is(200)
		if r.text("type") != "transaction-response" {
			t.Fatalf("%s", r.body)
		}
		var statuses []string
		for i := range 6 {
			statuses = append(statuses, r.text("entry", i, "response", "status")[:3])
		}
		if got := fmt.Sprint(statuses); got != "[200 201 201 201 204 200]" {
			t.Fatalf("statuses %s: %s", got, r.body)
		}
		patient := strings.Split(r.text("entry", 2, "response", "location"), "/")[1]
		if r.text("entry", 0, "resource", "entry", 0, "resource", "id") != patient {
			t.Errorf("a GET does not see the transaction's own writes: %s", r.body)
		}
		if !strings.HasPrefix(r.text("entry", 5, "response", "location"), "Practitioner/"+doctor) {
			t.Errorf("the conditional create's match: %s", r.body)
		}
		observation := s.call("all", "GET /"+strings.Split(r.text("entry", 1, "response", "location"), "/_history")[0], "").is(200)
		for _, want := range []string{"Patient/" + patient, "Practitioner/" + doctor, "Observation/elsewhere"} {
			if !strings.Contains(string(observation.body), `"reference":"`+want+`"`) {
				t.Errorf("no reference to %s: %s", want, observation.body)
			}
		}
		if found := s.call("all", "GET /Observation?subject=Patient/"+patient, "").is(200).ids(); len(found) != 1 {
			t.Errorf("not found by the rewritten reference: %v", found)
		}
		s.call("all", "GET /Patient/old", "").is(410)
	})
}

func TestTransactionIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		good := fhirtest.Put("Patient/a", []byte(`{"resourceType":"Patient","id":"a"}`))
		for name, c := range map[string]struct {
			bad    fhirtest.Entry
			status int
			where  string
		}{
			"invalid":     {fhirtest.Post("", []byte(`{"resourceType":"Observation"}`)), 400, "Bundle.entry[1].resource"},
			"unresolved":  {fhirtest.Post("", observationOf("Patient?identifier=urn:x|none")), 412, "Bundle.entry[1].resource.subject.reference"},
			"unknown urn": {fhirtest.Post("", observationOf(fhirtest.UUID(9))), 400, "Bundle.entry[1].resource.subject.reference"},
			"twice":       {fhirtest.Put("Patient/a", []byte(`{"resourceType":"Patient","id":"a"}`)), 400, "Bundle.entry[1].request.url"},
			"no such":     {fhirtest.Get("Patient/none"), 404, "Bundle.entry[1]"},
			"consent":     {fhirtest.Post("", []byte(researchConsent)), 422, "Bundle.entry[1]"},
		} {
			t.Run(name, func(t *testing.T) {
				s.t = t
				r := s.call("all", "POST /", string(fhirtest.Transaction(good, c.bad))).is(c.status)
				if where := r.text("issue", 0, "expression", 0); !strings.HasPrefix(where, c.where) {
					t.Errorf("expression %q, want %q: %s", where, c.where, r.body)
				}
				s.call("all", "GET /Patient/a", "").is(404)
			})
		}
	})
}

func observationOf(subject string) []byte {
	return fhirtest.Observation(fhirtest.With("subject.reference", subject))
}

func TestBatchEntriesStandAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		r := s.call("all", "POST /", string(fhirtest.Batch(
			fhirtest.Put("Patient/a", []byte(`{"resourceType":"Patient","id":"a"}`)),
			fhirtest.Post("", []byte(`{"resourceType":"Observation"}`)),
			fhirtest.Get("Patient/none"),
			fhirtest.Delete("Patient/none"),
		))).is(200)
		for i, want := range []string{"201", "400", "404", "204"} {
			if got := r.text("entry", i, "response", "status"); !strings.HasPrefix(got, want) {
				t.Errorf("entry %d: %q, want %s: %s", i, got, want, r.body)
			}
		}
		if r.text("entry", 1, "response", "outcome", "resourceType") != "OperationOutcome" {
			t.Errorf("no outcome: %s", r.body)
		}
	})
}

// Bundles that send the same conditional create at the same time make one.
func TestRacingConditionalTransactions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		body := string(fhirtest.Transaction(
			fhirtest.PostIfNone(fhirtest.UUID(1), []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]}`), "identifier=urn:mrn|1"),
			fhirtest.Post(fhirtest.UUID(2), observationOf(fhirtest.UUID(1))),
		))
		done := make(chan reply)
		for range 6 {
			go func() { done <- s.call("all", "POST /", body) }()
		}
		for range 6 {
			(<-done).is(200)
		}
		patients := s.call("all", "GET /Patient?identifier=urn:mrn|1", "").is(200).ids()
		if len(patients) != 1 {
			t.Fatalf("%d patients", len(patients))
		}
		if n := len(s.call("all", "GET /Observation?subject=Patient/"+patients[0], "").is(200).ids()); n != 6 {
			t.Errorf("%d of 6 observations refer to the one", n)
		}
	})
}

func TestSyntheaBundlesLoad(t *testing.T) {
	dir := fhirtest.Data(t, "synthea")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		patients := 0
		for _, file := range files { // sorted: the 0-* ones, which the others refer to, come first
			if strings.HasPrefix(filepath.Base(file), "0-") || patients < 4 {
				s.loads(file)
			}
			if !strings.HasPrefix(filepath.Base(file), "0-") {
				patients++
			}
		}
	})
}

// loads posts a bundle as it is, and looks for references that stayed unresolved.
func (s *site) loads(file string) {
	s.t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.call("all", "POST /", string(src), "Prefer", "return=representation").is(200)
	entries, _ := r.at("entry").([]any)
	for i, e := range entries {
		status := e.(map[string]any)["response"].(map[string]any)["status"].(string)
		if status[0] != '2' {
			s.t.Fatalf("%s: entry %d has status %s", filepath.Base(file), i, status)
		}
	}
	for _, unresolved := range []string{`"reference":"urn:uuid:`, `"reference": "urn:uuid:`, `?identifier=`} {
		if strings.Contains(string(r.body), unresolved) {
			s.t.Errorf("%s: %s is left", filepath.Base(file), unresolved)
		}
	}
}

func TestTwoConditionalCreatesOfOneBundle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		patient := []byte(`{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"1"}]}`)
		for _, want := range []string{"[201 200 201]", "[200 200 201]"} {
			r := s.call("all", "POST /", string(fhirtest.Transaction(
				fhirtest.PostIfNone(fhirtest.UUID(1), patient, "identifier=urn:mrn|1"),
				fhirtest.PostIfNone(fhirtest.UUID(2), patient, "identifier=urn:mrn|1"),
				fhirtest.Post(fhirtest.UUID(3), observationOf(fhirtest.UUID(2))),
			))).is(200)
			var statuses []string
			for i := range 3 {
				statuses = append(statuses, r.text("entry", i, "response", "status")[:3])
			}
			if fmt.Sprint(statuses) != want || r.text("entry", 0, "response", "location") != r.text("entry", 1, "response", "location") {
				t.Errorf("%v, want %s: %s", statuses, want, r.body)
			}
		}
		if n := len(s.call("all", "GET /Patient?identifier=urn:mrn|1", "").is(200).ids()); n != 1 {
			t.Errorf("%d patients", n)
		}
	})
}
