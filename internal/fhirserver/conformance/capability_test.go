package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// statement is what the tests read of a CapabilityStatement.
type statement struct {
	FHIRVersion string
	Format      []string
	Rest        []struct {
		Interaction []struct{ Code string }
		Resource    []listed
	}
}

// listed is what a statement says of one type.
type listed struct {
	Type        string
	Interaction []struct{ Code string }
	SearchParam []struct{ Name, Type string }
}

func (l listed) says(code string) bool {
	return slices.ContainsFunc(l.Interaction, func(i struct{ Code string }) bool { return i.Code == code })
}

func (s *site) statement(t *testing.T) statement {
	t.Helper()
	r := s.call(t, "GET /metadata", "", "Authorization", "").is(t, 200)
	if _, err := fhir.Parse(r.body); err != nil {
		t.Errorf("the CapabilityStatement is no valid R4: %v", err)
	}
	var c statement
	if err := json.Unmarshal(r.body, &c); err != nil || len(c.Rest) != 1 || c.FHIRVersion != "4.0.1" {
		t.Fatalf("%+v, %v", c, err)
	}
	return c
}

// plausible values, by the type of the parameter.
var plausible = map[string]string{
	"token": "urn:x|a", "reference": "Patient/a1", "string": "a", "date": "ge2020-01", "number": "gt0.5", "quantity": "5.0|http://unitsofmeasure.org|kg",
	"uri": "http://example.org/a", "special": "1|2|3|km",
}

func plausibleValue(typ, name, kind string) string {
	if name == "_id" {
		return "a1"
	}
	if kind != "composite" {
		return plausible[kind]
	}
	p, _ := search.Base().Lookup(typ, name)
	var parts []string
	for _, c := range p.Components {
		parts = append(parts, plausible[c.Param.Kind.String()])
	}
	return strings.Join(parts, "$")
}

// Each search parameter that is listed is answered, and one that is not is refused.
func TestListedSearchParameters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		var lines []string
		for _, r := range s.statement(t).Rest[0].Resource {
			for _, p := range r.SearchParam {
				value := plausibleValue(r.Type, p.Name, p.Type)
				if value == "" {
					t.Fatalf("%s.%s is of type %s", r.Type, p.Name, p.Type)
				}
				lines = append(lines, "GET /"+r.Type+"?"+p.Name+"="+url.QueryEscape(value))
			}
		}
		if len(lines) < 2000 {
			t.Errorf("only %d search parameters are listed", len(lines))
		}
		inParallel(lines, func(line string) {
			if r := s.call(t, line, ""); r.status != 200 {
				t.Errorf("%s: status %d: %.300s", line, r.status, r.body)
			}
		})
		for _, unlisted := range []string{"_filter=a eq b", "_query=a", "_list=$current-allergies", "near=1|2", "_score=a"} {
			name, value, _ := strings.Cut(unlisted, "=")
			s.call(t, "GET /Patient?"+name+"="+url.QueryEscape(value), "").refused(t, 400)
		}
	})
}

// Each interaction that is listed works, with one of HL7's examples of each type;
// each that is not listed is refused.
func TestListedInteractions(t *testing.T) {
	bodies := map[string]example{}
	for _, e := range examples(t) {
		if misreferring[e.file] == "" && !e.research {
			bodies[e.typ] = e
		}
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		tried, left := 0, maps.Clone(bodies)
		for _, r := range s.statement(t).Rest[0].Resource {
			e, ok := bodies[r.Type]
			delete(left, r.Type)
			switch {
			case r.says("create") && ok:
				tried++
				s.cycle(t, r, e)
			case !r.says("create"):
				s.unwritable(t, r, e)
			default: // HL7 has no example
				s.call(t, "GET /"+r.Type+"/none", "").refused(t, 404)
				s.call(t, "GET /"+r.Type, "").is(t, 200)
				s.call(t, "DELETE /"+r.Type+"/none", "").is(t, 204)
			}
			s.unlisted(t, r.Type)
		}
		for typ := range left {
			if typ != "Parameters" {
				t.Errorf("%s is not listed", typ)
			}
		}
		if tried < 105 {
			t.Errorf("only %d types were tried", tried)
		}
	})
}

// cycle carries out what is listed, from creation to deletion.
func (s *site) cycle(t *testing.T, l listed, e example) {
	at := e.url()
	for _, c := range []struct {
		code, line, body string
		status           int
	}{
		{"update", "PUT " + at, string(e.sent), 201},
		{"read", "GET " + at, "", 200},
		{"vread", "GET " + at + "/_history/1", "", 200},
		{"update", "PUT " + at, string(e.sent), 200},
		{"patch", "PATCH " + at, `{"resourceType":"Parameters"}`, 200},
		{"history-instance", "GET " + at + "/_history", "", 200},
		{"history-type", "GET /" + e.typ + "/_history", "", 200},
		{"search-type", "GET /" + e.typ + "?_id=" + e.id, "", 200},
		{"create", "POST /" + e.typ, string(e.sent), 201},
		{"delete", "DELETE " + at, "", 204},
		{"read", "GET " + at, "", 410},
	} {
		if !l.says(c.code) {
			t.Errorf("%s: %s is not listed", e.typ, c.code)
			continue
		}
		if r := s.call(t, c.line, c.body); r.status != c.status {
			t.Errorf("%s, which is listed as %s: status %d, want %d: %.300s", c.line, c.code, r.status, c.status, r.body)
		}
	}
}

// unwritable holds that what only the server writes is refused to everyone else.
func (s *site) unwritable(t *testing.T, l listed, e example) {
	for _, line := range []string{"POST /" + l.Type, "PUT " + e.url(), "DELETE " + e.url()} {
		s.call(t, line, string(e.sent)).refused(t, 403, 405)
	}
	if l.says("read") {
		s.call(t, "GET /"+l.Type+"/none", "").refused(t, 404)
	}
	if l.says("search-type") {
		s.call(t, "GET /"+l.Type, "").is(t, 200)
	}
}

// unlisted interactions and operations have no answer but a refusal.
func (s *site) unlisted(t *testing.T, typ string) {
	for _, line := range []string{
		"POST /%s/$validate", "GET /%s/a/$everything", "GET /%s/a/$meta", "POST /%s/a/$meta-add", "GET /%s/$nonsense",
	} {
		s.call(t, fmt.Sprintf(line, typ), "{}").refused(t, 400, 404, 405)
	}
}

func TestSystemInteractions(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	var codes []string
	for _, i := range s.statement(t).Rest[0].Interaction {
		codes = append(codes, i.Code)
	}
	slices.Sort(codes)
	if !slices.Equal(codes, []string{"batch", "history-system", "search-system", "transaction"}) {
		t.Errorf("listed are %v", codes)
	}
	for _, line := range []string{"GET /_history", "GET /?_id=a", "GET /?_type=Patient"} {
		if r := s.call(t, line, ""); r.status != 200 {
			t.Errorf("%s, which is listed: status %d: %.300s", line, r.status, r.body)
		}
	}
	for _, typ := range []string{"batch", "transaction"} {
		s.call(t, "POST /", `{"resourceType":"Bundle","type":"`+typ+`"}`).is(t, 200)
	}
	for _, typ := range []string{"document", "message", "history", "searchset", "collection", "transaction-response"} {
		s.call(t, "POST /", `{"resourceType":"Bundle","type":"`+typ+`"}`).refused(t, 400)
	}
	for _, line := range []string{"GET /$export", "POST /$process-message", "GET /$versions"} {
		s.call(t, line, "").refused(t, 404, 405, 400)
	}
}

// What the statement says of conditions is so.
func TestConditionalInteractions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		with := func(n int) string {
			return patient("", fmt.Sprintf(`,"identifier":[{"system":"urn:mrn","value":"1"}],"multipleBirthInteger":%d`, n))
		}
		made := s.call(t, "PUT /Patient?identifier=urn:mrn|1", with(1)).is(t, 201)
		at := "/Patient/" + idOf(t, made.body)
		if updated := s.call(t, "PUT /Patient?identifier=urn:mrn|1", with(2)).is(t, 200); idOf(t, updated.body) != idOf(t, made.body) {
			t.Errorf("another was updated: %s", updated.body)
		}
		if found := s.call(t, "POST /Patient", with(3), "If-None-Exist", "identifier=urn:mrn|1").is(t, 200); idOf(t, found.body) != idOf(t, made.body) {
			t.Errorf("another was found: %s", found.body)
		}
		read := s.call(t, "GET "+at, "").is(t, 200)
		s.call(t, "GET "+at, "", "If-None-Match", read.header.Get("ETag")).is(t, 304)
		s.call(t, "GET "+at, "", "If-Modified-Since", read.header.Get("Last-Modified")).is(t, 304)
		s.call(t, "GET "+at, "", "If-Modified-Since", "Mon, 01 Jan 2001 00:00:00 GMT").is(t, 200)
		s.call(t, "POST /Patient", with(4)).is(t, 201)
		s.call(t, "POST /Patient", with(5), "If-None-Exist", "identifier=urn:mrn|1").refused(t, 412)
		s.call(t, "PUT /Patient?identifier=urn:mrn|1", with(6)).refused(t, 412)
		s.call(t, "DELETE /Patient?identifier=urn:mrn|1", "").refused(t, 412)
		s.call(t, "DELETE "+at, "", "If-Match", `W/"1"`).refused(t, 412)
		s.call(t, "DELETE "+at, "", "If-Match", `W/"2"`).is(t, 204)
		s.call(t, "DELETE /Patient?identifier=urn:mrn|1", "").is(t, 204)
		s.call(t, "DELETE /Patient?identifier=urn:mrn|1", "").is(t, 204)
		if n := len(s.call(t, "GET /Patient", "").bundle(t).Entry); n != 0 {
			t.Errorf("%d are left", n)
		}
	})
}
