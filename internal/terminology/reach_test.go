package terminology_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/audit"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Who may not see a value set cannot use it, and does not learn that it is there; what
// R4 defines is for everybody who may ask.
func TestReach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		s.call("app", "GET /ValueSet/$expand?url=http://example.org/vs/open", "").is(403)
		s.call("app", "GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "").is(403)
		s.call("nobody", "GET /ValueSet/$expand?url=http://example.org/vs/open", "").is(401)

		hidden := s.call("narrow", "GET /ValueSet/$expand?url=http://example.org/vs/dogs", "").is(404)
		absent := s.call("narrow", "GET /ValueSet/$expand?url=http://example.org/vs/nope", "").is(404)
		if strings.ReplaceAll(string(absent.body), "nope", "dogs") != string(hidden.body) {
			t.Errorf("what is hidden and what is not there are told apart: %s and %s", hidden.body, absent.body)
		}
		s.call("narrow", "GET /ValueSet/dogs/$expand", "").is(404)
		s.call("narrow", "GET /ValueSet/none/$expand", "").is(404)
		if got := s.call("narrow", "GET /ValueSet/$expand?url=http://example.org/vs/open", "").is(200).codes(); got != "animal dog poodle bird dodo Stone" {
			t.Errorf("what it reaches: %s", got)
		}
		if got := s.call("narrow", "GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender", "").is(200).codes(); got != "male female other unknown" {
			t.Errorf("R4's own: %s", got)
		}
		drawn := valueSet("sent", include(`{"valueSet":["http://example.org/vs/dogs"]}`))
		s.call("narrow", "POST /ValueSet/$expand", drawn).is(404)
		body := `{"resourceType":"Parameters","parameter":[{"name":"code","valueCode":"dog"},{"name":"system","valueUri":"http://example.org/animals"},{"name":"valueSet","resource":` + drawn + `}]}`
		if r := s.call("narrow", "POST /ValueSet/$validate-code", body).is(200); r.parameter("result") != "false" || !strings.Contains(r.parameter("message"), "not known here") {
			t.Errorf("a hidden value set is drawn in: %s", r.body)
		}
		s.call("narrow", "GET /ConceptMap/$translate?system=http://example.org/animals&code=dog", "").is(403)
	})
}

// What is stored with the url of one of R4's own value sets comes before it.
func TestStoredWins(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		const gender = "GET /ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender"
		before := s.call("all", gender, "").is(200).codes()
		s.put(`{"resourceType":"ValueSet","id":"gender","url":"http://hl7.org/fhir/ValueSet/administrative-gender","version":"9","status":"draft",
			"compose":{"include":[{"system":"http://hl7.org/fhir/administrative-gender","concept":[{"code":"other"}]}]}}`)
		if got := s.call("all", gender, "").is(200).codes(); got != "other" {
			t.Errorf("the stored one: %s", got)
		}
		if got := s.call("all", gender+"%7C4.0.1", "").is(200).codes(); got != before {
			t.Errorf("R4's, by its version: %s", got)
		}
		if got := s.call("all", gender+"&valueSetVersion=9", "").is(200).codes(); got != "other" {
			t.Errorf("the stored one, by its version: %s", got)
		}
		s.call("all", "DELETE /ValueSet/gender", "")
		if got := s.call("all", gender, "").is(200).codes(); got != before {
			t.Errorf("after it is gone: %s", got)
		}
	})
}

// A change is seen at once where it is made, and within a second by other processes.
func TestChangesAreSeen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		ids := search.NewIDs(2, time.Now)
		events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
		defer events.Close(t.Context()) //nolint:errcheck // the test is over
		other := s.service(db, events, ids)
		const url = "http://example.org/vs/dogs"
		listed := func(r *records.Service) int {
			codes, _, err := r.Vocabulary(s.tokens["all"]).Codes(t.Context(), url, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(codes)
		}
		if listed(s.records) != 2 || listed(other) != 2 {
			t.Fatal("the value set does not have its two codes")
		}
		s.put(valueSet("dogs", include(from(`,"concept":[{"code":"dog"}]`))))
		if got := listed(s.records); got != 1 {
			t.Errorf("where it was written: %d", got)
		}
		s.now = s.now.Add(time.Second)
		if got := listed(other); got != 1 {
			t.Errorf("elsewhere, a second later: %d", got)
		}
		s.put(strings.Replace(animals, `{"code":"Stone"`, `{"code":"puppy","property":[{"code":"subsumedBy","valueCode":"dog"}]},{"code":"Stone"`, 1))
		s.put(valueSet("dogs", include(filter("concept", "is-a", "dog"))))
		if got := listed(s.records); got != 3 {
			t.Errorf("with the code system changed: %d", got)
		}
		s.call("all", "DELETE /ValueSet/dogs", "")
		if got := listed(s.records); got != 0 {
			t.Errorf("after it is gone: %d", got)
		}
	})
}

// A transaction that is given up changes nothing; one that writes and asks sees what
// it wrote.
func TestInsideOfATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		s.put(`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://example.org/animals","code":"bird"}]}}`)
		const query = "Observation?code:in=http://example.org/vs/dogs"
		if r := s.call("all", "GET /"+query, "").is(200); r.root().Get("entry").Exists() {
			t.Fatalf("a bird is no dog: %s", r.body)
		}
		wide := valueSet("dogs", include(filter("concept", "is-a", "animal")))
		bundle := func(more string) string {
			return `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":` + wide + `,"request":{"method":"PUT","url":"ValueSet/dogs"}},
				{"request":{"method":"GET","url":"` + query + `"}}` + more + `]}`
		}
		if r := s.call("all", "POST /", bundle(`,{"request":{"method":"GET","url":"Patient/none"}}`)); r.status < 400 {
			t.Fatalf("the transaction was not given up: %s", r.body)
		}
		if r := s.call("all", "GET /"+query, "").is(200); r.root().Get("entry").Exists() {
			t.Errorf("what was given up is seen: %s", r.body)
		}
		r := s.call("all", "POST /", bundle("")).is(200)
		if got := r.root().Get("entry").Index(1).At("resource", "entry").Len(); got != 1 {
			t.Errorf("within the transaction, %d were found: %s", got, r.body)
		}
		if got := s.call("all", "GET /"+query, "").is(200).root().Get("entry").Len(); got != 1 {
			t.Errorf("after it, %d", got)
		}
	})
}

// The audit trail tells what was asked.
func TestAsked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := zoo(t, db)
		const query = "$lookup?system=http://example.org/animals&code=dog"
		s.call("all", "GET /CodeSystem/"+query, "").is(200)
		s.call("app", "GET /CodeSystem/$lookup?system=http://example.org/animals&code=dog", "").is(403)
		if err := s.events.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		var asked, refused bool
		events, err := s.events.Find(t.Context(), db, store.AuditFilter{Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			text := string(e.Body)
			asked = asked || strings.Contains(text, `"outcome":"0"`) && strings.Contains(text, base64.StdEncoding.EncodeToString([]byte("CodeSystem?"+query)))
			refused = refused || strings.Contains(text, `"outcome":"4"`) && strings.Contains(text, "CodeSystem")
		}
		if !asked || !refused {
			t.Errorf("of %d events: asked %v, refused %v", len(events), asked, refused)
		}
	})
}
