package ingest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/records"
	"tributary/internal/store"
)

// disconnect ends the participant's latest connection.
func (w *world) disconnect(patient string, remove bool) error {
	w.t.Helper()
	d := ingest.Disconnection{Patient: patient, Connection: w.connection(patient).ID, Remove: remove}
	return w.Disconnect(w.t.Context(), d, func(context.Context, *records.Tx) error { w.concerned = []string{patient}; return nil })
}

// remove runs a removal as attempt of the job runner's.
func (w *world) remove(ctx context.Context, patient string) error {
	args := ingest.RemoveArgs{Connection: w.connection(patient).ID}
	return w.Remove(ctx, &river.Job[ingest.RemoveArgs]{JobRow: &rivertype.JobRow{Attempt: 1, MaxAttempts: 8}, Args: args})
}

// shared is a participant with a record of which a practitioner is a part.
func (w *world) shared(patient string) {
	w.t.Helper()
	w.provider.extra["Practitioner/d1"] = fhirtest.Practitioner(fhirtest.ID("d1"))
	w.provider.record["Observation"][0] = fhirtest.Observation(fhirtest.ID("o0"), fhirtest.Subject("Patient/p1"),
		fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1"}}))
	w.participant(patient)
	w.connect(patient)
	w.pull(patient)
}

// What came stays with whoever disconnects and says nothing else; it can still go later.
func TestDisconnectKeepsWhatCame(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shared("one")
		before := len(w.held("Observation"))
		if err := w.disconnect("one", false); err != nil {
			t.Fatal(err)
		}
		c := w.connection("one")
		if c.State != store.ConnectionStopped || c.Reason != ingest.ReasonDisconnected || len(c.Credentials) != 0 || len(w.concerned) != 1 {
			t.Errorf("the connection is %s because of %q", c.State, c.Reason)
		}
		if len(w.held("Observation")) != before {
			t.Error("records are gone")
		}
		if err := w.disconnect("one", false); errs.Of(err).Kind != errs.Conflict {
			t.Errorf("ending it twice: %v", err)
		}
		if err := w.disconnect("one", true); err != nil {
			t.Errorf("removing later: %v", err)
		}
	})
}

// A removal leaves no byte of what came, in any version, and no index row; who is in
// others' records stays. The provider can be connected again afterwards, not before.
func TestRemovalLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shared("one")
		w.provider.record["Observation"][1] = fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Subject("Patient/p1"), fhirtest.With("status", "amended"))
		w.again("one")
		gone := w.held("Observation")
		if err := w.disconnect("one", true); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Start(t.Context(), "account-one", "one", "harbor"); errs.Of(err).Kind != errs.Conflict {
			t.Errorf("connecting during the removal: %v", err)
		}
		if err := w.disconnect("one", true); errs.Of(err).Kind != errs.Conflict {
			t.Errorf("removing twice: %v", err)
		}
		for range 2 { // a job may run more than once
			if err := w.remove(t.Context(), "one"); err != nil {
				t.Fatal(err)
			}
		}
		if c := w.connection("one"); c.Reason != ingest.ReasonRemoved {
			t.Errorf("the connection ended because of %q", c.Reason)
		}
		w.nothingOf(t, gone)
		if len(w.held("Practitioner")) != 1 {
			t.Error("a practitioner, who is nobody's, is gone")
		}
		w.connect("one")
		if p := w.pull("one"); p.State != store.PullDone || len(w.held("Observation")) != len(gone) {
			t.Errorf("connected again, the pull is %s with %d Observations", p.State, len(w.held("Observation")))
		}
	})
}

// nothingOf holds the store to having nothing of some resources but that they were.
func (w *world) nothingOf(t *testing.T, gone []store.Resource) {
	t.Helper()
	for _, r := range gone {
		for v := int64(1); v <= r.Version; v++ {
			if _, err := w.records.ReadVersion(t.Context(), access.Job("ingest", ""), r.Type, r.ID, v); err == nil {
				t.Errorf("version %d of %s can still be read", v, r.Type)
			}
		}
	}
	for what, query := range map[string]string{
		"bytes of the provider": `SELECT COUNT(*) FROM source WHERE key NOT IN (SELECT key FROM source_head WHERE type='Practitioner')`, "quarantined": `SELECT COUNT(*) FROM quarantine`,
		"claims": `SELECT COUNT(*) FROM provider_identity`,
	} {
		if n := w.count(query); n != 0 {
			t.Errorf("%d %s are left", n, what)
		}
	}
	for _, typ := range []string{"Observation", "Condition"} {
		if n := len(w.held(typ)); n != 0 {
			t.Errorf("%d %ss are left", n, typ)
		}
	}
}

// A removal that is broken off goes on with the rest.
func TestRemovalGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shared("one")
		if err := w.disconnect("one", true); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := w.remove(ctx, "one"); err == nil {
			t.Error("a run that was broken off went through")
		}
		if c := w.connection("one"); c.Reason != ingest.ReasonRemoving {
			t.Errorf("the connection ended because of %q", c.Reason)
		}
		if err := w.remove(t.Context(), "one"); err != nil || w.connection("one").Reason != ingest.ReasonRemoved {
			t.Errorf("the next run: %v", err)
		}
	})
}

// Nobody ends a connection that is another's, that staff look at, or that ended with
// the study.
func TestWhoCannotDisconnect(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shared("one")
		d := ingest.Disconnection{Patient: "two", Connection: w.connection("one").ID, Remove: true}
		never := func(context.Context, *records.Tx) error { return errors.New("was called") }
		if err := w.Disconnect(t.Context(), d, never); errs.Of(err).Kind != errs.NotFound {
			t.Errorf("somebody else: %v", err)
		}
		w.participant("two")
		w.connect("two") // to the same record: held
		if err := w.disconnect("two", true); errs.Of(err).Kind != errs.Conflict {
			t.Errorf("a held one: %v", err)
		}
		err := w.records.Write(t.Context(), ingestJob, func(ctx context.Context, tx *records.Tx) error {
			return w.StopAll(ctx, tx, "one", ingest.ReasonWithdrawn)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.disconnect("one", true); errs.Of(err).Kind != errs.Forbidden {
			t.Errorf("after leaving the study: %v", err)
		}
	})
}

// Who connects anew sees all that is here of the record, not only what is new.
func TestCountsGoOnWithANewConnection(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.shared("one")
		before := typeOf(w.status("one"), "Observation").Stored
		w.clock.Advance(time.Minute)
		w.connect("one")
		w.pull("one")
		if after := typeOf(w.status("one"), "Observation").Stored; after != before || after == 0 {
			t.Errorf("%d Observations, then %d", before, after)
		}
	})
}
