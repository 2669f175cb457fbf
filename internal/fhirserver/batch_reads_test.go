package fhirserver

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A batch asks for whatever GET can; a transaction for resources, versions and searches.
func TestReadsOfBundles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1"}`).is(201)
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1","active":true}`).is(200)
		s.call("all", "PUT /Observation/o1", string(fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Subject("Patient/p1")))).is(201)
		for _, c := range []struct{ method, url, unless, status, resource, transaction string }{
			{"GET", "Patient/p1", "", "200", "Patient", "200"},
			{"GET", "Patient/p1/_history/1", "", "200", "Patient", "200"},
			{"GET", "Patient/p1/_history", "", "200", "history", "400"},
			{"GET", "Patient/_history?_count=1", "", "200", "history", "400"},
			{"GET", s.url + "/_history?_since=2020", "", "200", "history", "400"},
			{"GET", "Patient/p1/Observation?status=final", "", "200", "searchset", "400"},
			{"GET", "Patient/p1/*", "", "200", "searchset", "400"},
			{"GET", "metadata", "", "200", "CapabilityStatement", "400"},
			{"GET", "Patient?_id=p1", "", "200", "searchset", "200"},
			{"HEAD", "Patient/p1", "", "200", "", "200"},
			{"HEAD", "Patient?_id=p1", "", "200", "", "200"},
			{"GET", "Patient/p1", `W/"2"`, "304", "", "304"},
			{"GET", "Patient/p1", `W/"1", "2"`, "304", "", "304"},
			{"GET", "Patient/p1", `W/"1"`, "200", "Patient", "200"},
			{"GET", "Patient/p1/Nothing", "", "404", "", "400"},
			{"GET", "Patient/none/_history", "", "404", "", "400"},
		} {
			unless := ""
			if c.unless != "" {
				unless = `,"ifNoneMatch":"` + strings.ReplaceAll(c.unless, `"`, `\"`) + `"`
			}
			entry := `"entry":[{"request":{"method":"` + c.method + `","url":"` + c.url + `"` + unless + `}}]}`
			r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"batch",`+entry).is(200)
			got := r.text("entry", 0, "resource", "resourceType")
			if got == "Bundle" {
				got = r.text("entry", 0, "resource", "type")
			}
			if !strings.HasPrefix(r.text("entry", 0, "response", "status"), c.status) || got != c.resource {
				t.Errorf("%s %s: %s", c.method, c.url, r.body)
			}
			r = s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction",`+entry)
			if status := r.text("entry", 0, "response", "status"); r.status == 200 && !strings.HasPrefix(status, c.transaction) || r.status != 200 && c.transaction != "400" {
				t.Errorf("in a transaction, %s %s: %d %s", c.method, c.url, r.status, r.body)
			}
		}
	})
}

// A mark of the byte order before the text is no fault.
func TestByteOrderMark(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "POST /Patient", "\xef\xbb\xbf"+`{"resourceType":"Patient"}`).is(201)
	s.call("all", "POST /Patient", "\xef\xbb\xbf"+`<Patient xmlns="http://hl7.org/fhir"/>`, "Content-Type", "application/fhir+xml").is(201)
	s.call("all", "POST /Patient", "\xef\xbb\xbf").is(400)
}
