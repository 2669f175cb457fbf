package subscriptions

import (
	"strings"
	"testing"

	"tributary/internal/store"
)

// Subscriptions as R4 itself has them: without a payload a bare POST, with one an update
// at the endpoint, event by event; no handshake.
func TestPlainForm(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		const encounters = "Encounter?status=in-progress"
		for payload, want := range map[string]struct{ request, mime, body string }{
			"none":                                  {"POST /hook?k=1", "", ""},
			"application/fhir+json":                 {"PUT /hook/Encounter/e1?k=1", "application/fhir+json; charset=utf-8", `{"resourceType":"Encounter","id":"e1"`},
			"application/fhir+xml; fhirVersion=4.0": {"PUT /hook/Encounter/e1?k=1", "application/fhir+xml; charset=utf-8", `<Encounter xmlns="http://hl7.org/fhir"><id value="e1"/>`},
		} {
			r := receive(t)
			id := w.subscribe("ehr", subscription{criteria: encounters, endpoint: r.URL + "/hook?k=1", payload: payload}, nil)
			w.encounter("e1", "in-progress", "p1")
			w.encounter("e1", "finished", "p1") // not any more
			w.encounter("e2", "in-progress", "p2")
			n := r.next(t)
			if n.request != want.request || n.header.Get("Content-Type") != want.mime || (want.body == "") != (len(n.raw) == 0) || !strings.Contains(string(n.raw), want.body) {
				t.Errorf("%s: %s %v %s", payload, n.request, n.header, n.raw)
			}
			verify(t, w, id, n)
			if again := r.next(t); n.header.Get(numberHeader) != "1" || again.header.Get(numberHeader) != "2" || again.request != strings.Replace(want.request, "e1", "e2", 1) {
				t.Errorf("%s: the events are %s and %s: %s", payload, n.header.Get(numberHeader), again.header.Get(numberHeader), again.request)
			}
			if status := w.call("ehr", "GET /Subscription/"+id+"/$status", "").want(200); !strings.Contains(string(status.body), `"2"`) {
				t.Errorf("%s: %s", payload, status.body)
			}
			w.call("ehr", "DELETE /Subscription/"+id, "").want(204)
			w.call("all", "DELETE /Encounter/e1", "").want(204)
			w.call("all", "DELETE /Encounter/e2", "").want(204)
		}
	})
}

// A Subscription in R4's own form that a build kept which knew the backport's alone is
// delivered in the form in which it is stored, without being written again.
func TestFormsOfOlderBuilds(t *testing.T) {
	each(t, func(t *testing.T, db store.Store) {
		w := start(t, db)
		w.patients()
		r, bundles := receive(t), receive(t)
		own := w.subscribe("ehr", subscription{criteria: "Encounter?status=in-progress", endpoint: r.URL + "/hook", payload: "application/fhir+json"}, nil)
		other := w.subscribe("ehr", subscription{criteria: "Encounter?status=in-progress", endpoint: bundles.URL + "/hook", content: contentID}, bundles)
		for id, spec := range map[string]string{
			own:   `{"criteria":"Encounter?status=in-progress","channel":"rest-hook","endpoint":"` + r.URL + `/hook","content":"full-resource","maxCount":100}`,
			other: `{"criteria":"Encounter?status=in-progress","channel":"rest-hook","endpoint":"` + bundles.URL + `/hook","content":"id-only","maxCount":100}`,
		} {
			changed, err := db.Exec(t.Context(), `UPDATE subscription SET spec = $2, changed = changed + 1 WHERE id = $1`, id, []byte(spec))
			if ok(t, err); changed != 1 {
				t.Fatal("the row was not found")
			}
		}
		w.encounter("e1", "in-progress", "p1")
		if n := r.next(t); n.request != "PUT /hook/Encounter/e1" || !strings.HasPrefix(string(n.raw), `{"resourceType":"Encounter"`) {
			t.Errorf("in R4's own form: %s %s", n.request, n.raw)
		}
		if n := bundles.next(t); n.kind() != eventNotification || len(n.entries()) != 1 {
			t.Errorf("in the backport's form: %s %s", n.request, n.raw)
		}
	})
}

// What a payload cannot be, and queries that cannot be watched, are refused at once.
func TestRefusedForms(t *testing.T) {
	w := start(t, storeOf(t))
	r := receive(t)
	for want, s := range map[string]subscription{
		"a payload is application/fhir+json": {criteria: "Encounter?status=planned", payload: "text/plain"},
		"notification Bundles are":           {criteria: "encounter-start", payload: "application/fhir+xml"},
		"Bundles are application/fhir+json":  {criteria: "Encounter?status=planned", payload: "application/xml", content: contentFull},
		"chains, _has, _list and full text":  {criteria: "Encounter?patient.name=x"},
		"chains, _has":                       {criteria: "Patient?_has:Encounter:patient:status=planned"},
	} {
		s.endpoint = r.URL
		if answer := w.call("ehr", "POST /Subscription", s.json()); answer.status/100 != 4 || !strings.Contains(string(answer.body), want) {
			t.Errorf("%s: %d %s", want, answer.status, answer.body)
		}
	}
	id := w.call("ehr", "POST /Subscription", subscription{criteria: "Observation?component-code-value-quantity=8480-6$gt140", endpoint: r.URL}.json()).want(201).id()
	w.becomes(id, store.SubscriptionActive)
}
