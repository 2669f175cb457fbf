package conformance

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const aPatient = `{"resourceType":"Patient"}`

// wrongBodies are of POST /Patient; where is what the outcome's expression says,
// for those that have a place.
var wrongBodies = []struct {
	name, body, where string
}{
	{"empty", "", ""},
	{"space", " \n", ""},
	{"null", "null", ""},
	{"a list", "[]", ""},
	{"a text", `"Patient"`, ""},
	{"no members", "{}", ""},
	{"no JSON", "<Patient/>", ""},
	{"cut off", `{"resourceType":"Patient","name":[{"fam`, ""},
	{"something after it", aPatient + aPatient, ""},
	{"comma at the end", `{"resourceType":"Patient",}`, ""},
	{"single quotes", `{'resourceType':'Patient'}`, ""},
	{"not UTF-8", "{\"resourceType\":\"Patient\",\"id\":\"\xff\xfe\"}", ""},
	{"control character", "{\"resourceType\":\"Patient\",\"language\":\"a\x00b\"}", ""},
	{"half a surrogate pair", `{"resourceType":"Patient","name":[{"family":"\ud800"}]}`, "Patient.name[0].family"},
	{"not a number", `{"resourceType":"Patient","multipleBirthInteger":NaN}`, ""},
	{"same key twice", `{"resourceType":"Patient","active":true,"active":false}`, "Patient.active"},
	{"same key twice below", `{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}`, "Patient.name[0].family"},
	{"same key, escaped", `{"resourceType":"Patient","active":true,"\u0061ctive":false}`, "Patient.active"},
	{"another type", `{"resourceType":"Observation","status":"final","code":{"text":"x"}}`, ""},
	{"unknown type", `{"resourceType":"Patients"}`, ""},
	{"type in lower case", `{"resourceType":"patient"}`, ""},
	{"type of a wrong type", `{"resourceType":7}`, ""},
	{"unknown element", `{"resourceType":"Patient","nonsense":1}`, "Patient"},
	{"wrong type of element", `{"resourceType":"Patient","name":"x"}`, "Patient.name"},
	{"text for boolean", `{"resourceType":"Patient","active":"true"}`, "Patient.active"},
	{"unknown code", `{"resourceType":"Patient","gender":"masculine"}`, "Patient.gender"},
	{"no such day", `{"resourceType":"Patient","birthDate":"1970-02-30"}`, "Patient.birthDate"},
	{"empty list", `{"resourceType":"Patient","name":[]}`, "Patient.name"},
	{"empty object", `{"resourceType":"Patient","name":[{}]}`, "Patient.name"},
	{"empty text", `{"resourceType":"Patient","language":""}`, "Patient.language"},
	{"two of a choice", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"}`, "Patient"},
	{"wrong target", `{"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}}`, "Patient.managingOrganization"},
	{"id with a slash", `{"resourceType":"Patient","id":"a/b"}`, "Patient.id"},
	{"script in the narrative", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}`, "Patient.text.div"},
	{"deep lists", strings.Repeat("[", 1<<20), ""},
	{"deep objects", strings.Repeat(`{"a":`, 1<<18), ""},
	{"deep extensions", `{"resourceType":"Patient"` + strings.Repeat(`,"extension":[{"url":"urn:x"`, 50000) + strings.Repeat("}]", 50000) + "}", ""},
	{"long number", `{"resourceType":"Patient","multipleBirthInteger":` + strings.Repeat("9", 100000) + "}", "Patient.multipleBirth"},
	{"large exponent", `{"resourceType":"Patient","multipleBirthInteger":1e999999999}`, "Patient.multipleBirth"},
}

func TestWrongBodies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, c := range wrongBodies {
			t.Run(c.name, func(t *testing.T) {
				for _, line := range []string{"POST /Patient", "PUT /Patient/a", "PUT /Patient?identifier=a"} {
					issues := s.call(t, line, c.body).refused(t, 400)
					if where := expressions(issues); !strings.HasPrefix(where, c.where) {
						t.Errorf("%s: expression %q, want %q: %+v", line, where, c.where, issues)
					}
				}
				s.call(t, "POST /", c.body).refused(t, 400)
			})
		}
		if n := len(s.call(t, "GET /Patient", "").is(t, 200).bundle(t).Entry); n != 0 {
			t.Errorf("%d of them were stored", n)
		}
	})
}

func expressions(issues []issue) string {
	var all []string
	for _, i := range issues {
		all = append(all, i.Expression...)
	}
	return strings.Join(all, " ")
}

// wrongRequests go with a good body; statuses are those that are right.
var wrongRequests = []struct {
	line     string
	headers  []string
	statuses []int
}{
	{"POST /Patient", []string{"Content-Type", "text/plain"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", "application/fhir+xml"}, []int{415}},
	{"POST /Patient", []string{"Content-Type", ""}, []int{415}},
	{"POST /Patient", []string{"Content-Type", ";;;"}, []int{415}},
	{"POST /Patient", []string{"Content-Encoding", "gzip"}, []int{415}},
	{"POST /Patient/_search", nil, []int{415}},
	{"GET /Patient", []string{"Accept", "application/fhir+xml"}, []int{406}},
	{"GET /Patient", []string{"Accept", "text/html, application/xml;q=0.9"}, []int{406}},
	{"GET /Patient", []string{"Accept", "application/json;q=0"}, []int{406}},
	{"GET /Patient?_format=xml", nil, []int{406}},
	{"GET /Patient?_format=application/fhir%2Bxml", []string{"Accept", fhirJSON}, []int{406}},
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
	{"GET //Patient", nil, []int{400, 404}},
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
	{"PATCH /Patient/here", nil, []int{405}},
	{"TRACE /Patient/here", nil, []int{405}},
	{"PURGE /Patient/here", nil, []int{405}},
	{"POST /Patient/here", nil, []int{405}},
	{"DELETE /Patient/here/_history", nil, []int{405, 404}},
	{"POST /metadata", nil, []int{405}},
	{"PUT /", nil, []int{405}},
	{"GET /", nil, []int{405, 404}},
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

// A request id goes back, and into the log, only when it can do no harm there.
func TestRequestID(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	if r := s.call(t, "GET /metadata", "", "X-Request-Id", "abc-1"); r.header.Get("X-Request-Id") != "abc-1" {
		t.Errorf("%v", r.header)
	}
	for _, id := range []string{"a b", "<script>", strings.Repeat("a", 5000), "ü"} {
		if r := s.call(t, "GET /metadata", "", "X-Request-Id", id); r.header.Get("X-Request-Id") == id || r.header.Get("X-Request-Id") == "" {
			t.Errorf("%.20q comes back", id)
		}
	}
}

// Bodies are bounded at 8 MB, Bundles at 32 MB, whether they say their size or not.
func TestLimits(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	const kind, all = 8 << 20, 32 << 20
	for _, c := range []struct {
		line   string
		size   int
		status int
	}{
		{"POST /Binary", kind - 100, 201},
		{"POST /Binary", kind + 1, 413},
		{"PUT /Binary/a", kind + 1, 413},
		{"POST /", kind + 1, 200},
		{"POST /", all + 1, 413},
		{"POST /Bundle", all + 1, 413},
	} {
		for _, chunked := range []bool{false, true} {
			body := padded(c.line, c.size)
			request, err := http.NewRequest(strings.Fields(c.line)[0], s.url+strings.Fields(c.line)[1], strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if chunked {
				request.Body, request.ContentLength = io.NopCloser(strings.NewReader(body)), -1
			}
			request.Header.Set("Authorization", "Bearer all")
			request.Header.Set("Content-Type", fhirJSON)
			r, err := s.client.Do(request)
			if err != nil { // the server has closed what it will not read
				if c.status != 413 {
					t.Errorf("%s of %d bytes: %v", c.line, c.size, err)
				}
				continue
			}
			answer, err := io.ReadAll(r.Body)
			r.Body.Close()
			if r.StatusCode != c.status || c.status == 413 && !strings.Contains(string(answer), `"too-long"`) {
				t.Errorf("%s of %d bytes, chunked %v: status %d, %v: %.300s", c.line, c.size, chunked, r.StatusCode, err, answer)
			}
		}
	}
}

// padded is a good body of a size.
func padded(line string, size int) string {
	head, tail := `{"resourceType":"Binary","contentType":"text/plain","data":"`, `"}`
	if !strings.Contains(line, "Binary") {
		head, tail = `{"resourceType":"Bundle","type":"batch"`, "}"
		return head + strings.Repeat(" ", size-len(head)-len(tail)) + tail
	}
	n := (size - len(head) - len(tail)) / 4 * 4
	return head + strings.Repeat("A", n) + tail + strings.Repeat(" ", size-len(head)-len(tail)-n)
}
