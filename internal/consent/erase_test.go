package consent_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// What is erased is gone with every version; what proves the consent stays.
func TestErasure(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		sharing(t, w, patient)
		body := `{"resourceType":"Observation","id":"o1","status":"final","code":{"text":"weight"},"subject":{"reference":"Patient/` + patient + `"},"note":[{"text":"%"}]}`
		for _, note := range []string{"first", "second"} {
			err := w.Records.Write(ctx, access.Job("ingest", "TREAT"), func(ctx context.Context, tx *records.Tx) error {
				_, err := tx.Put(ctx, records.Draft{Type: "Observation", ID: "o1", JSON: []byte(strings.Replace(body, "%", note, 1)), Origin: records.FromEHR})
				return err
			})
			ok(t, err)
		}
		ok(t, w.Consent.Destroy(ctx, patient))
		if _, err := w.Store.Read(ctx, "Observation", "o1"); err != nil {
			t.Fatalf("destroyed before anybody asked for it: %v", err)
		}
		ok(t, w.Consent.Erase(ctx, sam, patient, "a request under the law"))
		ok(t, tables.Retention{}.Hold(ctx, w.Store, store.LegalHold{Patient: patient, Reason: []byte("x"), Staff: "sam", At: w.Clock.Now()}))
		if err := w.Consent.Destroy(ctx, patient); !errors.Is(err, consent.ErrHeld) {
			t.Errorf("a legal hold does not win: %v", err)
		}
		ok(t, tables.Retention{}.Lift(ctx, w.Store, patient))
		ok(t, w.Consent.Destroy(ctx, patient))
		if p := now(t, w, patient); !p.Erased || !p.Withdrawn {
			t.Errorf("%+v", p)
		}
		if r, err := w.Store.Read(ctx, "Observation", "o1"); err != nil || !r.Deleted || len(r.Body) != 0 {
			t.Errorf("the record is %+v (%v)", r, err)
		}
		old, err := tables.Versions{}.List(ctx, w.Store, store.Versions{Key: search.KeyOf("Observation", "o1"), Limit: 10})
		ok(t, err)
		for _, r := range old {
			if len(r.Body) != 0 {
				t.Errorf("version %d is kept: %s", r.Version, r.Body)
			}
		}
		kept, err := w.Store.Read(ctx, "Patient", patient)
		if err != nil || strings.Contains(string(kept.Body), "Example") {
			t.Errorf("the Patient is %s (%v)", kept.Body, err)
		}
		if _, err := w.Accounts.OfPatient(ctx, w.Store, patient); !errs.Is(err, errs.NotFound) {
			t.Errorf("the account is there: %v", err)
		}
		if n := len(found(t, w, "Consent", about(patient))); n != 2 {
			t.Errorf("%d Consents prove what was agreed to", n)
		}
		if n := len(found(t, w, "DocumentReference", about(patient))); n != 2 {
			t.Errorf("%d signed documents are kept", n)
		}
		if err := w.Consent.Erase(ctx, sam, patient, "again"); !errs.Is(err, errs.Conflict) {
			t.Errorf("erased twice: %v", err)
		}
	})
}
