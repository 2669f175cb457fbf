package biosample_test

import (
	"context"
	"regexp"
	"sync"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/biosample"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
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

var about = biosample.About{Born: time.Date(1980, 12, 31, 0, 0, 0, 0, time.UTC)}

// present is somebody who takes part and is at the center.
func present(t *testing.T, w *programtest.World) (patient, visit string) {
	t.Helper()
	patient = w.Join(t, programtest.Ada)
	w.Agree(t, patient, consent.Research, programtest.Ada.Name())
	v, err := w.Visits.WalkIn(ctx, staff, patient)
	ok(t, err)
	return patient, v.ID
}

func found(t *testing.T, w *programtest.World, id string) biosample.Order {
	t.Helper()
	o, err := w.Biosamples.Find(ctx, staff, id)
	ok(t, err)
	return o
}

func TestAnOrderGoesStepByStep(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, visit := present(t, w)
		placed, err := w.Biosamples.Place(ctx, staff, visit, "blood", "", about)
		ok(t, err)
		o := found(t, w, placed.ID)
		labels := map[string]bool{}
		for _, s := range o.Samples {
			labels[s.Accession] = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{12}$`).MatchString(s.Accession)
			if s.Status != "unavailable" || s.Tube.ID == "" || !labels[s.Accession] {
				t.Errorf("before it is drawn: %+v", s)
			}
		}
		if o.State != biosample.Created || len(labels) != 3 || o.Patient != patient || o.Visit != visit || o.Site != staff.Site {
			t.Fatalf("%+v", o)
		}
		if err := w.Biosamples.Advance(ctx, staff, o.ID, biosample.Processed, nil, ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("processed before it is collected: %v", err)
		}
		if err := w.Biosamples.Advance(ctx, staff, o.ID, biosample.Collected, []string{"SST"}, ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("a missing tube without reason: %v", err)
		}
		w.Clock.Advance(time.Minute)
		ok(t, w.Biosamples.Advance(ctx, staff, o.ID, biosample.Collected, []string{"SST"}, "The vein collapsed"))
		w.Clock.Advance(time.Minute)
		ok(t, w.Biosamples.Advance(ctx, staff, o.ID, biosample.Processed, []string{"EDTA2"}, "Clotted"))
		w.Clock.Advance(time.Minute)
		ok(t, w.Biosamples.Advance(ctx, staff, o.ID, biosample.Finalized, nil, ""))
		o = found(t, w, o.ID)
		status := map[string]string{}
		for _, s := range o.Samples {
			status[s.Tube.ID] = s.Status + " " + s.Note
		}
		if status["EDTA1"] != "available " || status["EDTA2"] != "unsatisfactory Clotted" || status["SST"] != "unavailable The vein collapsed" {
			t.Errorf("the tubes: %v", status)
		}
		if len(o.Steps) != 4 || o.Open() {
			t.Errorf("the steps: %+v", o.Steps)
		}
		for i, what := range []string{biosample.Created, biosample.Collected, biosample.Processed, biosample.Finalized} {
			if s := o.Steps[i]; s.What != what || s.By != "kim" || s.Site != staff.Site || i > 0 && !s.At.After(o.Steps[i-1].At) {
				t.Errorf("step %d: %+v", i, s)
			}
		}
		me := access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
		if given, err := w.Biosamples.GivenBy(ctx, me, patient); err != nil || len(given) != 1 || given[0].Code != "119297000" {
			t.Errorf("the participant gave %+v (%v)", given, err)
		}
	})
}

func TestAButtonPressedTwiceOrdersOnce(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, visit := present(t, w)
		outcomes := make([]error, 3)
		var all sync.WaitGroup
		for i := range outcomes {
			all.Go(func() { _, outcomes[i] = w.Biosamples.Place(ctx, staff, visit, "urine", "", about) })
		}
		all.Wait()
		for _, err := range outcomes {
			if err != nil && !errs.Is(err, errs.Conflict) {
				t.Errorf("ordering: %v", err)
			}
		}
		orders, err := w.Biosamples.Of(ctx, staff, patient)
		ok(t, err)
		if len(orders) != 1 {
			t.Fatalf("%d orders", len(orders))
		}
		for i := range outcomes {
			all.Go(func() { outcomes[i] = w.Biosamples.Advance(ctx, staff, orders[0].ID, biosample.Collected, nil, "") })
		}
		all.Wait()
		if steps := found(t, w, orders[0].ID).Steps; len(steps) != 2 {
			t.Errorf("steps %+v", steps)
		}
	})
}

func TestSalivaOnlyWhereBloodIsNotPossible(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		_, visit := present(t, w)
		if _, err := w.Biosamples.Place(ctx, staff, visit, "saliva", "", about); !errs.Is(err, errs.Invalid) {
			t.Errorf("saliva without reason: %v", err)
		}
		blood, err := w.Biosamples.Place(ctx, staff, visit, "blood", "", about)
		ok(t, err)
		if _, err := w.Biosamples.Place(ctx, staff, visit, "saliva", "no-vein", about); !errs.Is(err, errs.Conflict) {
			t.Errorf("saliva beside blood: %v", err)
		}
		if err := w.Biosamples.Cancel(ctx, staff, blood.ID, "because", ""); !errs.Is(err, errs.Invalid) {
			t.Errorf("cancelled for a reason that there is not: %v", err)
		}
		ok(t, w.Biosamples.Cancel(ctx, staff, blood.ID, "not-possible", "Two tries"))
		gone := found(t, w, blood.ID)
		if gone.State != biosample.Cancelled || gone.Reason != "not-possible" || gone.Note != "Two tries" {
			t.Errorf("%+v", gone)
		}
		for _, s := range gone.Samples {
			if s.Status != "entered-in-error" {
				t.Errorf("a tube of a cancelled order is %s", s.Status)
			}
		}
		saliva, err := w.Biosamples.Place(ctx, staff, visit, "saliva", "no-vein", about)
		ok(t, err)
		if o := found(t, w, saliva.ID); o.InsteadReason != "no-vein" {
			t.Errorf("%+v", o)
		}
	})
}

func TestWhoMayOrder(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		_, visit := present(t, w)
		pregnant := about
		pregnant.Circumstances = map[string]bool{"pregnant": true}
		if _, err := w.Biosamples.Place(ctx, staff, visit, "blood", "", pregnant); !errs.Is(err, errs.Forbidden) {
			t.Errorf("blood of a pregnant participant: %v", err)
		}
		elsewhere := staff
		elsewhere.Site = "mesa-clinic"
		if _, err := w.Biosamples.Place(ctx, elsewhere, visit, "urine", "", about); !errs.Is(err, errs.NotFound) {
			t.Errorf("ordered at another center: %v", err)
		}
		o, err := w.Biosamples.Place(ctx, staff, visit, "urine", "", about)
		ok(t, err)
		if _, err := w.Biosamples.Find(ctx, elsewhere, o.ID); err == nil {
			t.Error("another center sees the order")
		}
		bare := undecided(t, w)
		if _, err := w.Biosamples.Place(ctx, staff, bare, "urine", "", about); !errs.Is(err, errs.Forbidden) {
			t.Errorf("ordered of somebody who does not take part: %v", err)
		}
	})
}

// undecided is somebody at the center who has not agreed to anything.
func undecided(t *testing.T, w *programtest.World) (visit string) {
	t.Helper()
	other := programtest.Ada
	other.Email = "other@example.org"
	v, err := w.Visits.WalkIn(ctx, staff, w.Join(t, other))
	ok(t, err)
	return v.ID
}
