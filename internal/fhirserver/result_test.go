package fhirserver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestTotalCountAndSort(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := hospital(t, db)
		for query, want := range map[string]string{
			"Patient": "<nil>", "Patient?_total=none": "<nil>", "Patient?_total=accurate&_count=1": "2", "Patient?_total=estimate": "2",
			"Patient?_count=0": "2", "Patient?_summary=count": "2", "Patient?_total=accurate&name=nobody": "0",
		} {
			if got := fmt.Sprint(s.call("all", "GET /"+query, "").is(200).at("total")); got != want {
				t.Errorf("%s: total %s, want %s", query, got, want)
			}
		}
		for query, want := range map[string]string{
			"Patient?_sort=family": "p1 p2", "Patient?_sort=-family": "p2 p1", "Observation?_sort=-date,_id": "o2 o1", "Organization?_sort=-_id": "ward top",
			"Organization?_sort=name,-_lastUpdated": "top ward", "Patient?_sort=birthdate,family": "p1 p2",
		} {
			if got := strings.Join(s.call("all", "GET /"+query, "").is(200).ids(), " "); got != want {
				t.Errorf("%s: %s, want %s", query, got, want)
			}
		}
		for _, query := range []string{"Observation?_sort=code-value-quantity", "Patient?_sort=nonsense", "Patient?_total=perhaps", "Patient?_count=-1"} {
			s.call("all", "GET /"+query, "").is(400)
		}
	})
}

// HEAD answers as GET does, without the body; conditions and preferences hold.
func TestHeadsConditionsAndHandling(t *testing.T) {
	s := hospital(t, storetest.SQLite(t, storetest.Options{}))
	for _, path := range []string{
		"/Patient/p1", "/Patient/p1/_history/1", "/Patient/p1/_history", "/Patient/_history", "/_history", "/Patient", "/", "/Patient/p1/Observation",
		"/Patient/p1/*", "/Patient/p1/$everything", "/Patient/p1/$meta", "/metadata",
	} {
		if r := s.call("all", "HEAD "+path, ""); r.status != 200 || len(r.body) != 0 || r.header.Get("Content-Length") == "" {
			t.Errorf("HEAD %s: %d, %d bytes", path, r.status, len(r.body))
		}
	}
	r := s.call("all", "GET /Patient/p1", "").is(200)
	later := time.Now().Add(time.Minute).UTC().Format(time.RFC1123)
	for _, c := range []struct {
		name, value string
		status      int
	}{
		{"If-None-Match", r.header.Get("ETag"), 304}, {"If-None-Match", `W/"9"`, 200}, {"If-None-Match", "*", 304}, {"If-None-Match", `W/"9", W/"1"`, 304},
		{"If-Modified-Since", strings.Replace(later, "UTC", "GMT", 1), 304}, {"If-Modified-Since", "Mon, 02 Jan 2006 15:04:05 GMT", 200}, {"If-Modified-Since", "yesterday", 200},
	} {
		got := s.call("all", "GET /Patient/p1", "", c.name, c.value)
		if got.status != c.status || got.header.Get("ETag") == "" || c.status == 304 && len(got.body) != 0 {
			t.Errorf("%s: %s: %d", c.name, c.value, got.status)
		}
	}
	s.call("all", "GET /Patient?nonsense=1", "", "Prefer", "handling=strict").is(400)
	s.call("all", "GET /Patient?nonsense=1", "", "Prefer", "return=minimal, handling=lenient").is(200)
	for _, query := range []string{"_list=$current-problems", "_filter=a", "gender:above=a", "gender:below=a", "name:text=a", "_query=a"} {
		if r := s.call("all", "GET /Patient?"+query, "").is(400); !strings.Contains(string(r.body), query[:5]) {
			t.Errorf("%s is refused, but not by its name: %s", query, r.body)
		}
	}
	posted := s.call("all", "POST /Patient/p1/Observation/_search", "code=1&_count=5", "Content-Type", formType).is(200)
	if got := posted.ids(); len(got) != 1 || got[0] != "o1" {
		t.Errorf("posted in a compartment: %v", got)
	}
	both := s.call("all", "POST /Patient/_search?name=one", "_id=p1,p2", "Content-Type", formType).is(200)
	if got := both.ids(); len(got) != 1 || got[0] != "p1" {
		t.Errorf("of URL and form: %v", got)
	}
}
