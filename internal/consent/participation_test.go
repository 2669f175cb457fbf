package consent_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
)

var sam = access.Actor{Role: access.StudyStaff, ID: "sam", Unscoped: true, Purpose: "HOPERAT"}

func signing(patient string) consent.Signing {
	return consent.Signing{Patient: patient, Kind: consent.Research, Name: name, PrintedName: name}
}

// sharing is somebody who takes part and shares records.
func sharing(t *testing.T, w *programtest.World, patient string) {
	t.Helper()
	w.Agree(t, patient, consent.Research, name)
	w.Agree(t, patient, consent.EHR, name)
}

func now(t *testing.T, w *programtest.World, patient string) consent.Permissions {
	t.Helper()
	p, err := w.Consent.Current(ctx, patient)
	ok(t, err)
	return p
}

// Deactivated, nobody writes and nothing comes in; what there is stays in use.
func TestDeactivation(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		if err := w.Consent.Deactivate(ctx, signing(patient)); !errs.Is(err, errs.Conflict) {
			t.Errorf("who never took part: %v", err)
		}
		sharing(t, w, patient)
		var told []string
		w.Consent.OnDeactivate(func(_ context.Context, _ *records.Tx, id string, _ time.Time) error {
			told = append(told, id)
			return nil
		})
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Deactivate(ctx, signing(patient)))
		p := now(t, w, patient)
		if !p.Deactivated || p.Contact || !p.Research || !p.EHR || !p.ClosedAt.Equal(w.Clock.Now()) || p.Access().Collects() || len(told) != 1 {
			t.Errorf("deactivated: %+v, told %v", p, told)
		}
		if members, err := w.Consent.Members(ctx, w.Study.Cohort); err != nil || len(members) != 1 {
			t.Errorf("what the study has is out of use: %v, %v", members, err)
		}
		if err := w.Consent.Decline(ctx, patient, "results"); !errs.Is(err, errs.Conflict) {
			t.Errorf("something is decided meanwhile: %v", err)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Reactivate(ctx, signing(patient)))
		if p := now(t, w, patient); p.Deactivated || !p.Contact || !p.Access().Collects() {
			t.Errorf("active again: %+v", p)
		}
	})
}

func TestDeath(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		sharing(t, w, patient)
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.ReportDeath(ctx, sam, patient, "a relative called"))
		if p := now(t, w, patient); !p.DeathPending || p.Deceased || p.Contact || p.Access().Collects() || !p.Research {
			t.Errorf("reported: %+v", p)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.DenyDeath(ctx, sam, patient, "a namesake"))
		if p := now(t, w, patient); p.DeathPending || !p.Contact || !p.Access().Collects() {
			t.Errorf("denied: %+v", p)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Deceased(ctx, sam, patient, w.Clock.Now().AddDate(0, 0, -3), "certificate"))
		if p := now(t, w, patient); !p.Deceased || p.Contact || p.Access().Collects() || !p.Research {
			t.Errorf("approved: %+v", p)
		}
		read, err := w.Records.Read(ctx, access.Job("consent", "HRESCH"), "Patient", patient)
		if err != nil || !strings.Contains(string(read.Body), `"deceasedDateTime":"2026-02-27"`) {
			t.Errorf("the Patient does not say so: %v: %s", err, read.Body)
		}
	})
}

func TestStaffActWithAReason(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		sharing(t, w, patient)
		own := access.Actor{Role: access.Participant, ID: "a", Patient: patient, Unscoped: true}
		if err := w.Consent.WithdrawOnEvidence(ctx, own, patient, "a letter"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by who is not of staff: %v", err)
		}
		if err := w.Consent.WithdrawOnEvidence(ctx, sam, patient, ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.WithdrawOnEvidence(ctx, sam, patient, "a letter of 2 March"))
		events, err := w.Consent.Events(ctx, patient)
		ok(t, err)
		if last := events[len(events)-1]; last.Staff != "sam" || last.Decision != consent.Withdraw || !now(t, w, patient).Withdrawn {
			t.Errorf("withdrawn by %+v", last)
		}
	})
}
