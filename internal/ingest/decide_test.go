package ingest_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/records"
	"tributary/internal/store"
)

// decide decides as a member of staff, and remembers whom it concerned.
func (w *world) decide(c store.Connection, accept bool) error {
	w.concerned = nil
	d := ingest.Decision{Connection: c.ID, Accept: accept, Reason: "asked by telephone", By: "kim"}
	return w.Decide(w.t.Context(), d, func(_ context.Context, _ store.Tx, patients []string) error {
		w.concerned = patients
		return nil
	})
}

func (w *world) row(id string) store.Connection {
	w.t.Helper()
	c, err := w.rows.Get(w.t.Context(), w.store, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// list is the staff's work list.
func (w *world) list() []ingest.Holding {
	w.t.Helper()
	held, err := w.Held(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return held
}

func TestRecordOfAnotherAccountIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("first")
		w.connect("first")
		w.pull("first")
		before := w.count(`SELECT COUNT(*) FROM source`)
		w.participant("second", fhirtest.With("gender", "male"))
		c := w.connect("second")
		if c.State != store.ConnectionHeld || c.Reason != ingest.ReasonDuplicate {
			t.Fatalf("the connection is %s because of %q", c.State, c.Reason)
		}
		if _, waits := w.queue.next(); waits {
			t.Error("a pull was asked for")
		}
		list := w.list()
		if len(list) != 1 || list[0].Other == nil || list[0].Other.Patient != "first" || list[0].Theirs == nil || list[0].Theirs.Sex != "female" || list[0].Ours.Sex != "male" {
			t.Errorf("staff see %+v", list)
		}
		if err := w.decide(c, false); err != nil {
			t.Error(err)
		}
		if n := w.count(`SELECT COUNT(*) FROM source`); n != before || w.connection("first").State != store.ConnectionActive {
			t.Errorf("the first account lost its record")
		}
		if len(w.list()) != 0 {
			t.Error("what is decided is still on the list")
		}
	})
}

// Whoever was first need not be right: staff can give the record to the second,
// and the first keeps nothing of it.
func TestRecordGoesToTheRightAccount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.provider.extra["Practitioner/d1"] = fhirtest.Practitioner(fhirtest.ID("d1"))
		w.provider.extra["Device/v1"] = []byte(`{"resourceType":"Device","id":"v1","patient":{"reference":"Patient/p1"}}`)
		w.provider.record["Observation"][0] = fhirtest.Observation(fhirtest.ID("o0"), fhirtest.Subject("Patient/p1"),
			fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1"}}), fhirtest.With("device", map[string]any{"reference": "Device/v1"}))
		w.participant("first")
		w.connect("first")
		w.pull("first")
		w.clock.Advance(time.Minute)
		w.participant("second")
		c := w.connect("second")
		lost := w.held("Observation")
		if err := w.decide(c, true); err != nil {
			t.Fatal(err)
		}
		for _, o := range lost {
			if _, err := w.records.ReadVersion(t.Context(), access.Job("ingest", ""), o.Type, o.ID, o.Version); err == nil {
				t.Errorf("version %d of what the first account has lost can still be read", o.Version)
			}
		}
		slices.Sort(w.concerned)
		if !slices.Equal(w.concerned, []string{"first", "second"}) {
			t.Errorf("concerned are %v", w.concerned)
		}
		if first := w.connection("first"); first.State != store.ConnectionStopped || first.Reason != ingest.ReasonRefused || len(first.Credentials) != 0 {
			t.Errorf("the first account's is %s because of %q", first.State, first.Reason)
		}
		if n := len(w.held("Observation")) + len(w.held("Device")); n != 0 || len(w.held("Practitioner")) != 1 {
			t.Errorf("%d Observations and Devices of the first account are left, and %d Practitioners, who are nobody's", n, len(w.held("Practitioner")))
		}
		if p := w.pull("second"); p.State != store.PullDone {
			t.Errorf("the pull is %s", p.State)
		}
		for _, o := range append(w.held("Observation"), w.held("Device")...) {
			if !contains(o.Body, `"Patient/second"`) || contains(o.Body, `"Patient/first"`) {
				t.Errorf("%s", o.Body)
			}
		}
		if n, devices := len(w.held("Observation")), len(w.held("Device")); n != 5 || devices != 1 {
			t.Errorf("%d Observations and %d Devices came", n, devices)
		}
		w.clock.Advance(time.Minute)
		if again := w.connect("first"); again.State != store.ConnectionHeld || again.Reason != ingest.ReasonDuplicate {
			t.Errorf("the first account gets at the record again: %s", again.State)
		}
	})
}

// Whose claim it is does not tell that the record is the person's: who differs
// is held once more.
func TestTheSecondAccountIsComparedToo(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("first")
		w.connect("first")
		w.participant("second", fhirtest.With("gender", "male"))
		c := w.connect("second")
		if err := w.decide(c, true); err != nil {
			t.Fatal(err)
		}
		w.queue.next() // the first account's pull, which is stopped
		w.pull("second")
		nothing(t, w)
		list := w.list()
		if len(list) != 1 || list[0].Connection.ID != c.ID || list[0].Connection.Held != ingest.ReasonDemographics || list[0].Other != nil {
			t.Fatalf("staff see %+v", list)
		}
		if err := w.decide(c, true); err != nil {
			t.Fatal(err)
		}
		if p := w.pull("second"); p.State != store.PullDone {
			t.Errorf("the pull is %s", p.State)
		}
	})
}

// A wrong pick must not lock the right person out.
func TestWrongPickIsGivenUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("wrong", fhirtest.With("birthDate", "1999-01-01"))
		picked := w.connect("wrong")
		w.pull("wrong")
		w.clock.Advance(time.Minute)
		w.provider.set(func() {
			w.provider.patient = "p2"
			w.provider.record["Patient"] = [][]byte{patient("p2", fhirtest.With("birthDate", "1999-01-01"))}
		})
		own := w.connect("wrong")
		if c := w.row(picked.ID); c.State != store.ConnectionStopped || c.Reason != ingest.ReasonReplaced || c.Held != ingest.ReasonDemographics {
			t.Fatalf("the wrong pick is %s because of %q", c.State, c.Reason)
		}
		w.queue.next()
		list := w.list()
		if len(list) != 1 || list[0].Connection.ID != picked.ID || list[0].Theirs == nil || list[0].Theirs.BirthDate != "1980-05-06" {
			t.Fatalf("staff see %+v", list)
		}
		w.provider.set(func() {
			w.provider.patient = "p1"
			w.provider.record["Patient"] = [][]byte{patient("p1")}
		})
		w.participant("right")
		if c := w.connect("right"); c.State != store.ConnectionActive {
			t.Fatalf("the right person's connection is %s because of %q", c.State, c.Reason)
		}
		if p := w.pull("right"); p.State != store.PullDone {
			t.Errorf("the right person's pull is %s", p.State)
		}
		if err := w.decide(picked, true); !errs.Is(err, errs.Conflict) {
			t.Errorf("what has ended is accepted: %v", err)
		}
		if err := w.decide(picked, false); err != nil || len(w.list()) != 0 {
			t.Errorf("it cannot be closed: %v", err)
		}
		if w.row(own.ID).State != store.ConnectionActive || w.connection("right").State != store.ConnectionActive {
			t.Error("closing it ended another connection")
		}
	})
}

// Who stops sharing before staff have decided leaves the record to whose it is.
func TestStoppingReleasesWhatWasHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("wrong", fhirtest.With("birthDate", "1999-01-01"))
		w.connect("wrong")
		w.pull("wrong")
		err := w.records.Write(t.Context(), ingestJob, func(ctx context.Context, tx *records.Tx) error {
			return w.StopAll(ctx, tx, "wrong", ingest.ReasonRevoked)
		})
		if err != nil {
			t.Fatal(err)
		}
		w.participant("right")
		if c := w.connect("right"); c.State != store.ConnectionActive {
			t.Errorf("the right person's connection is %s because of %q", c.State, c.Reason)
		}
		if len(w.list()) != 1 {
			t.Error("nobody will look at what was held")
		}
	})
}

// Connecting the same record again leaves one thing to decide, not two.
func TestSameRecordAgainIsOneDecision(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me", fhirtest.With("birthDate", "1999-01-01"))
		first := w.connect("me")
		w.pull("me")
		w.clock.Advance(time.Minute)
		second := w.connect("me")
		w.pull("me")
		if list := w.list(); len(list) != 1 || list[0].Connection.ID != second.ID {
			t.Errorf("staff see %d", len(list))
		}
		if d := w.row(first.ID).Decision; d.Verdict != store.VerdictSuperseded {
			t.Errorf("the first: %+v", d)
		}
	})
}

func TestDecisionIsKeptWithItsReason(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me", fhirtest.With("birthDate", "1999-01-01"))
		c := w.connect("me")
		w.pull("me")
		lost := errors.New("the audit trail is lost")
		err := w.Decide(t.Context(), ingest.Decision{Connection: c.ID, By: "kim"}, func(context.Context, store.Tx, []string) error { return lost })
		if !errors.Is(err, lost) || w.row(c.ID).State != store.ConnectionHeld || len(w.list()) != 1 {
			t.Errorf("decided without a witness: %v", err)
		}
		if err := w.decide(c, false); err != nil {
			t.Fatal(err)
		}
		want := store.Decision{Verdict: store.VerdictRefused, Reason: "asked by telephone", By: "kim", At: w.row(c.ID).Decision.At}
		if got := w.row(c.ID); got.Decision != want || got.Decision.At.IsZero() || len(got.Theirs) != 0 {
			t.Errorf("kept: %+v", got.Decision)
		}
	})
}
