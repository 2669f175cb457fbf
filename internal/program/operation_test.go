package program_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
)

// asked is the answer of $eligibility to an actor.
func asked(t *testing.T, w *programtest.World, actor access.Actor, patient string) (string, error) {
	t.Helper()
	r := httptest.NewRequest("GET", "/Patient/"+patient+"/$eligibility", nil)
	answer := httptest.NewRecorder()
	err := w.Program.Routes()[0].Handle(answer, mux.SetURLVars(r, map[string]string{"id": patient}), actor)
	return answer.Body.String(), err
}

func TestEligibilityAsAnOperation(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		w.Clock.Advance(time.Second)
		own := access.Actor{Role: access.Participant, ID: "a", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
		body, err := asked(t, w, own, patient)
		ok(t, err)
		if _, err := fhir.Parse([]byte(body)); err != nil {
			t.Errorf("not valid R4: %v", err)
		}
		for _, want := range []string{`"valueCode":"visit"`, `"valueCode":"enrolled"`, `"valueDateTime":"2026-03-02T`, "Reserve una visita"} {
			if !strings.Contains(body, want) {
				t.Errorf("the answer has no %s: %s", want, body)
			}
		}
		if codes := unmet(t, body, "visit"); len(codes) != 0 {
			t.Errorf("a visit is not open: %v", codes)
		}
		ok(t, w.Consent.RevokeEHR(t.Context(), patient))
		w.Clock.Advance(2 * time.Second)
		body, err = asked(t, w, own, patient)
		ok(t, err)
		if codes := unmet(t, body, "visit"); len(codes) != 1 || codes[0] != "ehr" {
			t.Errorf("after the revocation: %v", codes)
		}
		if !strings.Contains(body, `"valueCode":"eligible"`) {
			t.Error("the revocation took a milestone away")
		}
	})
}

func TestEligibilityIsNobodyElsesToKnow(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, other := eligible(t, w, 1), eligible(t, w, 2)
		for name, actor := range map[string]access.Actor{
			"another participant": {Role: access.Participant, ID: "b", Patient: other, Unscoped: true, Purpose: "PATRQT"},
			"an app without the scope": {Role: access.Participant, ID: "c", Patient: patient, Client: "app", Purpose: "PATRQT",
				Scopes: scopes(t, "patient/Patient.rs patient/Observation.rs")},
		} {
			if body, err := asked(t, w, actor, patient); !errs.Is(err, errs.Forbidden) && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s learns %s (%v)", name, body, err)
			}
		}
		study := access.Actor{Role: access.StudyStaff, ID: "s", Unscoped: true, Purpose: "HOPERAT"}
		body, err := asked(t, w, study, patient)
		ok(t, err)
		if codes := unmet(t, body, "surveys"); len(codes) != 0 {
			t.Errorf("surveys are not open: %v", codes)
		}
	})
}

func scopes(t *testing.T, text string) access.Scopes {
	t.Helper()
	s, err := access.ParseScopes(text)
	ok(t, err)
	return s
}

// unmet are the codes of a step's unmet conditions.
func unmet(t *testing.T, body, step string) (codes []string) {
	t.Helper()
	type part struct {
		Name, ValueCode string
		Part            []part
	}
	var all struct{ Parameter []part }
	ok(t, json.Unmarshal([]byte(body), &all))
	for _, p := range all.Parameter {
		if p.Name != "step" || p.Part[0].ValueCode != step {
			continue
		}
		for _, one := range p.Part {
			if one.Name == "unmet" {
				codes = append(codes, one.Part[0].ValueCode)
			}
		}
		return codes
	}
	t.Fatalf("there is no step %s in %s", step, body)
	return nil
}
