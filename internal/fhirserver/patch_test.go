package fhirserver

import (
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const patient1 = `{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","value":"1"}],"gender":"male","name":[{"family":"A\u00e9"}]}`

// inBothFormats are two patches that do the same: the gender becomes this one.
func inBothFormats(gender string) map[string]string {
	return map[string]string{
		records.JSONPatchType: `[{"op":"replace","path":"/gender","value":"` + gender + `"}]`,
		fhirJSON: `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"replace"},
			{"name":"path","valueString":"Patient.gender"},{"name":"value","valueCode":"` + gender + `"}]}]}`,
	}
}

func TestPatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for format, body := range inBothFormats("female") {
			s.call("all", "PUT /Patient/p1", patient1)
			before := s.call("all", "GET /Patient/p1", "").is(200)
			tag := before.header.Get("Etag")
			r := s.call("all", "PATCH /Patient/p1", body, "Content-Type", format, "If-Match", tag).is(200)
			if r.text("gender") != "female" || r.header.Get("Etag") == tag || r.header.Get("Content-Location") == "" {
				t.Errorf("%s: %v %s", format, r.header, r.body)
			}
			if !strings.Contains(string(r.body), `"name":[{"family":"A\u00e9"}]`) {
				t.Errorf("%s: bytes that no operation touches have changed: %s", format, r.body)
			}
			if after := s.call("all", "GET /Patient/p1", "").is(200); string(after.body) != string(r.body) {
				t.Errorf("%s: answered %s, stored %s", format, r.body, after.body)
			}
			if found := s.call("all", "GET /Patient?gender=female&_id=p1", "").is(200).ids(); len(found) != 1 {
				t.Errorf("%s: the index knows nothing of it", format)
			}
			s.call("all", "PATCH /Patient/p1", body, "Content-Type", format, "If-Match", tag).is(412)
			s.call("all", "PATCH /Patient/p1", body, "Content-Type", format, "Prefer", "return=minimal").is(200)
			s.call("all", "PATCH /Patient/none", body, "Content-Type", format).is(404)
		}
		h := s.call("all", "GET /Patient/p1/_history", "").is(200)
		if h.text("entry", 0, "request", "method") != "PATCH" {
			t.Errorf("history: %s", h.body)
		}
		s.call("all", "DELETE /Patient/p1", "").is(204)
		s.call("all", "PATCH /Patient/p1", "[]", "Content-Type", records.JSONPatchType).is(410)
	})
}

func TestPatchRefuses(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "PUT /Patient/p1", patient1).is(201)
	for _, c := range []struct {
		format, body string
		status       int
		expression   string
	}{
		{"text/plain", `[]`, 415, ""},
		{"application/xml-patch+xml", `<diff/>`, 415, ""},
		{records.JSONPatchType, `[`, 400, ""},
		{records.JSONPatchType, `[{"op":"upsert","path":"/gender"}]`, 400, "$this[0]"},
		{records.JSONPatchType, `[{"op":"test","path":"/gender","value":"other"}]`, 422, "$this[0]"},
		{records.JSONPatchType, `[{"op":"remove","path":"/photo"}]`, 422, "$this[0]"},
		{records.JSONPatchType, `[{"op":"replace","path":"/gender","value":"no code"}]`, 422, "Patient.gender"},
		{records.JSONPatchType, `[{"op":"replace","path":"/id","value":"p2"}]`, 422, ""},
		{records.JSONPatchType, `[{"op":"replace","path":"","value":{"resourceType":"Basic","id":"p1","code":{"text":"x"}}}]`, 422, ""},
		{fhirJSON, patient1, 400, ""},
		{fhirJSON, `{"resourceType":"Parameters","parameter":[{"name":"operation"}]}`, 400, "Parameters.parameter[0]"},
		{fhirJSON, `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},
			{"name":"path","valueString":"Patient.name | Patient.gender"}]}]}`, 422, "Parameters.parameter[0]"},
	} {
		r := s.call("all", "PATCH /Patient/p1", c.body, "Content-Type", c.format).is(c.status)
		if got := r.text("issue", 0, "expression", 0); got != c.expression {
			t.Errorf("%s: expression %q, want %q: %s", c.body, got, c.expression, r.body)
		}
		if c.status == 415 && !strings.Contains(r.header.Get("Accept-Patch"), records.JSONPatchType) {
			t.Errorf("no Accept-Patch: %v", r.header)
		}
	}
	s.call("all", "PATCH /AuditEvent/p1", "[]", "Content-Type", records.JSONPatchType).is(403)
	if v := s.call("all", "GET /Patient/p1", "").is(200).header.Get("Etag"); v != `W/"1"` {
		t.Errorf("a refused patch made version %s", v)
	}
}

// A patch needs the letter u alone; a patch by condition, to search, too. Who may not
// read is not shown what comes of it.
func TestPatchNeedsUpdating(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.tokens["writer"] = access.Actor{Role: access.Maintenance, ID: "writer", Client: "writer", Scopes: scopes(t, "system/Patient.cu")}
	s.tokens["reader"] = access.Actor{Role: access.Maintenance, ID: "reader", Client: "reader", Scopes: scopes(t, "system/Patient.rs")}
	s.call("all", "PUT /Patient/p1", patient1).is(201)
	for format, body := range inBothFormats("female") {
		for token, status := range map[string]int{"writer": 200, "reader": 403} {
			r := s.call(token, "PATCH /Patient/p1", body, "Content-Type", format, "Prefer", "return=representation").is(status)
			if status == 200 && len(r.body) > 0 {
				t.Errorf("a writer is shown %s", r.body)
			}
			s.call(token, "PATCH /Patient?identifier=urn:mrn|1", body, "Content-Type", format).is(403)
		}
	}
}

func TestConditionalPatch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", patient1).is(201)
		s.call("all", "PUT /Patient/p2", strings.Replace(patient1, `"p1"`, `"p2"`, 1)).is(201)
		for format, body := range inBothFormats("female") {
			s.call("all", "PATCH /Patient?identifier=urn:mrn|2", body, "Content-Type", format).is(404)
			s.call("all", "PATCH /Patient?identifier=urn:mrn|1", body, "Content-Type", format).is(412)
			s.call("all", "PATCH /Patient", body, "Content-Type", format).is(412)
			r := s.call("all", "PATCH /Patient?identifier=urn:mrn|1&_id=p1", body, "Content-Type", format).is(200)
			if r.text("id") != "p1" || r.text("gender") != "female" {
				t.Errorf("%s: %s", format, r.body)
			}
			s.call("all", "PATCH /Patient?_id=p1", body, "Content-Type", format, "If-Match", `W/"1"`).is(412)
		}
	})
}

// patchEntry is a PATCH entry of a bundle in one of the formats.
func patchEntry(url, ifMatch, format, body string) string {
	resource := body
	if format == records.JSONPatchType {
		resource = `{"resourceType":"Binary","contentType":"` + format + `","data":"` + base64.StdEncoding.EncodeToString([]byte(body)) + `"}`
	}
	if ifMatch != "" {
		ifMatch = fmt.Sprintf(`,"ifMatch":%q`, ifMatch)
	}
	return fmt.Sprintf(`{"resource":%s,"request":{"method":"PATCH","url":%q%s}}`, resource, url, ifMatch)
}

func TestPatchInBundles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, typ := range []string{"batch", "transaction"} {
			for format, body := range inBothFormats("female") {
				s.call("all", "PUT /Patient/p1", patient1)
				bundle := func(entries ...string) string {
					return `{"resourceType":"Bundle","type":"` + typ + `","entry":[` + strings.Join(entries, ",") + `]}`
				}
				r := s.call("all", "POST /", bundle(patchEntry("Patient/p1", "", format, body))).is(200)
				if r.text("entry", 0, "response", "status") != "200 OK" || s.call("all", "GET /Patient/p1", "").text("gender") != "female" {
					t.Errorf("%s, %s: %s", typ, format, r.body)
				}
				for url, want := range map[string]string{"Patient/p1": "412", "Patient/none": "404", "Patient?identifier=urn:none|1": "404"} {
					r = s.call("all", "POST /", bundle(patchEntry(url, `W/"1"`, format, body)))
					status := fmt.Sprint(r.status)
					if typ == "batch" {
						status, _, _ = strings.Cut(r.text("entry", 0, "response", "status"), " ")
					}
					if status != want {
						t.Errorf("%s, %s, %s: %s %s", typ, format, url, status, r.body)
					}
				}
				r = s.call("all", "POST /", bundle(patchEntry("Patient?identifier=urn:mrn|1", "", format, body))).is(200)
				if r.text("entry", 0, "response", "status") != "200 OK" {
					t.Errorf("%s, %s: %s", typ, format, r.body)
				}
			}
		}
	})
}

// All entries of a transaction happen or none, and its placeholders are rewritten
// in patches.
func TestPatchInTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", patient1).is(201)
		post := `{"fullUrl":"` + fhirtest.UUID(1) + `","resource":{"resourceType":"Practitioner"},"request":{"method":"POST","url":"Practitioner"}}`
		for i, c := range []struct{ format, body string }{
			{fhirJSON, `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},{"name":"path","valueString":"Patient"},
				{"name":"name","valueString":"generalPractitioner"},{"name":"value","valueReference":{"reference":"` + fhirtest.UUID(1) + `"}}]}]}`},
			{records.JSONPatchType, `[{"op":"add","path":"/generalPractitioner/-","value":{"reference":"` + fhirtest.UUID(1) + `"}}]`},
		} {
			r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[`+patchEntry("Patient/p1", "", c.format, c.body)+","+post+`]}`).is(200)
			doctor, _, _ := strings.Cut(r.text("entry", 1, "response", "location"), "/_history")
			if got := s.call("all", "GET /Patient/p1", "").text("generalPractitioner", i, "reference"); got != doctor {
				t.Errorf("%s: reference %q, want %q", c.format, got, doctor)
			}
		}
		count := len(s.call("all", "GET /Practitioner", "").ids())
		failing := patchEntry("Patient/p1", "", records.JSONPatchType, `[{"op":"test","path":"/gender","value":"other"}]`)
		r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[`+post+","+failing+`]}`).is(422)
		if r.text("issue", 0, "expression", 0) != "Bundle.entry[1]" {
			t.Errorf("%s", r.body)
		}
		if got := len(s.call("all", "GET /Practitioner", "").ids()); got != count {
			t.Error("a transaction that failed has written")
		}
		s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[`+patchEntry("Patient/p1", "", "", patient1)+`]}`).is(400)
	})
}

// Patches that race lose nothing: each is applied to what the others made.
func TestPatchesRace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", patient1).is(201)
		var group sync.WaitGroup
		for i := range 16 {
			group.Go(func() {
				s.call("all", "PATCH /Patient/p1", fmt.Sprintf(`[{"op":"add","path":"/identifier/-","value":{"system":"urn:race","value":"%d"}}]`, i),
					"Content-Type", records.JSONPatchType).is(200)
			})
		}
		group.Wait()
		r := s.call("all", "GET /Patient/p1", "").is(200)
		if n := strings.Count(string(r.body), "urn:race"); n != 16 || r.header.Get("Etag") != `W/"17"` {
			t.Errorf("%d of 16 patches are there: %s", n, r.body)
		}
	})
}

// A patch is no way round what holds for other writes: reach, the consents that
// only the portal gives, the origin that only the server sets.
func TestPatchIsNoWayRound(t *testing.T) {
	s := peopled(t, storetest.SQLite(t, storetest.Options{}))
	s.people["anna"] = access.Permissions{Research: true, EHR: true}
	s.people["ben"] = access.Permissions{}
	patch := func(token, line, body string) reply {
		return s.call(token, "PATCH "+line, body, "Content-Type", records.JSONPatchType)
	}
	note := `[{"op":"add","path":"/note","value":[{"text":"x"}]}]`
	patch("hospital", "/Observation/anna-1", note).is(200)
	patch("hospital", "/Observation?_id=anna-1", note).is(200)
	patch("anna", "/Observation/anna-1", note).is(403)
	if r := patch("hospital", "/Observation/ben-1", note); r.status != 403 && r.status != 404 {
		t.Errorf("of who does not share: %d %s", r.status, r.body)
	}
	if r := patch("hospital", "/Observation/anna-1", `[{"op":"replace","path":"/subject/reference","value":"Patient/ben"}]`); r.status != 403 && r.status != 404 {
		t.Errorf("into another's record: %d %s", r.status, r.body)
	}
	at := "/Consent/" + s.call("all", "POST /Consent", strings.Replace(researchConsent, `"research"`, `"treatment"`, 1)).is(201).text("id")
	patch("all", at, `[{"op":"replace","path":"/scope/coding/0/code","value":"research"}]`).is(422)
	r := patch("all", "/Observation/anna-2", `[{"op":"add","path":"/meta/tag","value":[{"system":"`+records.OriginSystem+`","code":"survey"},{"system":"urn:t","code":"c"}]}]`).is(200)
	if strings.Contains(string(r.body), records.OriginSystem) || !strings.Contains(string(r.body), "urn:t") {
		t.Errorf("tags: %s", r.body)
	}
}

func TestPatchIsStated(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	r := s.call("", "GET /metadata", "").is(200)
	if _, err := fhir.Parse(r.body); err != nil {
		t.Fatal(err)
	}
	if r.text("patchFormat", 0) != records.JSONPatchType || r.text("patchFormat", 1) != fhirJSON || !strings.Contains(string(r.body), `{"code":"patch"}`) {
		t.Error("the CapabilityStatement does not state PATCH")
	}
}
