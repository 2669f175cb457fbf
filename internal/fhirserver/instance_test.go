package fhirserver

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestInstanceInteractions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		sent := `{"resourceType":"Patient", "name":[{"family":"Ünal"}],"birthDate" : "1970-01-01"}`
		made := s.call("all", "POST /Patient", sent).is(201)
		id := made.text("id")
		if want := s.url + "/Patient/" + id + "/_history/1"; made.header.Get("Location") != want || made.header.Get("ETag") != `W/"1"` {
			t.Fatalf("headers %v", made.header)
		}
		if !strings.HasSuffix(string(made.body), `"name":[{"family":"Ünal"}],"birthDate" : "1970-01-01"}`) {
			t.Errorf("not kept as sent: %s", made.body)
		}
		read := s.call("all", "GET /Patient/"+id, "").is(200)
		if string(read.body) != string(made.body) || read.header.Get("Last-Modified") == "" {
			t.Errorf("read %s", read.body)
		}
		if head := s.call("all", "HEAD /Patient/"+id, ""); head.status != 200 || len(head.body) != 0 {
			t.Error("HEAD", head.status)
		}
		s.call("all", "GET /Patient/"+id, "", "If-None-Match", `W/"1"`).is(304)
		s.call("all", "GET /Patient/"+id, "", "If-None-Match", `W/"2"`).is(200)

		put := fmt.Sprintf(`{"resourceType":"Patient","id":%q,"active":true}`, id)
		s.call("all", "PUT /Patient/"+id, put, "If-Match", `W/"9"`).is(412)
		second := s.call("all", "PUT /Patient/"+id, put, "If-Match", `W/"1"`).is(200)
		if second.text("meta", "versionId") != "2" {
			t.Errorf("%s", second.body)
		}
		if v1 := s.call("all", "GET /Patient/"+id+"/_history/1", "").is(200); string(v1.body) != string(made.body) {
			t.Errorf("version 1 is %s", v1.body)
		}
		s.call("all", "PUT /Patient/"+id, `{"resourceType":"Patient","id":"other"}`).is(400)
		s.call("all", "PUT /Patient/own-id", `{"resourceType":"Patient","id":"own-id"}`).is(201)

		if gone := s.call("all", "DELETE /Patient/"+id, ""); gone.status != 204 {
			t.Fatal("delete", gone.status)
		}
		s.call("all", "GET /Patient/"+id, "").is(410)
		s.call("all", "GET /Patient/"+id+"/_history/3", "").is(410)
		if again := s.call("all", "DELETE /Patient/"+id, ""); again.status != 204 {
			t.Fatal("delete twice", again.status)
		}
		if n := len(s.call("all", "GET /Patient?_id="+id, "").is(200).ids()); n != 0 {
			t.Error("a deleted resource is found")
		}
		s.call("all", "PUT /Patient/"+id, put).is(201)
		s.history(id)
	})
}

func (s *site) history(id string) {
	s.t.Helper()
	page := s.call("all", "GET /Patient/"+id+"/_history?_count=3", "").is(200)
	var methods []string
	for _, next := page, page.next(); ; next = page.next() {
		entries, _ := page.at("entry").([]any)
		for i := range entries {
			methods = append(methods, page.text("entry", i, "request", "method")+page.text("entry", i, "response", "etag"))
		}
		if next == "" {
			break
		}
		page = s.call("all", "GET "+next, "").is(200)
	}
	if got, want := fmt.Sprint(methods), `[PUTW/"4" DELETEW/"3" PUTW/"2" POSTW/"1"]`; got != want {
		s.t.Errorf("history %s, want %s", got, want)
	}
}

func TestRefusals(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	patient := `{"resourceType":"Patient"}`
	for _, c := range []struct {
		token, line, body string
		headers           []string
		status            int
	}{
		{"", "GET /Patient/1", "", nil, 401},
		{"nonsense", "GET /Patient/1", "", nil, 401},
		{"all", "GET /Patient/none", "", nil, 404},
		{"all", "GET /Patience/1", "", nil, 404},
		{"all", "GET /Patient/bad_id", "", nil, 404},
		{"all", "GET /nowhere/at/all/x", "", nil, 404},
		{"all", "GET /Patient?nonsense=1", "", nil, 400},
		{"all", "GET /Patient?birthdate=soon", "", nil, 400},
		{"all", "GET /Patient?_cursor=AAAA", "", nil, 400},
		{"all", "GET /Patient?name=%zz", "", nil, 400},
		{"all", "GET /Patient?_format=ttl", "", nil, 406},
		{"all", "GET /Patient", "", []string{"Accept", "application/fhir+turtle"}, 406},
		{"all", "GET /Patient?_include=Patient:name", "", nil, 400},
		{"all", "PATCH /metadata", "[]", nil, 405},
		{"all", "DELETE /metadata", "", nil, 405},
		{"all", "POST /Patient", "", nil, 415},
		{"all", "POST /Patient", "<Patient/>", []string{"Content-Type", "application/fhir+xml"}, 400},
		{"all", "POST /Patient", "{", nil, 400},
		{"all", "POST /Patient", "[]", nil, 400},
		{"all", "POST /Patient", `{"resourceType":"Observation"}`, nil, 400},
		{"all", "POST /Patient", `{"resourceType":"Patient","active":true,"active":false}`, nil, 400},
		{"all", "POST /Patient", strings.Repeat(`{"a":`, 5000), nil, 400},
		{"all", "POST /Patient", `{"resourceType":"Patient","id":"` + strings.Repeat("x", 9<<20) + `"}`, nil, 413},
		{"all", "POST /AuditEvent", `{"resourceType":"AuditEvent"}`, nil, 400},
		{"all", "POST /Patient", patient, []string{"If-None-Exist", "nonsense=1"}, 400},
		{"all", "PUT /Patient?nonsense=1", patient, nil, 400},
		{"all", "PUT /Patient", patient, nil, 412},
		{"all", "POST /", patient, nil, 400},
		{"all", "POST /", `{"resourceType":"Bundle","type":"collection"}`, nil, 400},
		{"all", "POST /Patient/_search", "a=b", []string{"Content-Type", "text/plain"}, 415},
		{"all", "POST /Consent", researchConsent, nil, 422},
	} {
		t.Run(c.line, func(t *testing.T) {
			s.t = t
			r := s.call(c.token, c.line, c.body, c.headers...).is(c.status)
			if c.status == 401 && !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer ") {
				t.Error("no WWW-Authenticate")
			}
			if c.status == 405 && !strings.Contains(r.header.Get("Allow"), "GET") {
				t.Errorf("Allow: %q", r.header.Get("Allow"))
			}
			if r.header.Get("X-Request-Id") == "" {
				t.Error("no X-Request-Id")
			}
		})
	}
}

const researchConsent = `{"resourceType":"Consent","status":"active","patient":{"reference":"Patient/1"},
	"scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"research"}]},
	"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"policyRule":{"text":"x"}}`

func TestPreferReturn(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	patient := `{"resourceType":"Patient"}`
	if r := s.call("all", "POST /Patient", patient, "Prefer", "return=minimal"); r.status != 201 || len(r.body) != 0 {
		t.Errorf("minimal: %d %s", r.status, r.body)
	}
	if r := s.call("all", "POST /Patient", patient, "Prefer", "return=OperationOutcome").is(201); r.text("resourceType") != "OperationOutcome" {
		t.Errorf("outcome: %s", r.body)
	}
	for _, name := range []string{"nonsense", "_query", "_score"} {
		if r := s.call("all", "GET /Patient?"+name+"=text", "", "Prefer", "handling=lenient").is(200); !strings.Contains(string(r.body), name) {
			t.Errorf("lenient handling does not say what it ignored: %s", r.body)
		} else if strings.Contains(r.text("link", 0, "url"), name) {
			t.Error("the self link names what was ignored")
		}
		s.call("all", "GET /Patient?"+name+"=text", "").is(400)
	}
	if r := s.call("all", "GET /Patient?_summary=count", "").is(200); r.at("total") != 2.0 || len(r.ids()) != 0 {
		t.Errorf("a count: %s", r.body)
	}
}

func TestRacingConditionalCreatesMakeOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		body := `{"resourceType":"Patient","identifier":[{"system":"urn:example","value":"7"}]}`
		var group sync.WaitGroup
		statuses, ids := make([]int, 12), make([]string, 12)
		for i := range statuses {
			group.Go(func() {
				r := s.call("all", "POST /Patient", body, "If-None-Exist", "identifier=urn:example|7")
				statuses[i], ids[i] = r.status, r.text("id")
			})
		}
		group.Wait()
		created := 0
		for i, status := range statuses {
			if status == http.StatusCreated {
				created++
			} else if status != http.StatusOK {
				t.Errorf("status %d", status)
			}
			if ids[i] != ids[0] {
				t.Errorf("two resources: %s and %s", ids[i], ids[0])
			}
		}
		if created != 1 {
			t.Errorf("%d were created", created)
		}
		s.call("all", "POST /Patient", body).is(201)
		s.call("all", "POST /Patient", body, "If-None-Exist", "identifier=urn:example|7").is(412)
	})
}

func TestConditionalUpdateAndDelete(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		body := `{"resourceType":"Patient","identifier":[{"system":"urn:example","value":"8"}]}`
		made := s.call("all", "PUT /Patient?identifier=urn:example|8", body).is(201)
		again := s.call("all", "PUT /Patient?identifier=urn:example|8", body).is(200)
		if made.text("id") != again.text("id") || again.text("meta", "versionId") != "2" {
			t.Errorf("%s, then %s", made.body, again.body)
		}
		if r := s.call("all", "DELETE /Patient?identifier=urn:example|8", ""); r.status != 204 {
			t.Fatal(r.status)
		}
		s.call("all", "GET /Patient/"+made.text("id"), "").is(410)
	})
}
