package consent_test

import (
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
)

// What a representative decides says that they did: the event, the Consent, and a
// Provenance of each of its versions. What they agreed to ends with their permission.
func TestDecisionsForSomebodySayWhoTookThem(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		ends := w.Clock.Now().Add(48 * time.Hour)
		_, err := w.Consent.Delegate(ctx, consent.Delegation{Patient: patient, Delegate: "eve", Scopes: "patient/*.rs", Ends: ends})
		ok(t, err)
		w.Understand(t, patient, consent.Research)
		g := consent.Signing{Patient: patient, Kind: consent.Research, Name: "Eve Example", PrintedName: "Eve Example", For: "eve"}
		ok(t, w.Consent.Sign(ctx, g))
		w.Clock.Advance(time.Minute)
		g.Kind = consent.EHR
		mallory := g
		mallory.For = "mallory"
		if err := w.Consent.Refuse(ctx, mallory); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a stranger says no: %v", err)
		}
		ok(t, w.Consent.Refuse(ctx, g))
		w.Clock.Advance(time.Minute)
		ok(t, w.Consent.Sign(ctx, g))
		w.Clock.Advance(time.Minute)
		if err := w.Consent.TakeBack(ctx, mallory); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a stranger takes back: %v", err)
		}
		ok(t, w.Consent.TakeBack(ctx, g))
		events, err := w.Consent.Events(ctx, patient)
		ok(t, err)
		for _, e := range events {
			if e.By != "eve" || e.Decision == consent.Agree && !e.Expires.Equal(ends) {
				t.Errorf("%s of %s by %q until %v", e.Decision, e.Kind, e.By, e.Expires)
			}
		}
		for i, versions := range []int{1, 1, 2} { // signed; refused; signed and taken back
			said, err := w.Records.All(ctx, access.Job("consent", "HRESCH"), "Provenance", map[string][]string{"target": {"Consent/" + events[i].ConsentID}})
			ok(t, err)
			if len(said) != versions {
				t.Errorf("%s of %s has %d Provenances", events[i].Decision, events[i].Kind, len(said))
			}
			for _, one := range said {
				if !strings.Contains(string(one.Body), `"value":"eve"`) || !strings.Contains(string(one.Body), `"onBehalfOf":{"reference":"Patient/`+patient) {
					t.Errorf("it does not say who: %s", one.Body)
				}
			}
		}
		w.Clock.Advance(48 * time.Hour)
		if now, err := w.Consent.Current(ctx, patient); err != nil || now.Research {
			t.Errorf("after the permission's end the agreement still holds: %v", err)
		}
		if err := w.Consent.Decline(ctx, patient, consent.Research); err != nil {
			t.Errorf("the person themselves decides: %v", err)
		}
	})
}
