package fhirserver

import (
	"strings"
	"testing"

	"tributary/internal/store/storetest"
)

func TestConvert(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	const json, xml = `{"resourceType":"Patient","birthDate":"1980-05-01"}`, `<Patient xmlns="http://hl7.org/fhir"><birthDate value="1980-05-01"/></Patient>`
	for name, c := range map[string]struct{ body, content, accept, want string }{
		"to XML":         {json, fhirJSON, fhirXML, xml},
		"to JSON":        {xml, fhirXML, fhirJSON, json},
		"to itself":      {json, fhirJSON, fhirJSON, json},
		"of a parameter": {`{"resourceType":"Parameters","parameter":[{"name":"input","resource":` + json + `}]}`, fhirJSON, fhirXML, xml},
	} {
		r := s.call("all", "POST /$convert", c.body, "Content-Type", c.content, "Accept", c.accept).is(200)
		if !strings.HasSuffix(string(r.body), c.want) || !strings.HasPrefix(r.header.Get("Content-Type"), c.accept) {
			t.Errorf("%s: %s %s", name, r.header.Get("Content-Type"), r.body)
		}
	}
	s.call("all", "POST /$convert", "").is(400)
	s.call("all", "POST /$convert", `{"resourceType":"Patient","x":1}`).is(400)
	s.call("all", "POST /$convert", `{"resourceType":"Parameters"}`).is(400)
	s.call("", "POST /$convert", json).is(401)
	if r := s.call("all", "GET /Patient?_summary=count", "").is(200); r.at("total") != 0.0 {
		t.Errorf("something was kept: %s", r.body)
	}
}
