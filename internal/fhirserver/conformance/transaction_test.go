package conformance

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func patient(id, more string) string {
	if id != "" {
		id = `,"id":"` + id + `"`
	}
	return `{"resourceType":"Patient"` + id + more + `}`
}

const identified1 = `,"identifier":[{"system":"urn:mrn","value":"1"}]`

// A failure of the last entry leaves nothing of those before it: no creation, no
// version, no deletion, no index row.
func TestALateFailureLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, "PUT /Patient/kept", patient("kept", `,"gender":"male"`)).is(t, 201)
		s.call(t, "PUT /Patient/old", patient("old", "")).is(t, 201)
		before := s.call(t, "GET /Patient/kept", "").is(t, 200).body
		entries := []fhirtest.Entry{
			fhirtest.Put("Patient/kept", []byte(patient("kept", `,"gender":"female"`))), fhirtest.Delete("Patient/old"),
		}
		for i := range 60 {
			entries = append(entries, fhirtest.Post(fhirtest.UUID(i), fhirtest.Observation(fhirtest.Subject("Patient/kept"))))
		}
		stale := fhirtest.Put("Patient/kept2", []byte(patient("kept2", "")))
		stale.Request.IfMatch = `W/"4"`
		for name, c := range map[string]struct {
			last   fhirtest.Entry
			status int
		}{
			"invalid":     {fhirtest.Post("", []byte(`{"resourceType":"Observation"}`)), 400},
			"version":     {stale, 412},
			"unresolved":  {fhirtest.Post("", fhirtest.Observation(fhirtest.Subject("Patient?identifier=urn:x|none"))), 412},
			"not there":   {fhirtest.Get("Patient/none"), 404},
			"method":      {fhirtest.Entry{Request: &fhirtest.Request{Method: "PURGE", URL: "Patient/kept"}}, 400},
			"bad query":   {fhirtest.Get("Patient?nonsense=1"), 400},
			"audit event": {fhirtest.Entry{Resource: []byte(patient("", "")), Request: &fhirtest.Request{Method: "POST", URL: "AuditEvent"}}, 400},
		} {
			t.Run(name, func(t *testing.T) {
				body := string(fhirtest.Transaction(append(entries[:len(entries):len(entries)], c.last)...))
				issues := s.call(t, "POST /", body).refused(t, c.status)
				if len(issues) == 0 || !strings.HasPrefix(strings.Join(issues[0].Expression, " "), "Bundle.entry[62]") {
					t.Errorf("the issue does not name the entry: %+v", issues)
				}
				if after := s.call(t, "GET /Patient/kept", "").is(t, 200).body; string(after) != string(before) {
					t.Errorf("changed: %s", after)
				}
				s.call(t, "GET /Patient/old", "").is(t, 200)
				if n := len(s.call(t, "GET /Observation?subject=Patient/kept", "").is(t, 200).bundle(t).Entry); n != 0 {
					t.Errorf("%d observations are found", n)
				}
				s.call(t, "GET /Patient/kept/_history/2", "").refused(t, 404)
			})
		}
	})
}

// A transaction deletes first, then creates, then updates, then reads, in
// whatever order its entries stand (R4, section 3.1.0.11.2).
func TestOrderOfATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, "PUT /Patient/old", patient("old", identified1)).is(t, 201)
		b := s.call(t, "POST /", string(fhirtest.Transaction(
			fhirtest.Get("Patient?identifier=urn:mrn|1"),
			fhirtest.Put("Patient/put", []byte(patient("put", identified1))),
			fhirtest.PostIfNone(fhirtest.UUID(1), []byte(patient("", identified1)), "identifier=urn:mrn|1"),
			fhirtest.Delete("Patient/old"),
		))).is(t, 200).bundle(t)
		for i, want := range []string{"200", "201", "201", "204"} {
			if got := b.Entry[i].Response.Status; !strings.HasPrefix(got, want) {
				t.Errorf("entry %d answers %s, want %s", i, got, want)
			}
		}
		found := (reply{body: b.Entry[0].Resource}).bundle(t).ids(t)
		if len(found) != 2 || strings.Contains(fmt.Sprint(found), "old") {
			t.Errorf("the entry that searches sees %v", found)
		}
	})
}

// everywhere has a placeholder in each place that R4, section 3.1.0.11.2, says:
// references, uri, url, oid, uuid, and the links of narratives.
const everywhere = `{"resourceType":"DocumentReference","status":"current",
	"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"$P\">p</a> <img src=\"$P\" alt=\"p\"/></div>"},
	"contained":[{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},"subject":{"reference":"$P"}}],
	"extension":[{"url":"urn:x:1","valueUri":"$P"},{"url":"urn:x:2","valueReference":{"reference":"$P"}},
		{"url":"urn:x:3","valueUrl":"$P"},{"url":"urn:x:4","extension":[{"url":"deep","valueReference":{"reference":"$P"}}]}],
	"_date":{"extension":[{"url":"urn:x:5","valueReference":{"reference":"$P"}}]},
	"subject":{"reference":"$P","display":"who it was"},
	"author":[{"reference":"$P"},{"reference":"Patient/other"}],
	"content":[{"attachment":{"contentType":"text/plain","url":"$P"}}],
	"context":{"related":[{"reference":"#o"},{"reference":"$P"}]}}`

func TestPlaceholdersInEveryPlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, placeholder := range []string{fhirtest.UUID(1), "urn:oid:1.2.3.4", "http://elsewhere.example/fhir/Patient/77"} {
			document := strings.ReplaceAll(everywhere, "$P", placeholder)
			b := s.call(t, "POST /", string(fhirtest.Transaction(
				fhirtest.Post(fhirtest.UUID(2), []byte(document)),
				fhirtest.Post(placeholder, []byte(patient("", `,"link":[{"type":"seealso","other":{"reference":"`+placeholder+`"}}]`))),
			))).is(t, 200).bundle(t)
			place := created.FindStringSubmatch(b.Entry[1].Response.Location)[1]
			at := created.FindStringSubmatch(b.Entry[0].Response.Location)[1]
			got := string(s.call(t, "GET /"+at, "").is(t, 200).body)
			if strings.Contains(got, placeholder) {
				t.Errorf("%s is left: %s", placeholder, leftAround(got, placeholder))
			}
			if n, want := strings.Count(got, place), strings.Count(everywhere, "$P"); n != want {
				t.Errorf("%s stands in %d places of %d: %s", place, n, want, got)
			}
			if self := s.call(t, "GET /"+place, "").is(t, 200); !strings.Contains(string(self.body), `"reference":"`+place+`"`) {
				t.Errorf("a reference to itself: %s", self.body)
			}
		}
	})
}

func leftAround(text, placeholder string) []string {
	return regexp.MustCompile(`.{0,40}`+regexp.QuoteMeta(placeholder)+`.{0,10}`).FindAllString(text, -1)
}

func TestBatchEntriesAreIndependent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, "PUT /Patient/old", patient("old", "")).is(t, 201)
		stale := fhirtest.Put("Patient/old", []byte(patient("old", `,"active":true`)))
		stale.Request.IfMatch = `W/"9"`
		rows := []struct {
			entry  fhirtest.Entry
			status string
		}{
			{fhirtest.Post("", []byte(`{"resourceType":"Observation"}`)), "400"},
			{fhirtest.Put("Patient/a", []byte(patient("a", ""))), "201"},
			{fhirtest.Put("Patient/b", []byte(patient("other", ""))), "400"},
			{stale, "412"},
			{fhirtest.Get("Patient/none"), "404"},
			{fhirtest.Get("Patient/old"), "200"},
			{fhirtest.Get("Nonsense/1"), "400"},
			{fhirtest.Get("Patient?nonsense=1"), "400"},
			{fhirtest.Delete("Patient/none"), "204"},
			{fhirtest.Entry{Request: &fhirtest.Request{Method: "POST", URL: "Patient"}}, "400"},
			{fhirtest.Post("", []byte(patient("", ""))), "201"},
		}
		var entries []fhirtest.Entry
		for _, r := range rows {
			entries = append(entries, r.entry)
		}
		b := s.call(t, "POST /", string(fhirtest.Batch(entries...))).is(t, 200).bundle(t)
		if b.Type != "batch-response" || len(b.Entry) != len(rows) {
			t.Fatalf("a %s of %d entries", b.Type, len(b.Entry))
		}
		for i, r := range rows {
			response := b.Entry[i].Response
			failed := r.status >= "400"
			if !strings.HasPrefix(response.Status, r.status) || failed != (len(response.Outcome) > 0) {
				t.Errorf("entry %d answers %s, want %s; outcome %s", i, response.Status, r.status, response.Outcome)
			}
		}
		s.call(t, "GET /Patient/a", "").is(t, 200)
	})
}
