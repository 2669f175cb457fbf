package app

import (
	"net/http"
	"strings"
	"testing"

	"tributary/internal/store"
)

// Nobody writes into another's record, takes a resource over from it, or moves one of
// theirs there: by any way of writing. The lines: CheckWrite and Check in ready,
// records/ready.go.
func TestAttackWritesBeyondTheCompartment(t *testing.T) {
	w := newLeakWorld(t)
	answers := func(id, patient string) string {
		return `{"resourceType":"QuestionnaireResponse",` + id + `"status":"completed","questionnaire":"http://example.org/q","subject":{"reference":"Patient/` + patient + `"}}`
	}
	seen := func(id, patient string) string {
		return `{"resourceType":"Observation",` + id + `"status":"final","code":{"text":"y"},"subject":{"reference":"Patient/` + patient + `"}}`
	}
	for _, p := range []string{"qa-patient", "qb-patient"} {
		w.must(http.MethodPut, "/QuestionnaireResponse/of-"+p, answers(`"id":"of-`+p+`",`, p))
		w.must(http.MethodPut, "/Observation/of-"+p, seen(`"id":"of-`+p+`",`, p))
	}
	entry := func(method, url, resource string) string {
		return `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + resource + `,"request":{"method":"` + method + `","url":"` + url + `"}}]}`
	}
	for name, c := range map[string]struct {
		who string
		ask
	}{
		"answers for another":        {"participant", ask{"POST", "/QuestionnaireResponse", answers("", "qb-patient"), nil}},
		"answers given away":         {"participant", ask{"PUT", "/QuestionnaireResponse/of-qa-patient", answers(`"id":"of-qa-patient",`, "qb-patient"), nil}},
		"answers taken over":         {"participant", ask{"PUT", "/QuestionnaireResponse/of-qb-patient", answers(`"id":"of-qb-patient",`, "qa-patient"), nil}},
		"answers by a delegate":      {"delegate", ask{"POST", "/QuestionnaireResponse", answers("", "qb-patient"), nil}},
		"answers of nobody":          {"participant", ask{"POST", "/QuestionnaireResponse", `{"resourceType":"QuestionnaireResponse","status":"completed"}`, nil}},
		"answers in a transaction":   {"participant", ask{"POST", "", entry("POST", "QuestionnaireResponse", answers("", "qb-patient")), nil}},
		"taken over in one":          {"participant", ask{"POST", "", entry("PUT", "QuestionnaireResponse/of-qb-patient", answers(`"id":"of-qb-patient",`, "qa-patient")), nil}},
		"a finding for another":      {"ehr", ask{"POST", "/Observation", seen("", "qb-patient"), nil}},
		"a finding given away":       {"ehr", ask{"PUT", "/Observation/of-qa-patient", seen(`"id":"of-qa-patient",`, "qb-patient"), nil}},
		"a finding taken over":       {"ehr", ask{"PUT", "/Observation/of-qb-patient", seen(`"id":"of-qb-patient",`, "qa-patient"), nil}},
		"a finding moved by a patch": {"ehr", ask{"PATCH", "/Observation/of-qa-patient", `[{"op":"replace","path":"/subject/reference","value":"Patient/qb-patient"}]`, []string{"Content-Type", "application/json-patch+json"}}},
		"another's patched":          {"ehr", ask{"PATCH", "/Observation/of-qb-patient", `[{"op":"replace","path":"/subject/reference","value":"Patient/qa-patient"}]`, []string{"Content-Type", "application/json-patch+json"}}},
		"another's tagged":           {"ehr", ask{"POST", "/Observation/of-qb-patient/$meta-add", metas[0], nil}},
	} {
		answer := w.send(c.who, c.ask)
		if answer.Code != http.StatusForbidden && answer.Code != http.StatusNotFound {
			t.Errorf("%s: %d %.300s", name, answer.Code, answer.Body)
		}
	}
	for _, typ := range []string{"QuestionnaireResponse", "Observation"} {
		for _, p := range []string{"qa-patient", "qb-patient"} {
			answer := w.send("maintenance", ask{method: http.MethodGet, path: "/" + typ + "/of-" + p})
			if !strings.Contains(answer.Body.String(), "Patient/"+p) || answer.Header().Get("ETag") != `W/"1"` {
				t.Errorf("%s of %s was changed: %s", typ, p, answer.Body)
			}
		}
	}
}

// An AuditEvent is read by the one whom it is about alone. The line: f.Patient in
// narrowEvents, records/events.go.
func TestAttackAnothersAuditEvent(t *testing.T) {
	w := newLeakWorld(t)
	w.ok(w.audit.Flush(t.Context()))
	found, err := w.audit.Find(t.Context(), w.store, store.AuditFilter{Limit: 1000})
	w.ok(err)
	asked := map[bool]int{}
	for _, e := range found {
		own := strings.Contains(string(e.Body), `"Patient/qa-patient`)
		answer := w.send("participant", ask{method: http.MethodGet, path: "/AuditEvent/" + e.ID})
		if asked[own]++; (answer.Code == http.StatusOK) != own {
			t.Errorf("own: %v, %d: %.300s", own, answer.Code, e.Body)
		}
	}
	if asked[true] == 0 || asked[false] == 0 {
		t.Errorf("asked %v", asked)
	}
}
