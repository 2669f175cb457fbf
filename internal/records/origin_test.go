package records

import (
	"context"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/store/storetest"
)

// A repair changes what a resource says, not where it comes from.
func TestARepairKeepsTheOrigin(t *testing.T) {
	s := over(t, storetest.SQLite(t, storetest.Options{}))
	body := fhirtest.Observation(fhirtest.ID("o1"))
	err := s.Write(t.Context(), ingest, func(ctx context.Context, tx *Tx) error {
		_, err := tx.Put(ctx, Draft{ID: "o1", JSON: body, Origin: FromEHR})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	repair := access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true}
	mended := []byte(strings.Replace(string(body), `"final"`, `"amended"`, 1))
	for _, json := range [][]byte{mended, []byte(strings.Replace(string(fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Tag(OriginSystem, "survey"))), `"final"`, `"corrected"`, 1))} {
		result, err := s.Update(t.Context(), repair, Op{Type: "Observation", ID: "o1", JSON: json})
		if err != nil {
			t.Fatal(err)
		}
		if origin := originOf(result.Resource.Body); origin != FromEHR || strings.Count(string(result.Resource.Body), OriginSystem) != 1 {
			t.Errorf("version %d has the origin %q", result.Resource.Version, origin)
		}
	}
}
