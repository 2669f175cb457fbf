package conformance

import (
	"encoding/json"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A Binary goes over the wire as a resource, in either format, or as what it holds.
func TestBinary(t *testing.T) {
	const content = "<p>note \x00 \xff</p>"
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, "PUT /Patient/p", `{"resourceType":"Patient","id":"p"}`).is(t, 201)
		made := s.call(t, "POST /Binary", content, "Content-Type", "text/html; charset=utf-8", "X-Security-Context", "Patient/p").is(t, 201)
		var b struct {
			ID, ContentType string
			Data            []byte
			SecurityContext struct{ Reference string }
		}
		if err := json.Unmarshal(made.body, &b); err != nil || string(b.Data) != content || b.ContentType != "text/html; charset=utf-8" || b.SecurityContext.Reference != "Patient/p" {
			t.Fatalf("%s (%v)", made.body, err)
		}
		for _, accept := range []string{"text/html", "application/pdf, text/*;q=0.5", "TEXT/HTML;level=1"} {
			r := s.call(t, "GET /Binary/"+b.ID, "", "Accept", accept).is(t, 200)
			if string(r.body) != content || r.header.Get("Content-Type") != b.ContentType || r.header.Get("X-Security-Context") != "Patient/p" ||
				r.header.Get("Content-Security-Policy") == "" || r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Etag") != `W/"1"` {
				t.Errorf("Accept %q: %v %q", accept, r.header, r.body)
			}
		}
		for _, accept := range []string{"application/pdf", "text/html;q=0", "image/*"} {
			s.call(t, "GET /Binary/"+b.ID, "", "Accept", accept).refused(t, 406)
		}
		for _, line := range []string{"GET /Binary", "GET /Binary/" + b.ID + "/_history", "GET /Binary/" + b.ID + "/$meta", "GET /Patient/p"} {
			s.call(t, line, "", "Accept", "text/html").refused(t, 406)
		}
		if e := s.call(t, "GET /Binary/"+b.ID, "", "Accept", fhirXML+", text/html").is(t, 200).xml(t); e.values("contentType") != b.ContentType {
			t.Errorf("%s", e.Inner)
		}
		s.call(t, "PUT /Binary/"+b.ID, "%PDF", "Content-Type", "application/pdf").is(t, 200)
		if r := s.call(t, "GET /Binary/"+b.ID, "", "Accept", "application/pdf").is(t, 200); string(r.body) != "%PDF" || r.header.Get("X-Security-Context") != "" {
			t.Errorf("%v %q", r.header, r.body)
		}
		s.call(t, "GET /Binary/"+b.ID, "", "Accept", "application/pdf", "If-None-Match", `W/"2"`).is(t, 304)
		s.call(t, "GET /Binary/none", "", "Accept", "application/pdf").refused(t, 404)
		s.call(t, "GET /Binary/"+b.ID, "", "Accept", "application/pdf", "Authorization", "").refused(t, 401)
		s.call(t, "POST /Binary", "x", "Content-Type", "").refused(t, 415)
		s.call(t, "POST /Binary", "x", "Content-Type", "nonsense").refused(t, 415)
		s.call(t, "POST /Binary", "x", "Content-Type", "text/plain", "X-Security-Context", `"}`).refused(t, 400)
		s.call(t, "POST /Binary", "", "Content-Type", "text/plain").refused(t, 400)
		// a resource in a Binary is not one
		inside := s.call(t, "POST /Binary", `{"resourceType":"Binary","contentType":"application/fhir+json","data":"e30="}`).is(t, 201)
		s.call(t, "GET /Binary/"+idOf(t, inside.body), "", "Accept", "text/html").refused(t, 406)
	})
}
