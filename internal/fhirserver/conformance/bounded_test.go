package conformance

import (
	"testing"
	"time"

	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Whatever is searched is stopped when it takes too long, and the client is told what
// to do; who asks for more time on the same database finds everything.
func TestSearchesThatTakeTooLong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		patient := start(t, db)
		patient.call(t, "PUT /Patient/a", person("a", 0)).is(t, 201)
		hasty := startWith(t, db, func(c *records.Config) { c.SearchLimit = time.Nanosecond })
		for _, line := range []string{
			"GET /Patient?gender=other", "GET /Patient?gender=other&_total=accurate&_sort=-birthdate", "GET /Patient/a/Observation",
			"GET /?_type=Patient,Observation", "GET /Observation?subject:Patient.gender=other&_include=*", "POST /Patient/_search",
		} {
			headers := []string{}
			if line == "POST /Patient/_search" {
				headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
			}
			for _, issue := range hasty.call(t, line, "", headers...).refused(t, 422) {
				if issue.Code != "too-costly" || len(issue.Diagnostics) < 40 {
					t.Errorf("%s: %+v", line, issue)
				}
			}
			patient.call(t, line, "", headers...).is(t, 200)
		}
		hasty.call(t, "GET /Patient/a", "").is(t, 200) // a read is no search
	})
}
