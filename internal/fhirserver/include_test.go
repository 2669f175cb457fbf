package fhirserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// hospital is a site with two patients whose resources refer to each other.
func hospital(t *testing.T, db store.Store) *site {
	s := start(t, db)
	s.tokens["p1"] = access.Actor{Role: access.Participant, ID: "account", Client: "app", Patient: "p1", Scopes: scopes(t, "patient/*.rs")}
	s.tokens["narrow"] = access.Actor{
		Role: access.Participant, ID: "account", Client: "app", Patient: "p1", Scopes: scopes(t, "patient/Observation.rs patient/Practitioner.r"),
	}
	for _, body := range []string{
		`{"resourceType":"Organization","id":"top","name":"Top"}`,
		`{"resourceType":"Organization","id":"ward","name":"Ward","partOf":{"reference":"Organization/top"}}`,
		`{"resourceType":"Practitioner","id":"d1","name":[{"family":"Doc"}]}`,
		`{"resourceType":"PractitionerRole","id":"r1","practitioner":{"reference":"Practitioner/d1"},"organization":{"reference":"Organization/ward"}}`,
		`{"resourceType":"Device","id":"dev","patient":{"reference":"Patient/p2"}}`,
		`{"resourceType":"Patient","id":"p1","name":[{"family":"One"}],"managingOrganization":{"reference":"Organization/ward"},"link":[{"type":"seealso","other":{"reference":"Patient/p2"}}]}`,
		`{"resourceType":"Patient","id":"p2","name":[{"family":"Two"}]}`,
		`{"resourceType":"Encounter","id":"e1","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p1"},"serviceProvider":{"reference":"Organization/ward"},"period":{"start":"2020-01-05","end":"2020-01-05"}}`,
		`{"resourceType":"Observation","id":"o1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"subject":{"reference":"Patient/p1"},"encounter":{"reference":"Encounter/e1"},"performer":[{"reference":"Practitioner/d1"}],"device":{"reference":"Device/dev"},"effectiveDateTime":"2020-01-05"}`,
		`{"resourceType":"Observation","id":"o2","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}]},"subject":{"reference":"Patient/p2"},"performer":[{"reference":"Practitioner/d1"}],"hasMember":[{"reference":"Observation/o1"}],"effectiveDateTime":"2021"}`,
		`{"resourceType":"Provenance","id":"v1","target":[{"reference":"Observation/o1"}],"recorded":"2020-01-05T00:00:00Z","agent":[{"who":{"reference":"Practitioner/d1"}}]}`,
	} {
		typ := between(body, `"resourceType":"`, `"`)
		s.call("all", "PUT /"+typ+"/"+between(body, `"id":"`, `"`), body).is(201)
	}
	return s
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

// modes are the entries' ids by search mode, sorted.
func (r reply) modes() (matches, included string) {
	r.t.Helper()
	var all [2][]string
	entries, _ := r.at("entry").([]any)
	for i := range entries {
		name := r.text("entry", i, "resource", "resourceType") + "/" + r.text("entry", i, "resource", "id")
		switch r.text("entry", i, "search", "mode") {
		case "match":
			all[0] = append(all[0], name)
		case "include":
			all[1] = append(all[1], name)
		}
	}
	slices.Sort(all[0])
	slices.Sort(all[1])
	return strings.Join(all[0], " "), strings.Join(all[1], " ")
}

func TestIncludes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for _, tt := range []struct{ token, query, matches, included string }{
			{"all", "Observation?_id=o1&_include=Observation:subject", "Observation/o1", "Patient/p1"},
			{"all", "Observation?_id=o1&_include=Observation:performer:Practitioner", "Observation/o1", "Practitioner/d1"},
			{"all", "Observation?_id=o1&_include=Observation:performer:Organization", "Observation/o1", ""},
			{"all", "Observation?_id=o1&_include=*", "Observation/o1", "Device/dev Encounter/e1 Patient/p1 Practitioner/d1"},
			{"all", "Observation?_include=Observation:has-member", "Observation/o1 Observation/o2", ""},
			{"all", "Observation?_id=o1&_include=Observation:patient&_include:iterate=Patient:organization&_include:iterate=Organization:partof",
				"Observation/o1", "Organization/top Organization/ward Patient/p1"},
			{"all", "Observation?_id=o1&_include=Observation:patient&_include=Patient:organization", "Observation/o1", "Patient/p1"},
			{"all", "Patient?_id=p1&_revinclude=Observation:subject&_revinclude:iterate=Provenance:target", "Patient/p1", "Observation/o1 Provenance/v1"},
			{"all", "Patient?_id=p1&_revinclude=Observation:patient", "Patient/p1", "Observation/o1"},
			{"all", "Practitioner?_revinclude=Observation:*", "Practitioner/d1", "Observation/o1 Observation/o2"},
			{"all", "Patient?_id=none&_revinclude=Observation:*", "", ""},
			{"all", "Patient?_id=p1&_revinclude=*", "Patient/p1", "Encounter/e1 Observation/o1"},
			// Of what an app's token does not reach, nothing joins.
			{"p1", "Practitioner?_revinclude=Observation:performer", "Practitioner/d1", "Observation/o1"},
			{"p1", "Patient?_include=Patient:link", "Patient/p1", ""},
			{"p1", "Observation?_include=*", "Observation/o1", "Encounter/e1 Patient/p1 Practitioner/d1"},
			{"narrow", "Observation?_include=*", "Observation/o1", "Practitioner/d1"},
			{"narrow", "Observation?_revinclude=Provenance:target", "Observation/o1", ""},
		} {
			matches, included := s.call(tt.token, "GET /"+tt.query, "").is(200).modes()
			if matches != tt.matches || included != tt.included {
				t.Errorf("%s %s: %s + %s", tt.token, tt.query, matches, included)
			}
		}
		for _, query := range []string{"Observation?_include=Observation:code", "Observation?_include=Nothing:x",
			"Observation?_include:always=Observation:subject", "Patient?_revinclude=AuditEvent:entity"} {
			s.call("all", "GET /"+query, "").is(400)
		}
		r := s.call("all", "GET /Patient?_id=p1&_revinclude=AuditEvent:entity", "", "Prefer", "handling=lenient").is(200)
		if matches, _ := r.modes(); matches != "Patient/p1" || r.text("entry", 1, "search", "mode") != "outcome" || strings.Contains(r.text("link", 0, "url"), "_revinclude") {
			t.Errorf("%s", r.body)
		}
	})
}

// An inclusion is bounded, and says when it was.
func TestIncludesAreBounded(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	var b strings.Builder
	b.WriteString(`{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"p"},"request":{"method":"PUT","url":"Patient/p"}}`)
	for range 1001 {
		b.WriteString(`,{"resource":{"resourceType":"Flag","status":"active","code":{"text":"a"},"subject":{"reference":"Patient/p"}},"request":{"method":"POST","url":"Flag"}}`)
	}
	s.call("all", "POST /", b.String()+"]}").is(200)
	r := s.call("all", "GET /Patient?_revinclude=Flag:subject", "").is(200)
	_, included := r.modes()
	if n := len(strings.Fields(included)); n != 1000 {
		t.Errorf("%d included", n)
	}
	if got := r.text("entry", 1001, "resource", "issue", 0, "code"); got != "too-costly" {
		t.Errorf("outcome %q", got)
	}
}

func TestSummaryAndElements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		body := `{"resourceType":"Patient","id":"x","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>"},"birthDate":"1970-01-01","contact":[{"name":{"text":"C"}}],"communication":[{"language":{"text":"en"}}]}`
		s.call("all", "PUT /Patient/x", body).is(201)
		for query, want := range map[string]string{
			"_summary=true": "birthDate id meta resourceType", "_summary=text": "id meta resourceType text",
			"_summary=data":      "birthDate communication contact id meta resourceType",
			"_summary=false":     "birthDate communication contact id meta resourceType text",
			"_elements=contact":  "contact id meta resourceType",
			"_elements=a,b":      "id meta resourceType",
			"_elements=Basic.id": "birthDate communication contact id meta resourceType text",
		} {
			for _, r := range []reply{s.call("all", "GET /Patient/x?"+query, "").is(200), s.call("all", "GET /Patient/x/_history/1?"+query, "").is(200)} {
				if got := r.members(); got != want {
					t.Errorf("%s: %s", query, got)
				}
			}
			r := s.call("all", "GET /Patient?_id=x&"+query, "").is(200)
			if got := names(r.at("entry", 0, "resource")); got != want {
				t.Errorf("search %s: %s", query, got)
			}
			subsetted := strings.Contains(string(r.body), "SUBSETTED")
			if subsetted != (strings.Count(want, " ") < 6) {
				t.Errorf("%s: SUBSETTED is %v", query, subsetted)
			}
		}
		r := s.call("all", "GET /Patient?_summary=count", "").is(200)
		if fmt.Sprint(r.at("total")) != "3" || r.at("entry") != nil {
			t.Errorf("%s", r.body)
		}
		s.call("all", "GET /Patient/x?_summary=count", "").is(400)
		s.call("all", "GET /Patient?_summary=much", "").is(400)
		s.call("all", "GET /Patient?_elements=a;b", "").is(400)
	})
}

func (r reply) members() string { return names(r.at()) }

// names are the members of an object, sorted.
func names(v any) string {
	var list []string
	object, _ := v.(map[string]any)
	for name := range object {
		list = append(list, name)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// Includes do not go with _summary=text, which a lenient client is told.
func TestTextsComeAlone(t *testing.T) {
	s := hospital(t, storetest.SQLite(t, storetest.Options{}))
	for _, query := range []string{"_include=Observation:subject", "_revinclude:iterate=*", "_include:iterate=Observation:subject&_revinclude=Provenance:target"} {
		if r := s.call("all", "GET /Observation?_id=o1&_summary=text&"+query, "").is(400); !strings.Contains(string(r.body), `"expression":["http._summary"]`) {
			t.Errorf("%s: %s", query, r.body)
		}
		r := s.call("all", "GET /Observation?_id=o1&_summary=text&"+query, "", "Prefer", "handling=lenient").is(200)
		if matches, included := r.modes(); matches != "Observation/o1" || included != "" || strings.Contains(r.text("link", 0, "url"), "include") {
			t.Errorf("%s: %s", query, r.body)
		}
	}
}
