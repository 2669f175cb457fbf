package fhirserver

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestSearchOverSeveralTypes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		const everyone = "Device/dev Encounter/e1 Observation/o1 Observation/o2 Organization/top Organization/ward Patient/p1 Patient/p2 " +
			"Practitioner/d1 PractitionerRole/r1 Provenance/v1"
		for _, tt := range []struct{ token, path, matches, included string }{
			{"all", "", everyone, ""},
			{"all", "/", everyone, ""},
			{"all", "?_type=Patient,Organization", "Organization/top Organization/ward Patient/p1 Patient/p2", ""},
			{"all", "?_type=Encounter,Observation&patient=p1", "Encounter/e1 Observation/o1", ""},
			{"all", "?_type=Encounter,Observation&subject:Patient.name=one&_include=Encounter:subject", "Encounter/e1 Observation/o1", "Patient/p1"},
			{"all", "?_id=o1", "Observation/o1", ""},
			{"all", "/Patient/p1/*", "Encounter/e1 Observation/o1 Patient/p1", ""},
			{"all", "/Patient/p1/*?_type=Observation", "Observation/o1", ""},
			{"all", "/Patient/p1/%2A?_lastUpdated=gt2999", "", ""},
			{"p1", "", "Encounter/e1 Observation/o1 Organization/top Organization/ward Patient/p1 Practitioner/d1 PractitionerRole/r1", ""},
			{"p1", "/Patient/p2/*", "", ""},
			{"narrow", "", "Observation/o1", ""},
		} {
			matches, included := s.call(tt.token, "GET "+tt.path, "").is(200).modes()
			if matches != tt.matches || included != tt.included {
				t.Errorf("%s %s: %s + %s", tt.token, tt.path, matches, included)
			}
		}
		r := s.call("all", "POST /_search", "_type=Patient,Observation&_count=0", "Content-Type", formType).is(200)
		if fmt.Sprint(r.at("total")) != "4" || r.at("entry") != nil {
			t.Errorf("%s", r.body)
		}
		for path, status := range map[string]int{"?_type=Nothing": 400, "?_type=AuditEvent": 400, "?code=1": 400, "?_sort=code": 400, "?_type=Observation,Encounter&_sort=code-value-quantity": 400, "?_type=Patient,Location&_sort=address": 200, "?_type=Encounter,Slot&_sort=status": 200, "?_type=Observation,DocumentReference&_sort=date": 200, "?_type=Encounter,Substance&_sort=identifier": 200, "?_type=Patient,Encounter&name=x": 400} {
			s.call("all", "GET /"+path, "").is(status)
		}
		s.call("narrow", "GET /?_type=Patient", "").is(403)
		r = s.call("all", "GET /?_type=Patient,Encounter&name=one&_id=p1", "", "Prefer", "handling=lenient").is(200)
		if matches, _ := r.modes(); matches != "Patient/p1" || strings.Contains(r.text("link", 0, "url"), "name") {
			t.Errorf("%s", r.body)
		}
		for _, sort := range []string{"", "_lastUpdated", "-_lastUpdated", "_id", "-_tag,_id"} {
			s.pagedOverTypes(t, sort, everyone)
		}
	})
}

// pagedOverTypes holds that pages show each resource once, and in order.
func (s *site) pagedOverTypes(t *testing.T, sort, want string) {
	t.Helper()
	var names, times []string
	for next := "/?_count=3&_sort=" + sort; next != ""; {
		if sort == "" {
			next = strings.TrimSuffix(next, "&_sort=")
		}
		r := s.call("all", "GET "+next, "").is(200)
		entries, _ := r.at("entry").([]any)
		for i := range entries {
			names = append(names, r.text("entry", i, "resource", "resourceType")+"/"+r.text("entry", i, "resource", "id"))
			times = append(times, r.text("entry", i, "resource", "meta", "lastUpdated"))
		}
		next = r.next()
	}
	if sort == "-_lastUpdated" {
		slices.Reverse(times)
	}
	if strings.HasSuffix(sort, "_lastUpdated") && !slices.IsSorted(times) {
		t.Errorf("%s: %v", sort, times)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != want {
		t.Errorf("%s: %s", sort, got)
	}
}

func TestHistoryOfSeveral(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		s.call("all", "PUT /Organization/top", `{"resourceType":"Organization","id":"top","name":"Top 2"}`).is(200)
		between := s.call("all", "GET /Organization/top", "").is(200).text("meta", "lastUpdated")
		s.call("all", "DELETE /Organization/top", "").is(204)
		for path, want := range map[string]string{
			"/Organization/_history":                         "Organization/top/3 Organization/top/2 Organization/ward/1 Organization/top/1",
			"/Organization/top/_history":                     "Organization/top/3 Organization/top/2 Organization/top/1",
			"/Organization/_history?_since=2999":             "",
			"/Organization/top/_history?_since=2999":         "",
			"/Organization/top/_history?_since=" + between:   "Organization/top/3 Organization/top/2",
			"/Organization/_history?_at=2999-01-01":          "Organization/top/3 Organization/ward/1",
			"/Flag/_history":                                 "",
			"/Organization/_history?_count=1000&_since=2000": "Organization/top/3 Organization/top/2 Organization/ward/1 Organization/top/1",
		} {
			for _, count := range []string{"", "_count=1"} {
				if got := s.versionsOf(path, count); got != want {
					t.Errorf("%s %s: %s, want %s", path, count, got, want)
				}
			}
		}
		if all := s.versionsOf("/_history", "_count=4"); len(strings.Fields(all)) != 13 || !strings.HasPrefix(all, "Organization/top/3 Organization/top/2 Provenance/v1/1") {
			t.Errorf("everything: %s", all)
		}
		r := s.call("all", "GET /Organization/_history", "").is(200)
		if r.text("entry", 0, "request", "method") != "DELETE" || r.at("entry", 0, "resource") != nil || r.text("entry", 1, "resource", "name") != "Top 2" || r.text("type") != "history" {
			t.Errorf("%s", r.body)
		}
		for line, status := range map[string]int{
			"p1 GET /_history": 403, "p1 GET /Patient/_history": 403, "p1 GET /Organization/_history": 200, "p1 GET /Patient/p1/_history": 200,
			"p1 GET /Patient/p2/_history": 404, "all GET /Patient/none/_history": 404, "all GET /Patient/_history?_sort=x": 400,
			"all GET /_history?_since=then": 400, "all GET /_history?_count=0": 400, "all GET /AuditEvent/_history": 403, "all POST /_history": 405,
		} {
			token, line, _ := strings.Cut(line, " ")
			s.call(token, line, "").is(status)
		}
	})
}

// versionsOf are all versions of a history, by its pages.
func (s *site) versionsOf(path, count string) string {
	s.t.Helper()
	var names []string
	if count != "" && !strings.Contains(path, "_count") {
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		path += mark + count
	}
	for next := path; next != ""; {
		r := s.call("all", "GET "+next, "").is(200)
		entries, _ := r.at("entry").([]any)
		for i := range entries {
			_, name, _ := strings.Cut(r.text("entry", i, "fullUrl"), "/R4/")
			names = append(names, name+"/"+strings.Trim(r.text("entry", i, "response", "etag"), `W/"`))
		}
		next = r.next()
	}
	return strings.Join(names, " ")
}
