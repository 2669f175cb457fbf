package export_test

import (
	"strings"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What was recorded about somebody after they had deactivated their account, or
// died, leaves in no release; what was recorded before does.
func TestRecordsAfterADeactivationDoNotLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := newSite(t, s, nil)
		x.person("p1", all)
		before := counts(x.run(warehouse))
		current, err := s.Read(t.Context(), "Patient", "p1")
		if err != nil {
			t.Fatal(err)
		}
		closed := all
		closed.Closed = current.Updated.Add(time.Hour)
		x.people.set("p1", closed)
		if got := counts(x.run(warehouse)); got != before {
			t.Errorf("what was recorded before does not leave: %s, want %s", got, before)
		}
		closed.Closed = current.Updated.Add(-time.Hour)
		x.people.set("p1", closed)
		x.put(records.Measurement, fhirtest.Observation(fhirtest.ID("late"), fhirtest.Subject("Patient/p1")))
		if got := counts(x.run(warehouse)); strings.Contains(got, "Observation") || !strings.Contains(got, "Patient:1") {
			t.Errorf("what was recorded after leaves: %s", got)
		}
	})
}
