package consent_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

var (
	ctx  = context.Background()
	name = programtest.Ada.Name()
)

func each(t *testing.T, test func(t *testing.T, w *programtest.World, patient string)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		w := programtest.New(t, s, clock)
		test(t, w, w.Join(t, programtest.Ada))
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// found reads all resources of a type about the patient.
func found(t *testing.T, w *programtest.World, typ string, query ...search.Pair) []store.Resource {
	t.Helper()
	page, err := w.Records.Search(ctx, access.Job("consent", "HRESCH"), records.Search{Type: typ, Query: query})
	ok(t, err)
	return page.Resources
}

func about(patient string) search.Pair {
	return search.Pair{Name: "patient", Value: "Patient/" + patient}
}

func statuses(t *testing.T, w *programtest.World, patient string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range found(t, w, "Consent", about(patient)) {
		var c struct {
			Status string
			Scope  struct{ Coding []struct{ Code string } }
		}
		ok(t, json.Unmarshal(r.Body, &c))
		out[c.Scope.Coding[0].Code] += c.Status
	}
	return out
}

func TestSignatureBindsTheConsentAsStored(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		c := found(t, w, "Consent", about(patient))[0]
		for _, want := range []string{w.Study.Document("research", "en", w.Clock.Now()).Hash(), `"code":"research"`, `"code":"59284-0"`, `"code":"cric"`, `"code":"HRESCH"`, `"type":"permit"`} {
			if !strings.Contains(string(c.Body), want) {
				t.Errorf("the Consent lacks %s", want)
			}
		}
		var p struct {
			Target    []struct{ Reference string }
			Signature []struct {
				Data []byte
				Who  struct{ Display string }
			}
		}
		ok(t, json.Unmarshal(found(t, w, "Provenance", search.Pair{Name: "target", Value: "Consent/" + c.ID})[0].Body, &p))
		if p.Target[0].Reference != "Consent/"+c.ID+"/_history/1" || p.Signature[0].Who.Display != name {
			t.Errorf("the signature is on %v by %q", p.Target, p.Signature[0].Who.Display)
		}
		message, err := pkcs7.Parse(p.Signature[0].Data)
		ok(t, err)
		message.Content = c.Body
		if err := message.Verify(); err != nil {
			t.Errorf("the signature does not hold over the stored bytes: %v", err)
		}
	})
}

func TestSignedDocumentIsKept(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		var d struct {
			Content []struct{ Attachment struct{ URL, Hash string } }
		}
		ok(t, json.Unmarshal(found(t, w, "DocumentReference", about(patient))[0].Body, &d))
		pdf, err := w.Consent.PDF(ctx, strings.TrimPrefix(d.Content[0].Attachment.URL, "Binary/"))
		ok(t, err)
		if !strings.HasPrefix(string(pdf), "%PDF") {
			t.Error("no PDF is kept")
		}
		if sum, err := base64.StdEncoding.DecodeString(d.Content[0].Attachment.Hash); err != nil || len(sum) != 20 {
			t.Error("Attachment.hash is not SHA-1")
		}
	})
}

func TestDecisionsAndWhatClientsSee(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		want := func(step string, p access.Permissions, seen map[string]string) {
			t.Helper()
			got, err := w.Consent.Permissions(ctx, patient)
			ok(t, err)
			if got != p {
				t.Errorf("%s: permits %+v, want %+v", step, got, p)
			}
			for scope, status := range seen {
				if all := statuses(t, w, patient); all[scope] != status {
					t.Errorf("%s: Consents of scope %s are %q, want %q", step, scope, all[scope], status)
				}
			}
			w.Clock.Advance(time.Minute)
		}
		want("at first", access.Permissions{}, nil)
		ok(t, w.Consent.Decline(ctx, patient, consent.Research))
		want("declined", access.Permissions{}, map[string]string{"research": "rejected"})
		w.Agree(t, patient, consent.Research, name)
		want("changed their mind", access.Permissions{Research: true}, map[string]string{"research": "rejectedactive"})
		w.Agree(t, patient, consent.EHR, name)
		want("shares", access.Permissions{Research: true, EHR: true}, map[string]string{"patient-privacy": "active"})
		ok(t, w.Consent.RevokeEHR(ctx, patient))
		want("revoked", access.Permissions{Research: true}, map[string]string{"patient-privacy": "inactive"})
		w.Agree(t, patient, consent.EHR, name)
		want("shares again", access.Permissions{Research: true, EHR: true}, map[string]string{"patient-privacy": "inactiveactive"})
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
		want("withdrawn", access.Permissions{Withdrawn: true}, map[string]string{"research": "rejectedinactive", "patient-privacy": "inactiveinactive"})
		if gone, err := w.Consent.Withdrawn(ctx); err != nil || len(gone) != 1 || gone[0] != patient {
			t.Errorf("withdrawn: %v %v", gone, err)
		}
		err := w.Consent.Decline(ctx, patient, consent.Research)
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("a decision after the withdrawal: %v", err)
		}
	})
}

func TestTheLastDecisionOfASecondCounts(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Clock.Advance(500 * time.Millisecond)
		ok(t, w.Consent.Decline(ctx, patient, consent.Research))
		w.Clock.Advance(100 * time.Millisecond)
		w.Agree(t, patient, consent.Research, name)
		if p, err := w.Consent.Permissions(ctx, patient); err != nil || !p.Research {
			t.Errorf("declined, then agreed: %+v (%v)", p, err)
		}
	})
}

func TestCohortFollowsConsent(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		want := func(n int) {
			t.Helper()
			members, err := w.Consent.Members(ctx, w.Study.Cohort)
			if err != nil || len(members) != n {
				t.Errorf("members %v (%v), want %d", members, err, n)
			}
		}
		want(0)
		w.Agree(t, patient, consent.Research, name)
		want(1)
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
		want(0)
	})
}

func TestHooksRunWithTheWithdrawalOrItDoesNotHappen(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		failing := errors.New("the files could not be marked")
		var fail error = failing
		var told []string
		w.Consent.OnWithdraw(func(_ context.Context, tx *records.Tx, id string, at time.Time) error {
			told = append(told, id)
			return fail
		})
		g := consent.Signing{Patient: patient, Name: name, PrintedName: name}
		if err := w.Consent.Withdraw(ctx, g); !errors.Is(err, failing) {
			t.Fatalf("withdrawal with a failing hook: %v", err)
		}
		if p, err := w.Consent.Permissions(ctx, patient); err != nil || !p.Research || statuses(t, w, patient)["research"] != "active" {
			t.Errorf("half a withdrawal: %+v", p)
		}
		fail = nil
		ok(t, w.Consent.Withdraw(ctx, g))
		if p, _ := w.Consent.Permissions(ctx, patient); !p.Withdrawn || len(told) < 2 || told[len(told)-1] != patient {
			t.Errorf("withdrawn %+v, hooks told %v", p, told)
		}
	})
}

func TestSignatureNeedsTheOwnName(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		for _, typed := range []string{"", "Ada", "Eve Example"} {
			err := w.Consent.Sign(ctx, consent.Signing{Patient: patient, Kind: consent.Research, Name: name, PrintedName: typed})
			var faults form.Faults
			if !errors.As(err, &faults) || faults.At("printed_name") == "" {
				t.Errorf("signed as %q: %v", typed, err)
			}
		}
	})
}

func TestAnotherProcessIsSeenWithinASecond(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		before, err := w.Consent.Permissions(ctx, patient)
		ok(t, err)
		// Another process has a service of its own over the same store.
		other := consent.New(w.Consent.Config)
		other.Join(w.Records)
		ok(t, other.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
		w.Clock.Advance(time.Second)
		after, err := w.Consent.Permissions(ctx, patient)
		if err != nil || !before.Research || !after.Withdrawn {
			t.Errorf("before %+v, after %+v (%v)", before, after, err)
		}
	})
}

func TestClientsCannotWriteResearchConsents(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		body := `{"resourceType":"Consent","status":"active","scope":{"coding":[{"code":"research"}]},"category":[{"coding":[{"code":"x"}]}],"policyRule":{"text":"x"},"patient":{"reference":"Patient/` + patient + `"}}`
		_, err := w.Records.Create(ctx, access.Actor{Role: access.Maintenance, ID: "m", Unscoped: true, Purpose: "HOPERAT"}, records.Op{Type: "Consent", JSON: []byte(body)})
		if !errs.Is(err, errs.Unprocessable) {
			t.Errorf("an API write of a research Consent: %v", err)
		}
	})
}
