package consent_test

import (
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// actsFor tells whether the delegate reads the participant's Patient.
func actsFor(t *testing.T, w *programtest.World, patient string) bool {
	t.Helper()
	scopes, err := access.ParseScopes("patient/*.rs")
	ok(t, err)
	eve := access.Actor{Role: access.Delegate, ID: "eve", Client: "app", Patient: patient, Scopes: scopes}
	_, err = w.Records.Read(ctx, eve, "Patient", patient)
	if err != nil && !errs.Is(err, errs.Forbidden) {
		t.Fatal(err)
	}
	return err == nil
}

// A delegate acts from the beginning to the end of a permission, and not once it is
// taken back; the Consent says the same.
func TestDelegation(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		if actsFor(t, w, patient) {
			t.Fatal("without a permission")
		}
		id, err := w.Consent.Delegate(ctx, consent.Delegation{Patient: patient, Delegate: "eve", Scopes: "patient/Patient.rs",
			Begins: w.Clock.Now().Add(time.Hour), Ends: w.Clock.Now().Add(2 * time.Hour)})
		ok(t, err)
		if actsFor(t, w, patient) {
			t.Error("before it begins")
		}
		w.Clock.Advance(time.Hour)
		if !actsFor(t, w, patient) {
			t.Error("not while it holds")
		}
		ok(t, w.Consent.EndDelegation(ctx, patient, id))
		if actsFor(t, w, patient) {
			t.Error("after it was taken back")
		}
		if err := w.Consent.EndDelegation(ctx, patient, id); !errs.Is(err, errs.NotFound) {
			t.Errorf("taken back twice: %v", err)
		}
		_, err = w.Consent.Delegate(ctx, consent.Delegation{Patient: patient, Delegate: "eve", Scopes: "patient/*.rs", Ends: w.Clock.Now().Add(time.Hour)})
		ok(t, err)
		w.Clock.Advance(time.Hour)
		if held, err := w.Consent.Delegates(ctx, patient); err != nil || len(held) != 1 || actsFor(t, w, patient) {
			t.Errorf("after its end: %v, %v", held, err)
		}
	})
}

func TestAWithdrawalEndsDelegations(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		_, err := w.Consent.Delegate(ctx, consent.Delegation{Patient: patient, Delegate: "eve", Scopes: "patient/*.rs"})
		ok(t, err)
		held, err := w.Consent.DelegatedTo(ctx, "eve")
		if err != nil || len(held) != 1 || !actsFor(t, w, patient) {
			t.Fatalf("%v, %v", held, err)
		}
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Kind: consent.Research, Name: name, PrintedName: name}))
		if actsFor(t, w, patient) {
			t.Error("somebody acts for who has left")
		}
		ended, err := w.Records.Read(ctx, access.Job("consent", "HRESCH"), "Consent", held[0].Consent)
		if err != nil || !strings.Contains(string(ended.Body), `"status":"inactive"`) {
			t.Errorf("the Consent is not inactive: %v: %s", err, ended.Body)
		}
	})
}

func TestDelegationsAreOfOneParticipant(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		for _, d := range []consent.Delegation{
			{Patient: patient, Delegate: "eve", Scopes: "system/*.rs"}, {Patient: patient, Delegate: "eve", Scopes: "openid"},
			{Patient: patient, Delegate: "eve"}, {Patient: patient, Scopes: "patient/*.rs"},
			{Patient: patient, Delegate: "eve", Scopes: "patient/*.rs", Ends: w.Clock.Now()},
		} {
			if _, err := w.Consent.Delegate(ctx, d); !errs.Is(err, errs.Invalid) {
				t.Errorf("%+v: %v", d, err)
			}
		}
	})
}

// An approval holds until the first of what it rests on ends.
func TestApprovals(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, _ string) {
		now := w.Clock.Now()
		var rows tables.Approvals
		ok(t, rows.Add(ctx, w.Store, store.Approval{ID: "a", Researcher: "rae", Group: "g", Project: "x", Begins: now, Created: now,
			Ends: now.Add(3 * time.Hour), Agreed: now.Add(2 * time.Hour), Trained: now.Add(time.Hour)}))
		for _, c := range []struct {
			after time.Duration
			holds bool
		}{{-time.Minute, false}, {time.Minute, true}, {time.Hour, false}} {
			groups, err := rows.Groups(ctx, w.Store, "rae", now.Add(c.after))
			if err != nil || (len(groups) == 1) != c.holds {
				t.Errorf("after %v: %v, %v", c.after, groups, err)
			}
		}
		if n, err := rows.Revoke(ctx, w.Store, "rae", "g", now); err != nil || n != 1 {
			t.Errorf("%d are revoked: %v", n, err)
		}
		if groups, err := rows.Groups(ctx, w.Store, "rae", now.Add(time.Minute)); err != nil || len(groups) != 0 {
			t.Errorf("after it was taken back: %v, %v", groups, err)
		}
	})
}
