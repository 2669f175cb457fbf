package export_test

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestAnswersThatWereNotSentStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		x := newSite(t, s, nil)
		x.person("p1", all)
		for _, status := range []string{"in-progress", "stopped", "amended"} {
			x.put(records.Survey, fhirtest.QuestionnaireResponse(fhirtest.ID("p1-"+status), fhirtest.Subject("Patient/p1"), fhirtest.With("status", status)))
		}
		got := x.run(warehouse)["QuestionnaireResponse"]
		if len(got) != 2 || strings.Contains(strings.Join(got, ""), "in-progress") || strings.Contains(strings.Join(got, ""), "stopped") {
			t.Errorf("answers in the release: %s", got)
		}
	})
}
