package retention_test

import (
	"context"
	"testing"
	"time"

	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/retention"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const (
	dayLong  = 24 * time.Hour
	yearLong = 365 * dayLong
)

// world is the participants' side with the service; pruned are the times that the
// audit was pruned to.
type world struct {
	*programtest.World
	*retention.Service
	pruned []time.Time
}

func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		w := &world{World: programtest.New(t, s, clock)}
		w.Service = retention.New(retention.Config{Store: s, Records: w.Records, Sealer: w.Keys, Now: clock.Now, Unconfirmed: w.Accounts.Purge,
			Audit: func(_ context.Context, before time.Time) (int64, error) {
				w.pruned = append(w.pruned, before)
				return 0, nil
			},
			Times: retention.Times{Unconfirmed: 2 * dayLong, NeverConsented: yearLong, ConsentEvidence: 6 * yearLong, Codes: dayLong, Mailbox: 30 * dayLong, Audit: 7 * yearLong}})
		test(t, w)
	})
}

func (w *world) enforce(t *testing.T) {
	t.Helper()
	if err := w.Enforce(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *world) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := w.World.Store.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhoNeverConsentedIsForgotten(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bo := programtest.Ada
		bo.Email = "bo@example.org"
		never, member := w.Join(t, programtest.Ada), w.Join(t, bo)
		ok(t, w.World.Consent.Decline(t.Context(), never, consent.Research))
		w.Agree(t, member, consent.Research, bo.Name())
		w.Clock.Advance(yearLong - time.Hour)
		w.enforce(t)
		if _, err := w.Accounts.Person(t.Context(), never); err != nil {
			t.Fatalf("forgotten before the time: %v", err)
		}
		w.Clock.Advance(2 * time.Hour)
		w.enforce(t)
		if _, err := w.Accounts.Person(t.Context(), never); !errs.Is(err, errs.Gone) && !errs.Is(err, errs.NotFound) {
			t.Errorf("the Patient is still there: %v", err)
		}
		for _, table := range []string{"account", "consent_event"} {
			if n := w.count(t, `SELECT count(*) FROM `+table+` WHERE patient = $1`, never); n != 0 {
				t.Errorf("%s holds %d rows of the person", table, n)
			}
		}
		if _, err := w.Accounts.Person(t.Context(), member); err != nil {
			t.Errorf("who takes part is forgotten, too: %v", err)
		}
		w.Clock.Advance(dayLong)
		w.enforce(t) // once more: nothing is left to do
	})
}

func TestEvidenceOfTheLeftGoesAfterSixYears(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		patient := w.Join(t, programtest.Ada)
		name := programtest.Ada.Name()
		w.Agree(t, patient, consent.Research, name)
		w.Clock.Advance(time.Hour)
		ok(t, w.World.Consent.Withdraw(t.Context(), consent.Signing{Patient: patient, Name: name, PrintedName: name}))
		evidence := `SELECT count(*) FROM consent_evidence WHERE patient = $1`
		if w.count(t, evidence, patient) == 0 {
			t.Fatal("there is no evidence to begin with")
		}
		w.Clock.Advance(6*yearLong - dayLong)
		w.enforce(t)
		if w.count(t, evidence, patient) == 0 {
			t.Fatal("the evidence is gone before its time")
		}
		w.Clock.Advance(2 * dayLong)
		w.enforce(t)
		if n := w.count(t, evidence, patient); n != 0 {
			t.Errorf("%d steps are still kept", n)
		}
		if n := w.count(t, `SELECT count(*) FROM consent_event WHERE patient = $1 AND printed IS NOT NULL`, patient); n != 0 {
			t.Errorf("%d signatures are still kept", n)
		}
		p, err := w.World.Consent.Current(t.Context(), patient)
		if err != nil || !p.Withdrawn {
			t.Errorf("that the person has left is forgotten: %+v (%v)", p, err)
		}
	})
}

func TestEvidenceOfWhoTakesPartStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		patient := w.Join(t, programtest.Ada)
		w.Agree(t, patient, consent.Research, programtest.Ada.Name())
		w.Clock.Advance(20 * yearLong)
		w.enforce(t)
		if w.count(t, `SELECT count(*) FROM consent_evidence WHERE patient = $1`, patient) == 0 {
			t.Error("the evidence of an agreement that holds is gone")
		}
	})
}

func TestAHoldWins(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		patient := w.Join(t, programtest.Ada)
		if err := w.Place(t.Context(), patient, "", "lee"); !errs.Is(err, errs.Invalid) {
			t.Errorf("a hold without a reason: %v", err)
		}
		ok(t, w.Place(t.Context(), patient, "a letter of the court", "lee"))
		w.Clock.Advance(8 * yearLong)
		w.enforce(t)
		if _, err := w.Accounts.Person(t.Context(), patient); err != nil || len(w.pruned) != 0 {
			t.Fatalf("in spite of the hold: %v, audit pruned %d times", err, len(w.pruned))
		}
		held, err := w.Holds(t.Context())
		if err != nil || len(held) != 1 || held[0].Reason != "a letter of the court" || held[0].Staff != "lee" {
			t.Errorf("the holds are %+v (%v)", held, err)
		}
		ok(t, w.Lift(t.Context(), patient))
		if err := w.Lift(t.Context(), patient); !errs.Is(err, errs.NotFound) {
			t.Errorf("lifted twice: %v", err)
		}
		w.enforce(t)
		if _, err := w.Accounts.Person(t.Context(), patient); err == nil || len(w.pruned) != 1 {
			t.Errorf("after the hold: %v, audit pruned %d times", err, len(w.pruned))
		}
	})
}

func TestCodesAndMailsGo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id, err := w.Accounts.SignUp(t.Context(), programtest.Ada)
		ok(t, err)
		w.Clock.Advance(31 * dayLong)
		w.enforce(t)
		for _, table := range []string{"account", "account_code", "account_email", "dev_mail"} {
			if n := w.count(t, `SELECT count(*) FROM `+table); n != 0 {
				t.Errorf("%s holds %d rows of %s", table, n, id)
			}
		}
	})
}
