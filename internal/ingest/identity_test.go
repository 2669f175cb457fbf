package ingest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/ingest"
	"tributary/internal/store"
)

// nothing checks that no resource of the provider is held.
func nothing(t *testing.T, w *world) {
	t.Helper()
	for _, typ := range []string{"Observation", "Condition", "Provenance"} {
		if n := len(w.held(typ)); n != 0 {
			t.Errorf("%d %ss are stored", n, typ)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM source`); n != 0 {
		t.Errorf("%d sources are stored", n)
	}
}

func TestAnotherPersonIsHeld(t *testing.T) {
	theirs := map[string]fhirtest.Option{
		"birth date": fhirtest.With("birthDate", "2015-05-06"), "sex": fhirtest.With("gender", "male"), "no birth date": fhirtest.Without("birthDate"),
	}
	for name, o := range theirs {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.participant("me")
				w.provider.record["Patient"] = [][]byte{patient("p1", o)}
				c := w.connect("me")
				if p := w.pull("me"); p.State != store.PullStopped {
					t.Errorf("the pull is %s", p.State)
				}
				held, err := w.Held(t.Context())
				if err != nil || len(held) != 1 || held[0].Connection.Reason != ingest.ReasonDemographics {
					t.Fatalf("held: %+v, %v", held, err)
				}
				said := held[0]
				if said.Ours != (ingest.Demographics{BirthDate: "1980-05-06", Sex: "female"}) || said.Theirs == nil || *said.Theirs == said.Ours || said.Other != nil {
					t.Errorf("staff see %+v", said)
				}
				nothing(t, w)
				if err := w.decide(c, true); err != nil {
					t.Fatal(err)
				}
				if p := w.pull("me"); p.State != store.PullDone || len(w.held("Observation")) != 5 {
					t.Errorf("accepted: the pull is %s", p.State)
				}
				if err := w.decide(c, true); !errs.Is(err, errs.Conflict) {
					t.Errorf("decided twice: %v", err)
				}
			})
		})
	}
}

func TestRefusedHoldingIsReleased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me", fhirtest.With("birthDate", "1999-01-01"))
		c := w.connect("me")
		w.pull("me")
		if err := w.decide(c, false); err != nil {
			t.Fatal(err)
		}
		if c := w.connection("me"); c.State != store.ConnectionStopped || c.Reason != ingest.ReasonRefused || len(c.Credentials) != 0 {
			t.Errorf("the connection is %s because of %s", c.State, c.Reason)
		}
		nothing(t, w)
		w.participant("right") // the person whose record it is
		w.connect("right")
		if p := w.pull("right"); p.State != store.PullDone {
			t.Errorf("the right person's pull is %s", p.State)
		}
	})
}

func TestUnreadablePatientIsHeld(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		w.provider.onPage = on("Patient", fault(connectors.Refused, 403))
		w.connect("me")
		w.pull("me")
		if c := w.connection("me"); c.State != store.ConnectionHeld || c.Reason != ingest.ReasonUnreadable {
			t.Errorf("the connection is %s because of %s", c.State, c.Reason)
		}
		nothing(t, w)
	})
}

func TestCallback(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	good := func(state string) url.Values { return url.Values{"state": {state}, "code": {"c"}} }
	refused := func(name string, err error, kind errs.Kind) {
		t.Helper()
		if !errs.Is(err, kind) || errs.Of(err).Safe == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	state := w.begin("mine", "me")
	refused("another account's", w.Callback(t.Context(), "theirs", good(state)), errs.Invalid)
	refused("wrong", w.Callback(t.Context(), "mine", good("wrong")), errs.Invalid)
	refused("none", w.Callback(t.Context(), "mine", url.Values{"code": {"c"}}), errs.Invalid)

	state = w.begin("mine", "me")
	w.clock.Advance(16 * time.Minute)
	refused("expired", w.Callback(t.Context(), "mine", good(state)), errs.Invalid)

	state = w.begin("mine", "me")
	refused("declined", w.Callback(t.Context(), "mine", url.Values{"state": {state}, "error": {"access_denied"}}), errs.Forbidden)

	state = w.begin("mine", "me")
	w.consents.set("me", access.Permissions{Research: true})
	refused("revoked meanwhile", w.Callback(t.Context(), "mine", good(state)), errs.Forbidden)
	_, err := w.Start(t.Context(), "mine", "me", "harbor")
	refused("no authorization", err, errs.Forbidden)
	w.consents.set("me", access.Permissions{Research: true, EHR: true})
	_, err = w.Start(t.Context(), "mine", "me", "nowhere")
	refused("unknown provider", err, errs.NotFound)

	state = w.begin("mine", "me")
	if err := w.Callback(t.Context(), "mine", good(state)); err != nil {
		t.Fatal(err)
	}
	refused("replayed", w.Callback(t.Context(), "mine", good(state)), errs.Invalid)
	if n := w.count(`SELECT COUNT(*) FROM connection`); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestConnectingAgainReplaces(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.participant("me")
		first := w.connect("me")
		w.pull("me")
		w.clock.Advance(time.Hour)
		second := w.connect("me")
		if c, err := w.rows.Get(t.Context(), w.store, first.ID); err != nil || c.State != store.ConnectionStopped || c.Reason != ingest.ReasonReplaced {
			t.Errorf("the first is %s, %v", c.State, err)
		}
		if p := w.pull("me"); p.Connection != second.ID || p.State != store.PullDone {
			t.Errorf("%+v", p)
		}
		if n := w.count(`SELECT COUNT(*) FROM source WHERE version>1`); n != 0 {
			t.Errorf("%d sources came twice", n)
		}
	})
}

// A code that came too late is no refusal by the person.
func TestRefusedCodeIsTold(t *testing.T) {
	w := sqliteWorld(t)
	w.participant("me")
	state := w.begin("mine", "me")
	w.provider.set(func() { w.provider.completing = fault(connectors.CodeRefused, 400) })
	err := w.Callback(t.Context(), "mine", url.Values{"state": {state}, "code": {"late"}})
	if !errs.Is(err, errs.Invalid) || !strings.Contains(errs.Of(err).Safe, "connect again") {
		t.Errorf("told: %v", err)
	}
}
