package mydata_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/mydata"
	"tributary/internal/paging"
	room "tributary/internal/portal/mydata"
	"tributary/internal/portal/web"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// world is the room for somebody of whom records are kept.
type world struct {
	*testing.T
	*programtest.World
	patient  string
	pulled   bool
	releases []room.Release
	read     *records.Service // with the full text
	*webtest.Browser
}

// Pulled implements room.Holdings.
func (w *world) Pulled(context.Context, string) (bool, error) { return w.pulled, nil }

// Releases implements room.Holdings.
func (w *world) Releases(context.Context, access.Actor) ([]room.Release, error) {
	return w.releases, nil
}

// Providers implements mydata.Sources: all that is pulled is from one provider.
func (w *world) Providers(_ context.Context, _ string, keys []search.Key) (map[search.Key]string, error) {
	out := map[search.Key]string{}
	for _, k := range keys {
		out[k] = "Harbor Health"
	}
	return out, nil
}

// each runs a test on every database.
func each(t *testing.T, test func(w *world)) {
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) { test(open(t, s, clock)) })
}

func open(t *testing.T, db store.Store, clock *programtest.Clock) *world {
	t.Helper()
	w := &world{T: t, World: programtest.New(t, db, clock)}
	registry := search.Base()
	log := audit.New(audit.Config{Store: db, IDs: search.NewIDs(2, clock.Now), Now: clock.Now})
	t.Cleanup(func() { _ = log.Close(context.Background()) })
	results, err := access.NewResults(registry, w.Study.Governed())
	if err != nil {
		t.Fatal(err)
	}
	w.read = records.New(records.Config{Store: db, Audit: log, IDs: search.NewIDs(3, clock.Now), Registry: registry, BaseURL: "http://127.0.0.1/fhir/R4", FullText: true,
		Policy: &access.Policy{Consents: w.Consent, Groups: w.Consent, Registry: registry, Results: results}})
	cursors, err := paging.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := webtest.New(t, web.Config{Study: w.Study, People: w.Accounts, Now: clock.Now})
	data := mydata.New(mydata.Config{Records: w.read, Study: w.Study, Sources: w, Now: clock.Now})
	s.Serve(t, room.New(room.Config{Site: s.Site, Data: data, Holdings: w, Cursors: cursors, Base: "http://127.0.0.1/fhir/R4"}).Room())
	w.patient = w.Join(t, programtest.Ada)
	w.Browser = s.Participant(t, "ada", w.patient)
	return w
}

var ingest = access.Job("ingest", "TREAT")

// put keeps resources with an origin, and their full text at once.
func (w *world) put(origin records.Origin, resources ...string) {
	w.Helper()
	err := w.read.Write(w.Context(), ingest, func(ctx context.Context, tx *records.Tx) error {
		var texts []store.Text
		for _, body := range resources {
			root, err := tree.Parse([]byte(body))
			if err != nil {
				return err
			}
			typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
			if _, err := tx.Put(ctx, records.Draft{Type: typ, ID: id, JSON: []byte(body), Origin: origin}); err != nil {
				return fmt.Errorf("%s/%s: %w", typ, id, err)
			}
			texts = append(texts, store.Text{Key: search.KeyOf(typ, id), Full: search.Base().FullText(typ, root)})
		}
		return tx.Store().(store.TextTx).PutTexts(ctx, texts)
	})
	if err != nil {
		w.Fatal(err)
	}
}

// lab is a result of sugar in the blood, in mg/dL.
func (w *world) lab(id string, at time.Time, value, more string) string {
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","subject":{"reference":"Patient/%s"},"effectiveDateTime":%q,
		"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],
		"code":{"coding":[{"system":"http://loinc.org","code":"2345-7","display":"Glucose"}],"text":"Glucose in the blood"},
		"referenceRange":[{"low":{"value":70,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"},"high":{"value":99,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}],
		"valueQuantity":{"value":%s,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}%s}`, id, w.patient, at.Format(time.RFC3339), value, more)
}

// resource is one about the patient, with members of JSON.
func (w *world) resource(typ, id, subject, members string) string {
	return fmt.Sprintf(`{"resourceType":%q,"id":%q,%q:{"reference":"Patient/%s"},%s}`, typ, id, subject, w.patient, members)
}
