package fhirserver

import (
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What is wrong with the entries of a transaction comes all together, in their
// order, whether the content, the request or a reference is at fault. A reference
// to an entry that is at fault is itself none.
func TestAllFaultsOfATransaction(t *testing.T) {
	nobody := "Patient?identifier=urn:x|none"
	twice := fhirtest.Put("Patient/a", fhirtest.Patient(fhirtest.ID("a")))
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for name, c := range map[string]struct {
			entries []fhirtest.Entry
			status  int
			want    []string
		}{
			"invalid, and a urn": {[]fhirtest.Entry{
				fhirtest.Post("", fhirtest.Patient()),
				fhirtest.Post("", observationOf(fhirtest.UUID(9))),
				fhirtest.Post("", []byte(`{"resourceType":"Observation"}`)),
			}, 400, []string{"Bundle.entry[1].resource.subject.reference", "Bundle.entry[2].resource", "Bundle.entry[2].resource"}},
			"a condition, and a urn": {[]fhirtest.Entry{
				fhirtest.Post("", observationOf(nobody)),
				fhirtest.Post("", observationOf(fhirtest.UUID(9))),
				fhirtest.Post("", observationOf(nobody)),
			}, 412, []string{"Bundle.entry[0].resource.subject.reference", "Bundle.entry[1].resource.subject.reference", "Bundle.entry[2].resource.subject.reference"}},
			"requests": {[]fhirtest.Entry{
				fhirtest.Put("Nothing/1", fhirtest.Patient()),
				fhirtest.Post("", observationOf(fhirtest.UUID(9))),
				twice, twice,
				fhirtest.Get("../x"),
			}, 400, []string{"Bundle.entry[0].request.url", "Bundle.entry[1].resource.subject.reference", "Bundle.entry[3].request.url", "Bundle.entry[4].request"}},
			"of an invalid one": {[]fhirtest.Entry{
				fhirtest.Post(fhirtest.UUID(9), fhirtest.Patient(fhirtest.With("gender", "x"))),
				fhirtest.Post("", observationOf(fhirtest.UUID(9))),
			}, 400, []string{"Bundle.entry[0].resource.gender"}},
		} {
			t.Run(name, func(t *testing.T) {
				s.t = t
				r := s.call("all", "POST /", string(fhirtest.Transaction(c.entries...))).is(c.status)
				for i, want := range append(c.want, "") {
					if got := r.text("issue", i, "expression", 0); got != want {
						t.Errorf("issue %d is at %q, want %q: %s", i, got, want, r.body)
					}
				}
			})
		}
		s.t = t
		s.call("all", "GET /Patient/a", "").is(404)
	})
}
