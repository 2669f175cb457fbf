package ingest_test

import (
	"slices"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/ingest"
	"tributary/internal/store"
)

// refreshing has the world pull connections again every so often.
func (w *world) refreshing(every time.Duration) {
	w.config.Every = every
	w.Service = ingest.New(w.config)
}

// after lets time go by, of which the store counts a little more for its own
// transactions, and reports whether a pull has begun by itself.
func (w *world) after(d time.Duration) bool {
	w.t.Helper()
	w.clock.Advance(d)
	if err := w.Refresh(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	w.queue.mu.Lock()
	defer w.queue.mu.Unlock()
	return len(w.queue.jobs) > 0
}

func TestPulledAgainFromTimeToTime(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.refreshing(24 * time.Hour)
		w.participant("me")
		w.connect("me")
		if w.after(48*time.Hour) && len(w.queue.jobs) > 1 {
			t.Fatal("it began before the first pull had ended")
		}
		w.pull("me")
		if w.after(24*time.Hour - time.Second) {
			t.Fatal("it began too early")
		}
		first := w.status("me").Pull.Started
		if !w.after(2 * time.Second) {
			t.Fatal("it did not begin")
		}
		if err := w.other("two").Refresh(t.Context()); err != nil || len(w.queue.jobs) != 1 {
			t.Fatalf("%d jobs, %v", len(w.queue.jobs), err)
		}
		w.provider.record["Observation"] = observations("p1", 6)
		if p := w.pull("me"); p.State != store.PullDone || len(w.held("Observation")) != 6 {
			t.Errorf("%s, %d Observations", p.State, len(w.held("Observation")))
		}
		if s := w.provider.since; s.IsZero() || s.After(first) {
			t.Errorf("asked for changes since %v, the complete pull began %v", s, first)
		}
	})
}

func TestNotPulledAgain(t *testing.T) {
	for name, c := range map[string]struct {
		every time.Duration
		turn  func(w *world)
	}{
		"never, by configuration": {0, func(*world) {}},
		"sharing has ended": {time.Hour, func(w *world) {
			w.consents.set("me", access.Permissions{Research: true})
		}},
		"the connection is stopped": {time.Hour, func(w *world) {
			if err := w.rows.Stop(w.t.Context(), w.store, w.connection("me").ID, ingest.ReasonReplaced, w.clock.Now()); err != nil {
				w.t.Fatal(err)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := sqliteWorld(t)
			w.refreshing(c.every)
			w.participant("me")
			w.connect("me")
			w.pull("me")
			c.turn(w)
			if w.after(72 * time.Hour) {
				t.Error("a pull began")
			}
		})
	}
}

// An access that ends with its token is not good for another pull.
func TestNotPulledAgainWithoutRenewal(t *testing.T) {
	w := sqliteWorld(t)
	w.refreshing(24 * time.Hour)
	w.participant("me")
	w.provider.grant = func(c *connectors.Credentials) {
		c.Refresh, c.Issued, c.Expiry, c.Lacking = "", w.clock.Now(), w.clock.Now().Add(time.Hour), []string{connectors.Renewal}
	}
	w.connect("me")
	w.pull("me")
	if w.after(72 * time.Hour) {
		t.Error("a pull began")
	}
	if s := w.status("me"); !slices.Equal(s.Connection.Lacking, []string{connectors.Renewal}) || typeOf(s, connectors.Renewal).State != "" {
		t.Errorf("%+v", s)
	}
}

func TestPartialPullIsRepeated(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.refreshing(24 * time.Hour)
		w.participant("me")
		w.provider.onPage = on("Observation/2", fault(connectors.Down, 500))
		w.connect("me")
		w.pull("me")
		for wait := 30 * time.Minute; wait <= 8*time.Hour; wait *= 2 {
			if w.after(wait - time.Second) {
				t.Fatalf("repeated before %s", wait)
			}
			if !w.after(2 * time.Second) {
				t.Fatalf("not repeated after %s", wait)
			}
			if p := w.pull("me"); p.State != store.PullPartial {
				t.Fatalf("the pull is %s", p.State)
			}
		}
		if w.after(24*time.Hour - time.Second) {
			t.Fatal("repeated a sixth time")
		}
		w.provider.onPage = nil
		if !w.after(2 * time.Second) {
			t.Fatal("no longer pulled from time to time")
		}
		if p := w.pull("me"); p.State != store.PullDone || w.connection("me").Repeats != 0 || len(w.held("Observation")) != 5 {
			t.Errorf("%s, %+v", p.State, w.connection("me"))
		}
	})
}

func TestWhatIsRepeatedSoon(t *testing.T) {
	refers := fhirtest.Observation(fhirtest.ID("o9"), fhirtest.Subject("Patient/p1"),
		fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1"}}))
	for _, c := range []struct {
		name   string
		turn   func(s *script)
		repeat bool
	}{
		{"refused", func(s *script) { s.onPage = on("Observation", fault(connectors.Refused, 403)) }, false},
		{"answer", func(s *script) { s.onPage = on("Observation", fault(connectors.BadAnswer, 200)) }, false},
		{"down", func(s *script) { s.onPage = on("Observation", fault(connectors.Down, 500)) }, true},
		{"references refused", func(s *script) { s.onFetch = func(string) error { return fault(connectors.Refused, 403) } }, false},
		{"references down", func(s *script) { s.onFetch = func(string) error { return fault(connectors.Down, 500) } }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := sqliteWorld(t)
			w.participant("me")
			w.provider.record["Observation"] = [][]byte{refers}
			c.turn(w.provider)
			w.connect("me")
			if p := w.pull("me"); p.State != store.PullPartial {
				t.Fatalf("the pull is %s", p.State)
			}
			if got := w.after(time.Hour); got != c.repeat {
				t.Errorf("repeated: %v", got)
			}
		})
	}
}

// Whoever asks for another pull has the repetitions begin anew.
func TestAskedForAfterRepetitions(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.onPage = on("Observation", fault(connectors.Down, 500))
	w.connect("me")
	w.pull("me")
	for range 5 {
		w.after(24 * time.Hour)
		w.pull("me")
	}
	if w.after(240 * time.Hour) {
		t.Fatal("repeated a sixth time")
	}
	w.again("me")
	if !w.after(31 * time.Minute) {
		t.Error("not repeated")
	}
}

func TestFewerScopesThanAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.grant = func(c *connectors.Credentials) { c.Lacking = []string{"Condition", "Observation"} }
		w.provider.record["Condition"] = nil
		connection := w.connect("me")
		if n := len(w.status("me").Types); n != 0 {
			t.Errorf("%d types before the plan", n)
		}
		w.pull("me")
		if c := typeOf(w.status("me"), "Condition"); c.State != store.QueryFailed || c.Reason != "scope" {
			t.Errorf("what did not come: %+v", c)
		}
		if o := typeOf(w.status("me"), "Observation"); o.State != store.QueryDone || o.Stored != 5 {
			t.Errorf("what came all the same: %+v", o)
		}
		if !slices.Equal(connection.Lacking, []string{"Condition", "Observation"}) {
			t.Errorf("kept: %q", connection.Lacking)
		}
	})
}
