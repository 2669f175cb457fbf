package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/internal/store"
)

func TestMalformedIsQuarantinedAndStoredWhenMended(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		good := w.provider.record["Observation"][1]
		bad := bytes.Replace(good, []byte(`"status"`), []byte(`"notAnElement"`), 1)
		w.provider.record["Observation"][1] = bad
		connection := w.connect("me")
		if p := w.pull("me"); p.State != store.PullDone {
			t.Fatalf("the pull is %s", p.State)
		}
		q, err := w.Quarantined(t.Context(), connection.ID)
		if err != nil || len(q) != 1 {
			t.Fatalf("%d in quarantine, %v", len(q), err)
		}
		if q[0].Type != "Observation" || q[0].ProviderID != "o1" || q[0].Reason == "" || !bytes.Equal(q[0].Body, bad) {
			t.Errorf("quarantined: %s/%s because of %q", q[0].Type, q[0].ProviderID, q[0].Reason)
		}
		if s := typeOf(w.status("me"), "Observation"); s.Stored != 4 || s.Quarantined != 1 || s.State != store.QueryDone {
			t.Errorf("shown as %+v", s)
		}
		w.provider.record["Observation"][1] = good
		w.again("me")
		if !w.provider.since.IsZero() {
			t.Error("what is mended may not look changed, yet only changes were asked for")
		}
		if s := typeOf(w.status("me"), "Observation"); s.Stored != 5 || s.Quarantined != 0 {
			t.Errorf("after it was mended: %+v", s)
		}
	})
}

// A held resource that comes broken, and then as it was, leaves nothing behind.
func TestBrokenForAWhile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.connect("me")
		w.pull("me")
		good := w.provider.record["Condition"][0]
		for _, step := range []struct {
			body        []byte
			quarantined int64
		}{{[]byte(`{"resourceType":"Condition","id":"c0","oops":1}`), 1}, {good, 0}} {
			w.provider.record["Condition"][0] = step.body
			w.again("me")
			if s := typeOf(w.status("me"), "Condition"); s.Quarantined != step.quarantined || s.Stored != 3 {
				t.Errorf("%+v", s)
			}
		}
		for _, r := range w.held("Condition") {
			if r.Version != 1 {
				t.Errorf("version %d", r.Version)
			}
		}
	})
}

func TestNotThisRecord(t *testing.T) {
	list := []struct {
		name, reason string
		body         []byte
	}{
		{"another patient's", "the resource is about another patient", fhirtest.Observation(fhirtest.ID("x"), fhirtest.Subject("Patient/p7"))},
		{"our own Patient's", "the resource refers to a record of this service", fhirtest.Observation(fhirtest.ID("x"), fhirtest.Subject(ourBase+"/Patient/other"))},
		{"another Patient", "this is another patient", patient("p7")},
		{"AuditEvent", "a AuditEvent is no part of a patient's record", []byte(`{"resourceType":"AuditEvent","id":"x"}`)},
		{"Group", "a Group is no part of a patient's record", fhirtest.Group(fhirtest.ID("x"))},
		{"Person", "a Person is no part of a patient's record", []byte(`{"resourceType":"Person","id":"x"}`)},
		{"of a later FHIR version", "resourceType is not a type of FHIR R4", []byte(`{"resourceType":"Transport","id":"x"}`)},
		{"without id", "the resource has no id", fhirtest.Observation(fhirtest.Without("id"), fhirtest.Subject("Patient/p1"))},
	}
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			w := sqliteWorld(t)
			w.participant("me")
			w.provider.record["Observation"] = append(w.provider.record["Observation"], c.body)
			connection := w.connect("me")
			w.pull("me")
			q, err := w.Quarantined(t.Context(), connection.ID)
			if err != nil || len(q) != 1 || q[0].Reason != c.reason || !bytes.Equal(q[0].Body, c.body) {
				t.Fatalf("in quarantine: %+v, %v", q, err)
			}
			if n := len(w.held("Observation")); n != 5 {
				t.Errorf("%d Observations", n)
			}
			if n := len(w.held("Patient")); n != 1 {
				t.Errorf("%d Patients", n)
			}
		})
	}
}

func TestRefusedTypeIsNamed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.onPage = on("Condition", fault(connectors.Refused, 403))
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullPartial {
			t.Fatalf("the pull is %s", p.State)
		}
		s := w.status("me")
		if c := typeOf(s, "Condition"); c.State != store.QueryFailed || c.Reason != "refused" {
			t.Errorf("Condition: %+v", c)
		}
		if o := typeOf(s, "Observation"); o.State != store.QueryDone || o.Stored != 5 {
			t.Errorf("Observation: %+v", o)
		}
	})
}

func TestFailureOnAPage(t *testing.T) {
	failures := map[connectors.Failure]string{connectors.Down: "down", connectors.ForeignHost: "foreign-host", connectors.BadAnswer: "answer"}
	for failure, reason := range failures {
		t.Run(reason, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.participant("me")
				w.provider.types = []string{"Observation", "Condition"}
				w.provider.onPage = on("Observation/2", fault(failure, 500))
				w.connect("me")
				p := w.pull("me")
				s := w.status("me")
				if o := typeOf(s, "Observation"); p.State != store.PullPartial || o.State != store.QueryFailed || o.Reason != reason || o.Stored != 2 {
					t.Errorf("%s: %+v", p.State, o)
				}
				if c := typeOf(s, "Condition"); c.State != store.QueryDone || c.Stored != 3 {
					t.Errorf("the others: %+v", c)
				}
				queries, err := w.pulls.Queries(t.Context(), w.store, p.ID)
				if err != nil || queries[1].Next != "Observation/2" {
					t.Errorf("the checkpoint is %+v, %v", queries, err)
				}
				w.provider.onPage = nil
				if p := w.again("me"); p.State != store.PullDone || len(w.held("Observation")) != 5 {
					t.Errorf("completed: %s, %d", p.State, len(w.held("Observation")))
				}
				if n := w.count(`SELECT COUNT(*) FROM source WHERE version>1`); n != 0 {
					t.Errorf("%d sources came twice", n)
				}
			})
		})
	}
}

func TestPagesInACircle(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.next = func(page string, next *connectors.Query) *connectors.Query {
		if page == "Observation/4" {
			return &connectors.Query{Type: "Observation", URL: "Observation/2"}
		}
		return next
	}
	w.connect("me")
	if p := w.pull("me"); p.State != store.PullPartial || typeOf(w.status("me"), "Observation").Reason != "answer" {
		t.Errorf("%s, %+v", p.State, typeOf(w.status("me"), "Observation"))
	}
}

func TestProviderDownAsAWhole(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.types = []string{"Condition", "Encounter", "Goal", "Observation", "Procedure"}
	down := true
	w.provider.onPage = func(_ context.Context, page string, _ connectors.Credentials) error {
		if down && page != "Patient" {
			return fault(connectors.Down, 0)
		}
		return nil
	}
	w.connect("me")
	args, _ := w.queue.next()
	if err := run(t.Context(), w.Service, args, 1); err == nil {
		t.Fatal("the job must be tried again")
	}
	if n := len(w.provider.asked()); n > 6 {
		t.Errorf("%d requests to a provider that is down", n)
	}
	if err := run(t.Context(), w.Service, args, 8); err != nil {
		t.Fatal(err)
	}
	s := w.status("me")
	if o := typeOf(s, "Procedure"); s.Pull.State != store.PullPartial || o.State != store.QueryFailed || o.Reason != "down" {
		t.Errorf("after the last attempt: %s, %+v", s.Pull.State, o)
	}
	down = false
	if p := w.again("me"); p.State != store.PullDone || len(w.held("Observation")) != 5 {
		t.Errorf("the next pull: %s", p.State)
	}
}

func TestThrottledForHours(t *testing.T) {
	for _, failure := range []connectors.Failure{connectors.Throttled, connectors.Down} {
		t.Run(string(failure), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.participant("me")
				w.provider.onPage = on("Observation/2", &connectors.Error{Failure: failure, Status: 429, After: 3 * time.Hour})
				w.connect("me")
				args, _ := w.queue.next()
				err := run(t.Context(), w.Service, args, 1)
				var snooze *river.JobSnoozeError
				if !errors.As(err, &snooze) || snooze.Duration != 3*time.Hour {
					t.Fatalf("the job ends with %v", err)
				}
				if p := w.status("me").Pull; p.State != store.PullRunning || p.Owner != "" {
					t.Errorf("the pull is %s of %q", p.State, p.Owner)
				}
				w.provider.onPage = nil
				w.clock.Advance(3 * time.Hour)
				before := len(w.provider.asked())
				if err := run(t.Context(), w.other("two"), args, 1); err != nil {
					t.Fatal(err)
				}
				if n := len(w.held("Observation")); n != 5 || w.status("me").Pull.State != store.PullDone {
					t.Errorf("%d Observations", n)
				}
				if slices.Contains(w.provider.asked()[before:], "Observation") {
					t.Error("it began again instead of going on at the checkpoint")
				}
			})
		})
	}
}

func TestThrottledForEver(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.onPage = on("Observation", &connectors.Error{Failure: connectors.Throttled, Status: 429, After: time.Hour})
	w.connect("me")
	args, _ := w.queue.next()
	w.clock.Advance(72 * time.Hour)
	if err := run(t.Context(), w.Service, args, 1); err != nil {
		t.Fatal(err)
	}
	if s := w.status("me"); s.Pull.State != store.PullPartial || typeOf(s, "Observation").Reason != "throttled" {
		t.Errorf("%s, %+v", s.Pull.State, typeOf(s, "Observation"))
	}
}

func TestReferencesThatFailAreFollowedByTheNextPull(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.extra["Practitioner/d1"] = fhirtest.Practitioner(fhirtest.ID("d1"))
		w.provider.record["Observation"][0] = fhirtest.Observation(fhirtest.ID("o0"), fhirtest.Subject("Patient/p1"),
			fhirtest.With("performer", []any{map[string]any{"reference": "Practitioner/d1"}, map[string]any{"reference": "Practitioner/gone"}}))
		w.provider.onFetch = func(string) error { return fault(connectors.Refused, 403) }
		w.connect("me")
		if p := w.pull("me"); p.State != store.PullPartial || typeOf(w.status("me"), "Practitioner").State != store.QueryFailed {
			t.Errorf("the pull is %s", p.State)
		}
		w.provider.onFetch = nil
		if p := w.again("me"); p.State != store.PullDone || len(w.held("Practitioner")) != 1 {
			t.Errorf("the next pull is %s, %d Practitioners", p.State, len(w.held("Practitioner")))
		}
	})
}

func TestSurrenderNamesWhatIsMissing(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	w.provider.onPage = on("Patient", fault(connectors.Down, 503))
	w.connect("me")
	args, _ := w.queue.next()
	if err := run(t.Context(), w.Service, args, 7); err == nil {
		t.Fatal("the job must be tried again")
	}
	if err := run(t.Context(), w.Service, args, 8); err != nil {
		t.Fatal(err)
	}
	if s := w.status("me"); s.Pull.State != store.PullPartial || typeOf(s, "Observation").Reason != "down" {
		t.Errorf("%s, %+v", s.Pull.State, typeOf(s, "Observation"))
	}
}
