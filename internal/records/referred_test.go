package records

import (
	"maps"
	"slices"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What others refer to is read under the same access: somebody else's is as if it were
// not there, and so is what is none of this server's.
func TestReferredIsDecidedOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := over(t, db)
		someOfAda(t, s)
		kept(t, s, [][2]string{{"Medication/m", `"code":{"text":"x"}`}})
		ada := access.Actor{Role: access.Participant, ID: "ada", Patient: "ada", Unscoped: true, Purpose: "PATRQT"}
		led, err := s.Referred(t.Context(), ada, []string{"Observation/new", "http://localhost/fhir/R4/Medication/m", "Medication/m", "Observation/theirs", "Medication/none", "#x", "urn:uuid:1", "https://elsewhere.example/Medication/m", ""})
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(maps.Keys(led)); !slices.Equal(got, []string{"Medication/m", "Observation/new", "http://localhost/fhir/R4/Medication/m"}) {
			t.Errorf("%v", got)
		}
		if led, err := s.Referred(t.Context(), ada, []string{"Observation/theirs"}); err != nil || len(led) != 0 {
			t.Errorf("of somebody else: %v, %v", led, err)
		}
	})
}
