package fhirserver

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/store/storetest"
)

// What other packages answer is translated where it is a resource, and nothing else is.
func TestOperationsOfOthersAreTranslated(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	handlers := map[string]operation.Handler{
		"echo": func(w http.ResponseWriter, r *http.Request, _ access.Actor) error {
			in, err := operation.Read(w, r, 1<<20)
			if err != nil {
				return err
			}
			operation.Answer(w, http.StatusAccepted, in.Body().Raw())
			return nil
		},
		"file": func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			w.Header().Set("Content-Type", "application/fhir+ndjson")
			_, err := io.WriteString(w, "{\"resourceType\":\"Patient\"}\n")
			return err
		},
		"manifest": func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			w.Header().Set("Content-Type", "application/json")
			_, err := io.WriteString(w, `{"output":[]}`)
			return err
		},
		"nothing": func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			w.WriteHeader(http.StatusAccepted)
			return nil
		},
		"fault": func(http.ResponseWriter, *http.Request, access.Actor) error { return errs.New(errs.Conflict, "a < b") },
		"panic": func(http.ResponseWriter, *http.Request, access.Actor) error { panic("x") },
		"flush": func(w http.ResponseWriter, _ *http.Request, _ access.Actor) error {
			return http.NewResponseController(w).Flush()
		},
	}
	for name, handle := range handlers {
		s.server.Mount(operation.Route{Method: http.MethodPost, Path: "/$" + name, Handle: handle})
	}
	const parameters = `<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="a"/><valueDecimal value="1.50"/></parameter></Parameters>`
	for _, c := range []struct {
		name, typ, body string
		status          int
	}{
		{"echo", fhirXML, `<?xml version="1.0" encoding="UTF-8"?>` + parameters, 202},
		{"file", "application/fhir+ndjson", "{\"resourceType\":\"Patient\"}\n", 200},
		{"manifest", "application/json", `{"output":[]}`, 200},
		{"nothing", "", "", 202},
		{"fault", fhirXML, `<diagnostics value="a &lt; b"/>`, 409},
		{"panic", fhirXML, `<code value="exception"/>`, 500},
		{"flush", "", "", 200},
	} {
		r := s.call("all", "POST /$"+c.name, parameters, "Content-Type", fhirXML, "Accept", fhirXML)
		if got := mediaType(r.header.Get("Content-Type")); r.status != c.status || got != c.typ || !bytes.Contains(r.body, []byte(c.body)) || c.body == "" && len(r.body) > 0 {
			t.Errorf("%s: %d %s %s", c.name, r.status, got, r.body)
		}
	}
}

// What XML cannot hold is said; a write that has been done stays done.
func TestAnswersThatXMLCannotHold(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	const odd = `{"resourceType":"Patient","id":"odd","name":[{"text":"a\uffffb"}]}`
	r := s.call("all", "PUT /Patient/odd", odd, "Accept", fhirXML).is(201)
	if !strings.Contains(string(r.body), `<severity value="warning"/>`) || r.header.Get("Location") == "" || r.header.Get("Etag") != `W/"1"` {
		t.Errorf("%v %s", r.header, r.body)
	}
	for _, path := range []string{"/Patient/odd", "/Patient?_id=odd", "/Patient/odd/_history"} {
		r := s.call("all", "GET "+path, "", "Accept", fhirXML)
		if r.status != 406 || !strings.Contains(string(r.body), `name[0].text"/>`) || r.header.Get("Etag") != "" || mediaType(r.header.Get("Content-Type")) != fhirXML {
			t.Errorf("%s: %v %s", path, r.header, r.body)
		}
		s.call("all", "GET "+path, "").is(200)
	}
}

// Plain requests pay nothing for what others may ask: no allocation.
func TestPlainRequestsAreNotWrapped(t *testing.T) {
	for _, accept := range []string{"", "*/*", fhirJSON, "application/json"} {
		r := httptest.NewRequest(http.MethodGet, "/Patient/1", nil)
		if accept != "" {
			r.Header.Set("Accept", accept)
		}
		if n := testing.AllocsPerRun(100, func() {
			if w, err := wished(r); err != nil || w != (wish{}) {
				t.Fatal(w, err)
			}
		}); n != 0 {
			t.Errorf("Accept %q costs %v allocations", accept, n)
		}
	}
}
