package conformance

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A transaction of ten thousand entries of together 23 MB, each of which refers to
// the one before it, is carried out whole.
func TestTransactionOfTenThousandEntries(t *testing.T) {
	const entries = 10_000
	note := strings.Repeat("x", 2000)
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		list := make([]fhirtest.Entry, entries)
		for i := range list {
			o := []fhirtest.Option{fhirtest.With("note", []any{map[string]any{"text": note}})}
			if i > 0 {
				o = append(o, fhirtest.With("hasMember", []any{map[string]any{"reference": fhirtest.UUID(i - 1)}}))
			}
			list[i] = fhirtest.Post(fhirtest.UUID(i), fhirtest.Observation(append(o, fhirtest.Without("subject"))...))
		}
		b := s.call(t, "POST ", string(fhirtest.Transaction(list...))).is(t, http.StatusOK).bundle(t)
		if len(b.Entry) != entries {
			t.Fatalf("%d entries were answered", len(b.Entry))
		}
		last := b.Entry[entries-1].Response.Location
		before := strings.Split(b.Entry[entries-2].Response.Location, "/_history")[0]
		r := s.call(t, "GET /"+strings.Split(last, "/_history")[0], "").is(t, http.StatusOK)
		if !strings.Contains(string(r.body), before) {
			t.Errorf("the last does not refer to %s", before)
		}
		if total := s.call(t, "GET /Observation?_summary=count", "").is(t, http.StatusOK).bundle(t).Total; total == nil || *total != entries {
			t.Errorf("%v are stored", total)
		}
	})
}

// What the GETs of one Bundle bring together is bounded; those within the bound are
// answered.
func TestAnswersOfABundleAreBounded(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	s := start(t, db)
	s.call(t, "PUT /Binary/b", fmt.Sprintf(`{"resourceType":"Binary","id":"b","contentType":"text/plain","data":"%s"}`, strings.Repeat("QUJD", 1<<20))).is(t, http.StatusCreated)
	list := make([]fhirtest.Entry, 20)
	for i := range list {
		list[i] = fhirtest.Get("Binary/b")
	}
	b := s.call(t, "POST ", string(fhirtest.Batch(list...))).is(t, http.StatusOK).bundle(t)
	answered := 0
	for _, e := range b.Entry {
		switch {
		case strings.HasPrefix(e.Response.Status, "200"):
			answered++
		case !strings.HasPrefix(e.Response.Status, "422") || !strings.Contains(string(e.Response.Outcome), "too-costly"):
			t.Errorf("%s: %s", e.Response.Status, e.Response.Outcome)
		}
	}
	if answered != 15 {
		t.Errorf("%d of 4 MB each were answered", answered)
	}
	if r := s.call(t, "POST ", string(fhirtest.Transaction(list...))); r.status != http.StatusUnprocessableEntity || !strings.Contains(string(r.body), "Bundle.entry[15]") {
		t.Errorf("%d: %.300s", r.status, r.body)
	}
}

// So is what the operations of a batch answer together.
func TestAnswersOfOperationsAreBounded(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call(t, "PUT /Patient/p", fmt.Sprintf(`{"resourceType":"Patient","id":"p","photo":[{"contentType":"image/png","data":"%s"}]}`, strings.Repeat("QUJD", 1<<20))).is(t, http.StatusCreated)
	list := make([]fhirtest.Entry, 40)
	for i := range list {
		list[i] = fhirtest.Get("Patient/p/$everything")
	}
	b := s.call(t, "POST ", string(fhirtest.Batch(list...))).is(t, http.StatusOK).bundle(t)
	answered := 0
	for _, e := range b.Entry {
		switch {
		case strings.HasPrefix(e.Response.Status, "200"):
			answered++
		case !strings.HasPrefix(e.Response.Status, "422") || !strings.Contains(string(e.Response.Outcome), "too-costly"):
			t.Errorf("%s: %s", e.Response.Status, e.Response.Outcome)
		}
	}
	// those under way when the bound is reached still come in
	if slots := 4 * runtime.GOMAXPROCS(0); answered < 16 || answered > 16+slots {
		t.Errorf("%d of 4 MB each were answered", answered)
	}
}
