package fhirserver

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// AuditEvents are searched by what they say, in the order of time, page by page; the
// total counts what the pages hold, and a participant finds their own only.
func TestAuditEventsAreSearched(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := peopled(t, db)
		s.call("all", "GET /Observation/anna-1", "").is(200)
		s.call("anna", "GET /Observation?_id=anna-1", "").is(200)
		s.call("anna", "GET /Observation/ben-1", "").is(404)
		s.call("warehouse", "GET /Patient/anna", "").is(403)
		if err := s.audit.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		all := s.events("all", "patient=Patient/anna")
		if len(all) < 4 {
			t.Fatal("nothing to search through")
		}
		day, tomorrow := time.Now().UTC().Format(time.DateOnly), time.Now().UTC().AddDate(0, 0, 1).Format(time.DateOnly)
		repair := url.QueryEscape("https://tributary.example/fhir/actor/maintenance|repair")
		for query, want := range map[string]int{
			"date=" + day: len(all), "date=ge" + tomorrow: 0, "date=lt" + day: 0, "date=ne" + tomorrow: len(all), "_lastUpdated=ge" + day: len(all),
			"entity=Observation/anna-1&action=R": 1, "action=R&outcome=4": 1, "outcome=4,8": 1, "outcome:not=4": len(all) - 1,
			"type=rest": len(all), "type=login": 0, "subtype=search-type": 1, "agent:identifier=" + repair + "&action=R": 1, "agent=Patient/anna": 0,
		} {
			if got := s.events("all", "patient=Patient/anna&"+query); len(got) != want {
				t.Errorf("%s: %d events, want %d of %d", query, len(got), want, len(all))
			}
		}
		oldest := s.events("all", "patient=Patient/anna&_sort=date")
		slices.Reverse(oldest)
		if !slices.Equal(oldest, all) {
			t.Errorf("%v\n%v", oldest, all)
		}
		if paged := s.events("all", "patient=Patient/anna&_count=1&_sort=-date"); !slices.Equal(paged, all) {
			t.Errorf("%v\n%v", paged, all)
		}
		if mine := s.events("anna", "date="+day); !slices.Equal(mine, s.events("all", "patient=Patient/anna&date="+day)) {
			t.Error("anna finds others, or not all of hers")
		}
		if got := s.events("anna", "patient=Patient/ben&type=rest"); len(got) != 0 {
			t.Errorf("anna finds events of ben: %v", got)
		}
		if total := s.call("all", "GET /AuditEvent?patient=Patient/anna&action=R,C,U,D,E&_summary=count", "").is(200).at("total"); total != float64(len(all)) {
			t.Errorf("total %v, want %d", total, len(all))
		}
		for _, query := range []string{"policy=urn:x", "_sort=action", "date:missing=true", "agent-name=x", "patient.name=x"} {
			s.call("all", "GET /AuditEvent?"+query, "").is(400)
		}
	})
}

// events are the ids of all pages.
func (s *site) events(token, query string) (ids []string) {
	s.t.Helper()
	for next := "/AuditEvent?" + query; next != ""; {
		r := s.call(token, "GET "+next, "").is(200)
		ids = append(ids, r.ids()...)
		next = r.next()
	}
	return ids
}
