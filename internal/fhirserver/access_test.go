package fhirserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// peopled has two participants with three Observations each, a shared
// Practitioner, and a Group of both.
func peopled(t *testing.T, db store.Store) *site {
	s := start(t, db)
	for _, p := range []string{"anna", "ben"} {
		s.call("all", "PUT /Patient/"+p, fmt.Sprintf(
			`{"resourceType":"Patient","id":%q,"name":[{"family":%q}],"link":[{"other":{"reference":"Patient/anna"},"type":"seealso"}]}`, p, p)).is(201)
		for i := range 3 {
			id := fmt.Sprintf("%s-%d", p, i)
			s.call("all", "PUT /Observation/"+id, string(fhirtest.Observation(fhirtest.ID(id), fhirtest.Subject("Patient/"+p)))).is(201)
		}
		s.tokens[p] = access.Actor{Role: access.Participant, ID: "account-" + p, Client: "app", Patient: p, Scopes: scopes(t, "patient/*.rs")}
	}
	s.call("all", "PUT /Observation/anna-0", string(fhirtest.Observation(fhirtest.ID("anna-0"), fhirtest.Subject("Patient/anna"),
		fhirtest.With("hasMember", []any{map[string]any{"reference": "Observation/ben-0"}})))).is(200)
	s.call("all", "PUT /Practitioner/doc", string(fhirtest.Practitioner(fhirtest.ID("doc")))).is(201)
	s.call("all", "PUT /Group/g", `{"resourceType":"Group","id":"g","type":"person","actual":true,
		"member":[{"entity":{"reference":"Patient/anna"}},{"entity":{"reference":"Patient/ben"}}]}`).is(201)
	s.tokens["warehouse"] = access.Actor{Role: access.Research, Client: "w", Groups: []string{"g"}, Scopes: scopes(t, "system/*.rs")}
	s.tokens["hospital"] = access.Actor{Role: access.EHR, Client: "h", Groups: []string{"g"}, Scopes: scopes(t, "system/*.cruds")}
	s.groups["g"] = []string{"anna", "ben"}
	return s
}

func TestSearchesShowOnlyWhatIsReached(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := peopled(t, db)
		all := s.call("anna", "GET /Observation?_total=accurate&_count=2", "").is(200)
		if total := all.at("total"); total != 3.0 {
			t.Errorf("the total counts what is not reached: %v", total)
		}
		got := all.ids()
		for next := all.next(); next != ""; {
			page := s.call("anna", "GET "+next, "").is(200)
			got, next = append(got, page.ids()...), page.next()
		}
		slices.Sort(got)
		if fmt.Sprint(got) != "[anna-0 anna-1 anna-2]" {
			t.Errorf("pages show %v", got)
		}
		for query, want := range map[string]string{
			"Observation?subject=Patient/ben":             "[]",
			"Observation?subject=Patient/anna&_id=anna-1": "[anna-1]",
			"Patient":         "[anna]",
			"Patient?_id=ben": "[]",
			"Patient?_has:Observation:patient:_id=ben-0":             "[]",
			"Patient?_has:Observation:patient:_id=anna-0":            "[anna]",
			"Observation?has-member:Observation.subject=Patient/ben": "[]",
			"Observation?has-member=Observation/ben-0":               "[anna-0]",
			"Practitioner":                        "[doc]",
			"Patient/anna/Observation?_id=anna-2": "[anna-2]",
			"Patient/ben/Observation":             "[]",
		} {
			if ids := s.call("anna", "GET /"+query, "").is(200).ids(); fmt.Sprint(ids) != want && !(len(ids) == 0 && want == "[]") {
				t.Errorf("%s: %v, want %s", query, ids, want)
			}
		}
		posted := s.call("anna", "POST /Observation/_search", "subject=Patient%2Fanna&_id=anna-1", "Content-Type", "application/x-www-form-urlencoded").is(200)
		if fmt.Sprint(posted.ids()) != "[anna-1]" {
			t.Errorf("_search: %s", posted.body)
		}
		next := s.call("all", "GET /Observation?_count=2", "").is(200).next()
		s.call("anna", "GET "+next, "").is(400) // a page link is good for who got it
		s.call("all", "GET "+strings.Replace(next, "_count=2", "_count=3", 1), "").is(400)
	})
}

func TestReadsReachOnlyTheirOwn(t *testing.T) {
	s := peopled(t, storetest.SQLite(t, storetest.Options{}))
	s.people["anna"] = access.Permissions{EHR: true}
	s.people["ben"] = access.Permissions{Withdrawn: true}
	observation := string(fhirtest.Observation(fhirtest.Subject("Patient/ben")))
	for line, status := range map[string]int{
		"anna GET /Patient/anna":                 200,
		"anna GET /Patient/ben":                  404,
		"anna GET /Patient/none":                 404,
		"anna GET /Observation/anna-0":           200,
		"anna GET /Observation/anna-0/_history":  200,
		"anna GET /Observation/ben-0":            404,
		"anna GET /Observation/ben-0/_history/1": 404,
		"anna GET /Observation/ben-0/_history":   404,
		"anna GET /Practitioner/doc":             200,
		"anna GET /Group/g":                      403,
		"anna GET /Group":                        403,
		"anna GET /Binary":                       403,
		"anna DELETE /Observation/anna-0":        403,
		"ben GET /Patient/ben":                   200, // their own stays theirs
		"hospital GET /Observation/anna-0":       200,
		"hospital GET /Observation/ben-0":        404, // withdrawn
		"hospital POST /Observation":             403,
		"warehouse GET /Patient/anna":            403,
		"warehouse GET /Observation":             403,
		"warehouse GET /Group/g":                 403,
		"warehouse GET /Practitioner/doc":        403,
		"warehouse GET /metadata":                200,
		"all GET /Observation/ben-0":             200,
	} {
		token, rest, _ := strings.Cut(line, " ")
		body := ""
		if strings.Contains(rest, "POST") {
			body = observation
		}
		t.Run(line, func(t *testing.T) {
			s.t = t
			s.call(token, rest, body).is(status)
		})
	}
	s.call("warehouse", "POST /", string(fhirtest.Batch(fhirtest.Get("Patient/anna")))).is(403)
	r := s.call("anna", "POST /", string(fhirtest.Batch(fhirtest.Get("Patient/anna"), fhirtest.Get("Patient/ben")))).is(200)
	if !strings.HasPrefix(r.text("entry", 0, "response", "status"), "200") || !strings.HasPrefix(r.text("entry", 1, "response", "status"), "404") {
		t.Errorf("%s", r.body)
	}
}

// Who is read about sees who read, and what was refused; nobody else does.
func TestParticipantsSeeWhoReadTheirData(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := peopled(t, db)
		s.call("all", "GET /Observation/anna-1", "", "X-Request-Id", "seen-by-anna").is(200)
		s.call("all", "GET /Observation/ben-1", "", "X-Request-Id", "not-for-anna").is(200)
		s.call("warehouse", "GET /Patient/anna", "", "X-Request-Id", "was-refused").is(403)
		if err := s.audit.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		mine := s.call("anna", "GET /AuditEvent?_count=100", "").is(200)
		for text, want := range map[string]bool{"seen-by-anna": true, "was-refused": true, "not-for-anna": false, "Patient/ben": false} {
			if strings.Contains(string(mine.body), text) != want {
				t.Errorf("%s is shown: %v", text, !want)
			}
		}
		id := mine.ids()[0]
		s.call("anna", "GET /AuditEvent/"+id, "").is(200)
		s.call("ben", "GET /AuditEvent/"+id, "").is(404)
		s.call("warehouse", "GET /AuditEvent", "").is(403)
		if found := s.call("all", "GET /AuditEvent?patient=Patient/anna&entity=Observation/anna-1", "").is(200); len(found.ids()) != 2 {
			t.Errorf("a create and a read, got %s", found.body)
		}
	})
}
