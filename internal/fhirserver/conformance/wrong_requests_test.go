package conformance

import (
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// wrongRequests go with a good body; statuses are those that are right.
var wrongRequests = []struct {
	line     string
	headers  []string
	statuses []int
}{
	{"POST /Patient", []string{"Content-Type", "text/plain"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", "application/fhir+xml"}, []int{400}},
	{"POST /Patient", []string{"Content-Type", fhirJSON + "; fhirVersion=3.0"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", fhirJSON + "; charset=iso-8859-1"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", "application/fhir+turtle"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", ""}, []int{415}},
	{"POST /Patient", []string{"Content-Type", ";;;"}, []int{415}},
	{"POST /Patient", []string{"Content-Encoding", "gzip"}, []int{400}},
	{"POST /Patient", []string{"Content-Encoding", "deflate"}, []int{415}},
	{"POST /Patient", []string{"Content-Encoding", "gzip, gzip"}, []int{415}},
	{"POST /Patient/_search", nil, []int{415}},
	{"GET /Patient", []string{"Accept", "text/html, text/turtle;q=0.9"}, []int{406}},
	{"GET /Patient", []string{"Accept", "application/json;q=0"}, []int{406}},
	{"GET /Patient", []string{"Accept", fhirJSON + "; fhirVersion=3.0"}, []int{406}},
	{"GET /Patient", []string{"Accept", "application/fhir+xml;fhirVersion=5.0, application/fhir+json;fhirVersion=5.0"}, []int{406}},
	{"GET /Patient?_format=ttl", nil, []int{406}},
	{"GET /Patient?_format=application/fhir%2Bturtle", []string{"Accept", fhirJSON}, []int{406}},
	{"GET /Patient?_format=json%0d%0aSet-Cookie:%20a=b", nil, []int{406}},
	{"GET /Patient", []string{"Authorization", ""}, []int{401}},
	{"GET /Patient", []string{"Authorization", "Basic YTpi"}, []int{401}},
	{"GET /Patient", []string{"Authorization", "Bearer nobody"}, []int{401}},
	{"GET /Nonsense", []string{"Authorization", ""}, []int{401, 404}},
	{"PUT /Patient/a_b", nil, []int{400, 404}},
	{"PUT /Patient/" + strings.Repeat("a", 65), nil, []int{400, 404}},
	{"PUT /Patient/a%2fb", nil, []int{400, 404}},
	{"PUT /Patient/a%00", nil, []int{400, 404}},
	{"PUT /Patient/a%0d%0aSet-Cookie:x", nil, []int{400, 404}},
	{"PUT /Patient/%C3%BC", nil, []int{400, 404}},
	{"PUT /Patient/other", nil, []int{400}},
	{"PUT /Patient", nil, []int{400, 405, 412}},
	{"DELETE /Patient", nil, []int{400, 405, 412}},
	{"DELETE /Patient?", nil, []int{400, 405, 412}},
	{"DELETE /Patient?_count=1", nil, []int{400, 412}},
	{"GET /patient/1", nil, []int{404}},
	{"GET /Nonsense/1", nil, []int{404}},
	{"GET /DomainResource", nil, []int{404}},
	{"GET /Resource/1", nil, []int{404}},
	{"GET /HumanName", nil, []int{404}},
	{"GET /Patient//1", nil, []int{400, 404}},
	{"GET /Patient/../Patient/1", nil, []int{400, 404}},
	{"GET /./Patient", nil, []int{400, 404}},
	{"GET /Patient/1/2/3", nil, []int{404}},
	{"GET /Patient/none", nil, []int{404}},
	{"GET /Patient/none/_history", nil, []int{404}},
	{"GET /Patient/here/_history/0", nil, []int{404}},
	{"GET /Patient/here/_history/-1", nil, []int{404}},
	{"GET /Patient/here/_history/abc", nil, []int{404}},
	{"GET /Patient/here/_history/999999999999999999", nil, []int{404}},
	{"GET /Patient/here/_history/99999999999999999999999", nil, []int{404}},
	{"GET /Patient/here/_history?_count=x", nil, []int{400}},
	{"GET /Patient/here/_history?_since=nonsense", nil, []int{400}},
	{"GET /Patient/none/Observation?nonsense=1", nil, []int{400, 404}},
	{"GET /Patient/here/Practitioner", nil, []int{400, 404}},
	{"GET /$nonsense", nil, []int{404}},
	{"GET /Patient/$nonsense", nil, []int{400, 404}},
	{"GET /Patient?%zz", nil, []int{400}},
	{"GET /Patient?name=%zz", nil, []int{400}},
	{"GET /Patient?name=%00", nil, []int{400}},
	{"GET /Patient?name=%ff", nil, []int{400}},
	{"GET /Patient?=x", nil, []int{400}},
	{"GET /Patient?nonsense=1", nil, []int{400}},
	{"GET /Patient?name:nonsense=1", nil, []int{400}},
	{"GET /Patient?name=", nil, []int{400, 200}},
	{"GET /Patient?birthdate=nonsense", nil, []int{400}},
	{"GET /Patient?birthdate=xx2000", nil, []int{400}},
	{"GET /Patient?birthdate=2000-02-30", nil, []int{400}},
	{"GET /Patient?birthdate=99999999-01-01", nil, []int{400}},
	{"GET /Observation?value-quantity=abc", nil, []int{400}},
	{"GET /Observation?value-quantity=1e999999", nil, []int{400}},
	{"GET /Observation?value-quantity=1|2|3|4", nil, []int{400}},
	{"GET /Observation?code-value-quantity=a", nil, []int{400}},
	{"GET /Patient?identifier=a|b|c", nil, []int{400}},
	{"GET /Patient?_count=-1", nil, []int{400}},
	{"GET /Patient?_count=x", nil, []int{400}},
	{"GET /Patient?_count=99999999999999999999", nil, []int{400}},
	{"GET /Patient?_sort=nonsense", nil, []int{400}},
	{"GET /Patient?_total=nonsense", nil, []int{400}},
	{"GET /Patient?_cursor=nonsense", nil, []int{400}},
	{"GET /Patient?_cursor=", nil, []int{400}},
	{"GET /Patient?general-practitioner.nonsense=1", nil, []int{400}},
	{"GET /Patient?_has:nonsense", nil, []int{400}},
	{"GET /Patient?_has:Observation:nonsense:code=1", nil, []int{400}},
	{"GET /Patient?organization:Nonsense=1", nil, []int{400}},
	{"GET /Patient?_id=" + strings.Repeat("a,", 20000), nil, []int{400, 414}},
	{"GET /Patient?" + strings.Repeat("name=a&", 5000), nil, []int{400, 414}},
	{"PUT /Patient/here", []string{"If-Match", "nonsense"}, []int{400, 412}},
	{"PUT /Patient/here", []string{"If-Match", `W/"99999999999999999999"`}, []int{400, 412}},
	{"PUT /Patient/here", []string{"If-None-Match", "*"}, []int{412}},
	{"POST /Patient", []string{"If-None-Exist", "nonsense=1"}, []int{400, 412}},
	{"POST /Patient", []string{"If-None-Exist", "%zz"}, []int{400, 412}},
	{"POST /Patient", []string{"If-None-Exist", "_count=1"}, []int{400, 412}},
	{"PATCH /Patient/here", nil, []int{400}},
	{"PATCH /Patient/here", []string{"Content-Type", "application/json-patch+json"}, []int{400}},
	{"PATCH /Patient/here", []string{"Content-Type", "application/xml-patch+xml"}, []int{415}},
	{"PATCH /Patient/here/_history", nil, []int{405}},
	{"TRACE /Patient/here", nil, []int{405}},
	{"PURGE /Patient/here", nil, []int{405}},
	{"POST /Patient/here", nil, []int{405}},
	{"DELETE /Patient/here/_history", nil, []int{405, 404}},
	{"POST /metadata", nil, []int{405}},
	{"PUT /", nil, []int{405}},
	{"GET /?code=1", nil, []int{400}},
}

func TestWrongRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		here := `{"resourceType":"Patient","id":"here"}`
		s.call(t, "PUT /Patient/here", here).is(t, 201)
		for _, c := range wrongRequests {
			r := s.call(t, c.line, here, c.headers...)
			if r.status == 200 && slices.Contains(c.statuses, 200) {
				continue
			}
			r.refused(t, c.statuses...)
			if r.status == 405 && r.header.Get("Allow") == "" {
				t.Errorf("%s: no Allow", c.line)
			}
			if r.status == 401 && !strings.HasPrefix(r.header.Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("%s: no WWW-Authenticate", c.line)
			}
			if r.header.Get("Set-Cookie") != "" {
				t.Errorf("%s: a header was smuggled in: %v", c.line, r.header)
			}
		}
		if versions := s.call(t, "GET /Patient/here/_history", "").is(t, 200).bundle(t); len(versions.Entry) != 1 {
			t.Errorf("it has %d versions by now", len(versions.Entry))
		}
	})
}
