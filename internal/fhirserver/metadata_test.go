package fhirserver

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/store/storetest"
)

func TestCapabilityStatement(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.server.config.OAuth = OAuth{Authorize: "http://localhost/auth/authorize", Token: "http://localhost/auth/token"}
	s.server.Mount(operation.Route{
		Method: "GET", Path: "/Group/{id}/$export", Name: "export", Types: []string{"Group"}, Definition: "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export",
		Handle: func(w http.ResponseWriter, r *http.Request, a access.Actor) error {
			return errs.New(errs.TooMany, "not now, %s", a.ID)
		},
	})
	s.call("all", "GET /Group/1/$export", "").is(429)
	s.call("", "GET /Group/1/$export", "").is(401)
	s.call("all", "DELETE /Group/1/$export", "").is(405)
	r := s.call("", "GET /metadata", "").is(200)
	if _, err := fhir.Parse(r.body); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"auth/token"`, "group-export", `"fhirVersion":"4.0.1"`, "clinical-code", "oauth-uris", `"batch"`} {
		if !strings.Contains(string(r.body), strings.Trim(want, `"`)) {
			t.Errorf("no %s", want)
		}
	}
	// What it says of each type is so: every search parameter is understood.
	for i := 0; r.at("rest", 0, "resource", i) != nil; i += 29 {
		typ := r.text("rest", 0, "resource", i, "type")
		for j := 0; r.at("rest", 0, "resource", i, "searchParam", j) != nil; j++ {
			name, kind := r.text("rest", 0, "resource", i, "searchParam", j, "name"), r.text("rest", 0, "resource", i, "searchParam", j, "type")
			if value := valueOf[kind]; value != "" {
				s.call("all", fmt.Sprintf("GET /%s?%s=%s", typ, name, value), "").is(200)
			}
		}
	}
}

var valueOf = map[string]string{"token": "a", "string": "a", "date": "2020", "number": "1", "quantity": "1", "uri": "urn:a", "reference": "1"}

func TestCORS(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	r := s.call("", "OPTIONS /Patient/1", "", "Origin", "http://app.example", "Access-Control-Request-Headers", "authorization")
	if r.status != 204 || r.header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(r.header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("%d %v", r.status, r.header)
	}
	for origin, want := range map[string]bool{"http://app.example": true, "": false} {
		r := s.call("all", "GET /Patient/1", "", "Origin", origin)
		if got := strings.Contains(r.header.Get("Access-Control-Expose-Headers"), "ETag"); got != want || r.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("a request from %q: %v", origin, r.header)
		}
	}
}

// No URL and no body makes the server fail on its own side.
func FuzzRequests(f *testing.F) {
	s := start(f, storetest.SQLite(f, storetest.Options{}))
	f.Add("GET", "/Patient?name=x&_sort=-birthdate&_count=0", "")
	f.Add("POST", "/Patient", `{"resourceType":"Patient","meta":{"tag":[{"system":"a"}]}}`)
	f.Add("PUT", "/Patient?identifier=a|b,c", `{"resourceType":"Patient"}`)
	f.Add("POST", "/", `{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient?_has:Observation:patient:code=1"}}]}`)
	f.Add("GET", "/Observation?code-value-quantity=a$5|b|c&date=ge2020&subject:Patient.name=%00", "")
	f.Add("GET", "/AuditEvent?patient=a,b&date=2020", "")
	f.Add("DELETE", "/Patient/a", "")
	f.Add("PATCH", "/Patient?_id=a", `{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"delete"},{"name":"path","valueString":"Patient.name"}]}]}`)
	f.Add("POST", "/", `{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Binary","contentType":"application/json-patch+json","data":"W10="},"request":{"method":"PATCH","url":"Patient/a"}}]}`)
	f.Add("GET", "/Patient/a/_history?_count=9999999999999999999", "")
	f.Fuzz(func(t *testing.T, method, path, body string) {
		s.fuzz(t, method, path, body)
	})
}

func (s *site) fuzz(t *testing.T, method, path, body string) {
	if method == "" || strings.Trim(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" || !strings.HasPrefix(path, "/") {
		t.Skip()
	}
	u, err := url.Parse(s.url + path)
	if err != nil || u.Host != strings.Split(s.url, "/")[2] {
		t.Skip()
	}
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	r.URL, r.RequestURI = u, u.RequestURI()
	r.Header.Set("Authorization", "Bearer all")
	r.Header.Set("Content-Type", fhirJSON)
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	if w.Code >= 500 {
		t.Errorf("%s %q %q: %d %s", method, path, body, w.Code, w.Body)
	}
}
