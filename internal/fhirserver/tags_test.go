package fhirserver

import (
	"strconv"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Entity tags come weak and strong, one, several and as *, on one line and on two (RFC
// 9110, sections 13.1.1 and 13.1.2). The resource is at version 2 before each call.
func TestEntityTags(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, c := range []struct {
			header, tags        string
			read, write, absent int // of GET, of PUT, and of PUT where there is none
		}{
			{"If-Match", `W/"2"`, 200, 200, 412},
			{"If-Match", `"2"`, 200, 200, 412},
			{"If-Match", `2`, 200, 200, 412},
			{"If-Match", `W/"1", W/"2"`, 200, 200, 412},
			{"If-Match", `"1","2" , "7"`, 200, 200, 412},
			{"If-Match", `*`, 200, 200, 412},
			{"If-Match", `W/"1"`, 412, 412, 412},
			{"If-Match", `W/"1", "3"`, 412, 412, 412},
			{"If-Match", `"of another server"`, 412, 412, 412},
			{"If-Match", `"2`, 412, 412, 412},
			{"If-Match", `W/"2", *`, 412, 412, 412},
			{"If-Match", `nonsense`, 412, 412, 412},
			{"If-None-Match", `W/"2"`, 304, 412, 201},
			{"If-None-Match", `"2"`, 304, 412, 201},
			{"If-None-Match", `W/"1", "2"`, 304, 412, 201},
			{"If-None-Match", `*`, 304, 412, 201},
			{"If-None-Match", `W/"1"`, 200, 200, 201},
			{"If-None-Match", `W/"1", W/"22"`, 200, 200, 201},
		} {
			s.call("all", "DELETE /Patient/none", "")
			s.call("all", "DELETE /Patient/p1", "")
			first := s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1","gender":"male"}`).header.Get("ETag")
			now := strings.Trim(first, `W/"`)
			tags := strings.NewReplacer(`"22"`, `"222222"`, "2", now, "1", "9"+now, "3", "8"+now, "7", "7"+now).Replace(c.tags)
			if got := s.call("all", "GET /Patient/p1", "", c.header, tags).status; got != c.read {
				t.Errorf("GET, %s: %s is %d, not %d", c.header, tags, got, c.read)
			}
			if got := s.call("all", "PUT /Patient/none", `{"resourceType":"Patient","id":"none"}`, c.header, tags).status; got != c.absent && !(c.absent == 201 && got == 200) {
				t.Errorf("PUT of none, %s: %s is %d, not %d", c.header, tags, got, c.absent)
			}
			condition := map[string]string{"If-Match": "ifMatch", "If-None-Match": "ifNoneMatch"}[c.header] + `":"` + strings.ReplaceAll(tags, `"`, `\"`) + `"`
			entry := s.call("all", "POST /", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/p1","`+condition+`}}]}`).is(200)
			if got := entry.text("entry", 0, "response", "status"); !strings.HasPrefix(got, strconv.Itoa(c.read)) {
				t.Errorf("GET in a batch, %s: %s is %s, not %d", c.header, tags, got, c.read)
			}
			bundle := `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Patient","id":"p1","gender":"other"},"request":{"method":"PUT","url":"Patient/p1","` +
				condition + `}}]}`
			if got := s.call("all", "POST /", bundle).status; got != c.write {
				t.Errorf("PUT in a transaction, %s: %s is %d, not %d", c.header, tags, got, c.write)
			}
			if c.write == 200 {
				continue // it is at another version now
			}
			for _, line := range []string{"PUT /Patient/p1", "PUT /Patient?_id=p1", "DELETE /Patient/p1", "DELETE /Patient?_id=p1"} {
				if got := s.call("all", line, `{"resourceType":"Patient","id":"p1","gender":"female"}`, c.header, tags).status; got != c.write {
					t.Errorf("%s, %s: %s is %d, not %d", line, c.header, tags, got, c.write)
				}
			}
			patch := `[{"op":"replace","path":"/gender","value":"unknown"}]`
			if got := s.call("all", "PATCH /Patient/p1", patch, "Content-Type", "application/json-patch+json", c.header, tags).status; got != c.write {
				t.Errorf("PATCH, %s: %s is %d, not %d", c.header, tags, got, c.write)
			}
		}
	})
}

// A condition without a match has no version that If-Match could name.
func TestIfMatchWithoutAMatch(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	for _, body := range []string{`{"resourceType":"Patient"}`, `{"resourceType":"Patient","id":"own"}`} {
		s.call("all", "PUT /Patient?identifier=none", body, "If-Match", "*").is(412)
		s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[{"resource":`+body+`,"request":{"method":"PUT","url":"Patient?identifier=none","ifMatch":"*"}}]}`).is(412)
	}
}
