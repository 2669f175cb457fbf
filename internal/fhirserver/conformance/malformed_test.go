package conformance

import (
	"io"
	"net/http"
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
