package measurement_test

import (
	"context"
	"encoding/json"
	"net/url"
	"reflect"
	"sync"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/measurement"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/visit"
)

var ctx = context.Background()

func each(t *testing.T, test func(t *testing.T, w *programtest.World)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) { test(t, programtest.New(t, s, clock)) })
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var staff = access.Actor{Role: access.CenterStaff, ID: "kim", Site: "harbor-clinic", Unscoped: true, Purpose: "HOPERAT"}

// session is a form that was filled in, with changes.
func session(t *testing.T, w *programtest.World, changes ...string) measurement.Session {
	t.Helper()
	values := url.Values{"height": {"170.5"}, "weight": {"70.0"}, "deviation.waist": {"refused"}, "pregnant": {"no"}, "symptoms": {"no"},
		"systolic_1": {"130"}, "systolic_2": {"120"}, "systolic_3": {"121"}, "diastolic_1": {"85"}, "diastolic_2": {"80"}, "diastolic_3": {"82"},
		"heart_rate_1": {"70"}, "heart_rate_2": {"68"}, "heart_rate_3": {"66"}}
	for i := 0; i+1 < len(changes); i += 2 {
		values.Set(changes[i], changes[i+1])
	}
	s, err := measurement.ReadSession(&w.Study.Protocol, "en", values)
	ok(t, err)
	return s
}

// measured is somebody who takes part and was measured at a visit.
func measured(t *testing.T, w *programtest.World, s measurement.Session) (patient string, v visit.Visit) {
	t.Helper()
	patient = w.Join(t, programtest.Ada)
	w.Agree(t, patient, consent.Research, programtest.Ada.Name())
	v, err := w.Visits.WalkIn(ctx, staff, patient)
	ok(t, err)
	ok(t, w.Measurements.Take(ctx, staff, v.ID, s))
	return patient, v
}

func only(t *testing.T, w *programtest.World, patient string) measurement.Set {
	t.Helper()
	sets, err := w.Measurements.Of(ctx, staff, patient)
	ok(t, err)
	if len(sets) != 1 {
		t.Fatalf("%d sets", len(sets))
	}
	return sets[0]
}

func TestASetIsReadAsItWasTaken(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		taken := session(t, w, "wheelchair", "yes", "systolic_2", "190", "systolic_3", "191")
		patient, v := measured(t, w, taken)
		set := only(t, w, patient)
		for name, on := range taken.Circumstances {
			if !on {
				delete(taken.Circumstances, name)
			}
		}
		if !reflect.DeepEqual(set.Session, taken) {
			t.Errorf("read back: %+v\ntaken: %+v", set.Session, taken)
		}
		if set.Visit != v.ID || set.By != "kim" || set.Site != staff.Site || set.Alert != "expedited" || set.Status != measurement.Final {
			t.Errorf("%+v", set)
		}
		if set.Values["systolic"] != "190.5" || set.Values["bmi"] != "24.1" || set.Values["weight"] != "70.0" {
			t.Errorf("what counts: %v", set.Values)
		}
		me := access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
		if mine, err := w.Measurements.Of(ctx, me, patient); err != nil || len(mine) != 1 {
			t.Errorf("the participant sees %d sets (%v)", len(mine), err)
		}
	})
}

func TestAnAmendmentNamesWhatItStandsInFor(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, v := measured(t, w, session(t, w))
		old := only(t, w, patient)
		w.Clock.Advance(time.Hour)
		if err := w.Measurements.Amend(ctx, staff, old.ID, session(t, w), " "); !errs.Is(err, errs.Invalid) {
			t.Errorf("an amendment without reason: %v", err)
		}
		ok(t, w.Measurements.Amend(ctx, staff, old.ID, session(t, w, "height", "171"), "Read wrong"))
		sets, err := w.Measurements.Of(ctx, staff, patient)
		ok(t, err)
		if len(sets) != 2 || sets[0].Replaces != old.ID || sets[0].Status != measurement.Amended || sets[0].Values["height"] != "171" || sets[0].Reason != "Read wrong" {
			t.Fatalf("%+v", sets)
		}
		if !sets[0].At.Equal(old.At) || sets[1].ID != old.ID || sets[1].InForce() || sets[1].Reason != "Read wrong" || sets[1].Values["height"] != "170.5" {
			t.Errorf("the original: %+v", sets[1])
		}
		wantInForce(t, w, patient, 13)
		if err := w.Measurements.Amend(ctx, staff, old.ID, session(t, w), "Again"); !errs.Is(err, errs.Conflict) {
			t.Errorf("what was corrected is corrected again: %v", err)
		}
		now, err := w.Visits.Get(ctx, staff, v.ID)
		ok(t, err)
		if now.Status != visit.Fulfilled {
			t.Errorf("the visit is %s", now.Status)
		}
		if at, err := w.Measurements.Taken(ctx, patient); err != nil || len(at) != 1 {
			t.Errorf("measured at %v (%v)", at, err)
		}
	})
}

// wantInForce counts the Observations that are not entered in error.
func wantInForce(t *testing.T, w *programtest.World, patient string, want int) {
	t.Helper()
	found, err := w.Records.All(ctx, staff, "Observation", url.Values{"subject": {"Patient/" + patient}, "_count": {"1000"}})
	ok(t, err)
	n := 0
	for _, r := range found {
		var body struct{ Status string }
		ok(t, json.Unmarshal(r.Body, &body))
		if body.Status != measurement.Cancelled {
			n++
		}
	}
	if n != want {
		t.Errorf("%d Observations count, want %d", n, want)
	}
}

func TestACancelledSetCountsForNothing(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, v := measured(t, w, session(t, w))
		set := only(t, w, patient)
		elsewhere := staff
		elsewhere.Site = "mesa-clinic"
		if err := w.Measurements.Cancel(ctx, elsewhere, set.ID, "Not ours"); err == nil {
			t.Error("another center cancels a set")
		}
		outcomes := make([]error, 3)
		var all sync.WaitGroup
		for i := range outcomes {
			all.Go(func() { outcomes[i] = w.Measurements.Cancel(ctx, staff, set.ID, "Wrong participant") })
		}
		all.Wait()
		done := 0
		for _, err := range outcomes {
			if err == nil {
				done++
			}
		}
		if done != 1 {
			t.Errorf("cancelled %d times: %v", done, outcomes)
		}
		wantInForce(t, w, patient, 0)
		if at, err := w.Measurements.Taken(ctx, patient); err != nil || len(at) != 0 {
			t.Errorf("measured at %v (%v)", at, err)
		}
		now, err := w.Visits.Get(ctx, staff, v.ID)
		ok(t, err)
		if now.Status != visit.Arrived {
			t.Errorf("the visit is %s; the right measurements could not be taken", now.Status)
		}
		ok(t, w.Measurements.Take(ctx, staff, v.ID, session(t, w)))
	})
}

func TestNobodyIsMeasuredWithoutConsentOrTwice(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := w.Join(t, programtest.Ada)
		v, err := w.Visits.WalkIn(ctx, staff, patient)
		ok(t, err)
		if err := w.Measurements.Take(ctx, staff, v.ID, session(t, w)); !errs.Is(err, errs.Forbidden) {
			t.Errorf("measured without consent: %v", err)
		}
		w.Agree(t, patient, consent.Research, programtest.Ada.Name())
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() { _ = w.Measurements.Take(ctx, staff, v.ID, session(t, w)) }) // one of them succeeds
		}
		all.Wait()
		only(t, w, patient)
	})
}

// Who was measured stays within reach for some days, and not for ever.
func TestACenterReachesThePersonForSomeDays(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, _ := measured(t, w, session(t, w))
		w.Clock.Advance(visit.Reachable - time.Hour)
		only(t, w, patient)
		w.Clock.Advance(2 * time.Hour)
		if sets, err := w.Measurements.Of(ctx, staff, patient); err == nil && len(sets) > 0 {
			t.Error("the center still reads somebody's measurements")
		}
	})
}
