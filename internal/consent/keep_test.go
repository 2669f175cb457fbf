package consent_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
)

var repair = access.Actor{Role: access.Maintenance, Client: "m", Unscoped: true, Purpose: "HOPERAT"}

// decided is everything that the consent flow wrote.
func decided(t *testing.T, w *programtest.World, patient string) []store.Resource {
	t.Helper()
	all := found(t, w, "Consent", about(patient))
	for _, c := range found(t, w, "Consent", about(patient)) {
		all = append(all, found(t, w, "Provenance", search.Pair{Name: "target", Value: "Consent/" + c.ID})...)
	}
	documents := found(t, w, "DocumentReference", about(patient))
	all = append(all, documents...)
	for _, d := range documents {
		var body struct {
			Content []struct{ Attachment struct{ URL string } }
		}
		ok(t, json.Unmarshal(d.Body, &body))
		binary, err := w.Store.Read(ctx, "Binary", strings.TrimPrefix(body.Content[0].Attachment.URL, "Binary/"))
		ok(t, err)
		all = append(all, binary)
	}
	return all
}

// What a participant signed cannot be changed over the API, by no code that it
// carries or loses.
func TestDecisionsAreChangedOnThePortalAlone(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		w.Agree(t, patient, consent.EHR, name)
		all := decided(t, w, patient)
		if len(all) != 8 {
			t.Fatalf("%d resources of two decisions", len(all))
		}
		for _, r := range all {
			plain := strings.NewReplacer("64292-6", "57016-8", "hipaa-research", "hipaa-npp").Replace(string(r.Body))
			_, err := w.Records.Update(ctx, repair, records.Op{Type: r.Type, ID: r.ID, JSON: []byte(plain)})
			if !errs.Is(err, errs.Unprocessable) {
				t.Errorf("an update of a %s: %v", r.Type, err)
			}
			patch := records.Patch{JSON: []byte(`[{"op":"add","path":"/language","value":"en"}]`)}
			if _, err := w.Records.Patch(ctx, repair, records.Op{Type: r.Type, ID: r.ID}, patch); !errs.Is(err, errs.Unprocessable) {
				t.Errorf("a patch of a %s: %v", r.Type, err)
			}
			if _, err := w.Records.Delete(ctx, repair, records.Op{Type: r.Type, ID: r.ID}); !errs.Is(err, errs.Unprocessable) {
				t.Errorf("a deletion of a %s: %v", r.Type, err)
			}
		}
	})
}

// An authorization is not given over the API, but a provider may hold its own.
func TestAuthorizationsAreGivenOnThePortalAlone(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		w.Agree(t, patient, consent.EHR, name)
		for _, r := range found(t, w, "Consent", about(patient)) {
			_, err := w.Records.Create(ctx, repair, records.Op{Type: "Consent", JSON: r.Body})
			if !errs.Is(err, errs.Unprocessable) {
				t.Errorf("a copy: %v", err)
			}
		}
		theirs := `{"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"patient-privacy"}]},"category":[{"coding":[{"code":"64292-6"}]}],"policyRule":{"text":"x"},"patient":{"reference":"Patient/` + patient + `"}}`
		err := w.Records.Write(ctx, access.Job("ingest", "TREAT"), func(ctx context.Context, tx *records.Tx) error {
			_, err := tx.Put(ctx, records.Draft{Type: "Consent", JSON: []byte(theirs), Origin: records.FromEHR})
			return err
		})
		ok(t, err)
	})
}

// damages are what can become of a stored Consent.
var damages = map[string]func(r *store.Resource){
	"deleted":          func(r *store.Resource) { r.Deleted, r.Method, r.Body = true, "DELETE", nil },
	"not JSON":         func(r *store.Resource) { r.Body = []byte("%PDF-") },
	"no valid Consent": func(r *store.Resource) { r.Body = []byte(`{"resourceType":"Consent","status":"active"}`) },
	"without provision": func(r *store.Resource) {
		r.Body = bytes.Replace(r.Body, []byte(`"provision"`), []byte(`"_provision"`), 1)
	},
	"of another type": func(r *store.Resource) { r.Body = []byte(`["active"]`) },
}

func damage(t *testing.T, w *programtest.World, patient string, how func(*store.Resource)) {
	t.Helper()
	all := found(t, w, "Consent", about(patient))
	ok(t, w.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		for _, r := range all {
			before := r.Version
			r.Version, r.Updated = before+1, tx.Now()
			how(&r)
			if err := tx.Put(ctx, []store.Write{{Resource: r, Previous: before}}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Whatever became of the Consents, who leaves has left.
func TestNothingKeepsAParticipantInTheStudy(t *testing.T) {
	for title, how := range damages {
		t.Run(title, func(t *testing.T) {
			each(t, func(t *testing.T, w *programtest.World, patient string) {
				w.Agree(t, patient, consent.Research, name)
				w.Agree(t, patient, consent.EHR, name)
				damage(t, w, patient, how)
				var told []string
				hook := func(_ context.Context, _ *records.Tx, id string, _ time.Time) error {
					told = append(told, id)
					return nil
				}
				w.Consent.OnRevoke(hook)
				w.Consent.OnWithdraw(hook)
				ok(t, w.Consent.RevokeEHR(ctx, patient))
				ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
				p, err := w.Consent.Permissions(ctx, patient)
				if err != nil || p != (access.Permissions{Withdrawn: true}) || len(told) != 2 {
					t.Errorf("permits %+v (%v), hooks told %v", p, err, told)
				}
				if members, err := w.Consent.Members(ctx, w.Study.Cohort); err != nil || len(members) != 0 {
					t.Errorf("still of the cohort: %v (%v)", members, err)
				}
			})
		})
	}
}
