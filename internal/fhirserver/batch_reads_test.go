package fhirserver

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A batch asks for whatever GET can; a transaction for resources, versions, histories and searches.
func TestReadsOfBundles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1"}`).is(201)
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1","active":true}`).is(200)
		s.call("all", "PUT /Observation/o1", string(fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Subject("Patient/p1")))).is(201)
		for _, c := range []struct{ method, url, unless, status, resource, transaction string }{
			{"GET", "Patient/p1", "", "200", "Patient", "200"},
			{"GET", "Patient/p1/_history/1", "", "200", "Patient", "200"},
			{"GET", "Patient/p1/_history", "", "200", "history", "200"},
			{"GET", "Patient/_history?_count=1", "", "200", "history", "200"},
			{"GET", s.url + "/_history?_since=2020", "", "200", "history", "200"},
			{"GET", "Patient/p1/Observation?status=final", "", "200", "searchset", "200"},
			{"GET", "Patient/p1/*", "", "200", "searchset", "200"},
			{"GET", "metadata", "", "200", "CapabilityStatement", "400"},
			{"GET", "Patient?_id=p1", "", "200", "searchset", "200"},
			{"HEAD", "Patient/p1", "", "200", "", "200"},
			{"HEAD", "Patient?_id=p1", "", "200", "", "200"},
			{"GET", "Patient/p1", `W/"2"`, "304", "", "304"},
			{"GET", "Patient/p1", `W/"1", "2"`, "304", "", "304"},
			{"GET", "Patient/p1", `W/"1"`, "200", "Patient", "200"},
			{"GET", "?_type=Patient,Observation", "", "200", "searchset", "200"},
			{"HEAD", "Patient/p1/_history", "", "200", "", "200"},
			{"GET", "Encounter/e1/Observation?_count=1", "", "200", "searchset", "200"},
			{"POST", "Practitioner/d1/Observation/_search?status=final", "", "200", "searchset", "200"},
			{"GET", "Encounter/e1/*", "", "400", "", "400"},
			{"GET", "Location/l1/Observation", "", "400", "", "400"},
			{"POST", "Patient/_search", "", "200", "searchset", "200"},
			{"POST", "Patient/_search?_id=p1", "", "200", "searchset", "200"},
			{"POST", s.url + "/_search?_type=Patient", "", "200", "searchset", "200"},
			{"POST", "Patient/p1/Observation/_search?status=final", "", "200", "searchset", "200"},
			{"POST", "Patient/_search?nonsense=1", "", "400", "", "400"},
			{"POST", "Patient/p1/$everything", "", "200", "searchset", "400"},
			{"POST", "Patient/p1/_search", "", "400", "", "400"},
			{"GET", "Patient/_history?nonsense=1", "", "400", "", "400"},
			{"GET", "Nothing/_history", "", "400", "", "400"},
			{"GET", "Patient/p1/_history/0", "", "400", "", "400"},
			{"GET", "Patient/p1/Nothing", "", "400", "", "400"},
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

// A transaction's histories and searches see what it has written, wherever they stand in
// it; a search by POST brings its parameters in the url and in a Parameters resource.
func TestATransactionReadsWhatItWrote(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1"}`).is(201)
		s.call("all", "PUT /Patient/p2", `{"resourceType":"Patient","id":"p2","name":[{"family":"Ahn"}]}`).is(201)
		r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[
			{"request":{"method":"GET","url":"Patient/p1/_history?_count=1"}},
			{"resource":{"resourceType":"Parameters","parameter":[{"name":"family","valueString":"Ahn"},{"name":"_total","valueCode":"accurate"},{"name":"active","valueBoolean":true}]},
			 "request":{"method":"POST","url":"Patient/_search?gender=female"}},
			{"resource":{"resourceType":"Patient","id":"p1","gender":"female","active":true,"name":[{"family":"Ahn"}]},"request":{"method":"PUT","url":"Patient/p1"}},
			{"request":{"method":"DELETE","url":"Patient/p2"}},
			{"request":{"method":"GET","url":"Patient/p1?_elements=gender"}},
			{"request":{"method":"GET","url":"Patient/_history"}}]}`).is(200)
		if r.at("entry", 1, "resource", "total") != 1.0 || r.text("entry", 1, "resource", "entry", 0, "resource", "id") != "p1" {
			t.Errorf("the search: %s", r.body)
		}
		if r.text("entry", 0, "resource", "entry", 0, "resource", "meta", "versionId") != "2" || r.text("entry", 5, "resource", "entry", 0, "request", "method") != "PUT" && r.text("entry", 5, "resource", "entry", 0, "request", "method") != "DELETE" {
			t.Errorf("the histories: %s", r.body)
		}
		if r.text("entry", 4, "resource", "gender") != "female" || r.text("entry", 4, "resource", "name", 0, "family") != "" {
			t.Errorf("the read: %s", r.body)
		}
		next := r.text("entry", 0, "resource", "link", 1, "url")
		for _, kind := range []string{"batch", "transaction"} {
			r = s.call("all", "POST /", `{"resourceType":"Bundle","type":"`+kind+`","entry":[{"request":{"method":"GET","url":"`+next+`"}}]}`).is(200)
			if r.text("entry", 0, "resource", "entry", 0, "resource", "meta", "versionId") != "1" {
				t.Errorf("the second page, in a %s: %s", kind, r.body)
			}
		}
		if got := s.call("all", "GET "+next, "").is(200).text("entry", 0, "resource", "meta", "versionId"); got != "1" {
			t.Errorf("the second page by itself is of version %q", got)
		}
	})
}

// What an entry that searches by POST, or reads on condition, says wrong is told at its place.
func TestFaultsOfReadingEntries(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1"}`).is(201)
	for entry, want := range map[string]string{
		`{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient/_search"}}`:                                                          "Bundle.entry[0].resource",
		`{"resource":{"resourceType":"Parameters","parameter":[{"name":"a","valueCoding":{"code":"x"}}]},"request":{"method":"POST","url":"Patient/_search"}}`: "Bundle.entry[0].resource.parameter[0]",
		`{"resource":{"resourceType":"Parameters","parameter":[{"name":"a","valueCodes":"x"}]},"request":{"method":"POST","url":"Patient/_search"}}`:           "Bundle.entry[0].resource.parameter[0].valueCodes",
		`{"resource":{"resourceType":"Observation"},"request":{"method":"POST","url":"Patient"}}`:                                                              "Bundle.entry[0].request.url",
		`{"request":{"method":"POST","url":"Patient"}}`:                                                                                                        "Bundle.entry[0]",
		`{"request":{"method":"GET","url":"Patient/p1?_summary=most"}}`:                                                                                        "Bundle.entry[0]",
		`{"request":{"method":"GET","url":"Patient/p1/_history?_count=0"}}`:                                                                                    "Bundle.entry[0]",
		`{"request":{"method":"PUT","url":"Patient/p1/_search"}, "resource":{"resourceType":"Patient","id":"p1"}}`:                                             "Bundle.entry[0].request.url",
	} {
		r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"batch","entry":[`+entry+`]}`).is(200)
		if got := string(r.body); r.text("entry", 0, "response", "status")[:2] != "40" || !strings.Contains(got, `"expression":["`+want) {
			t.Errorf("%s: %s", entry, got)
		}
	}
	for since, want := range map[string]string{"2100-01-01T00:00:00Z": "304", "2020-01-01T00:00:00Z": "200"} {
		r := s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/p1","ifModifiedSince":"`+since+`"}}]}`).is(200)
		if !strings.HasPrefix(r.text("entry", 0, "response", "status"), want) {
			t.Errorf("since %s: %s", since, r.body)
		}
	}
}

// A history comes in the shape that is asked for, by itself and in a Bundle.
func TestShapesOfHistories(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "PUT /Patient/p1", `{"resourceType":"Patient","id":"p1","gender":"male","photo":[{"title":"x"}],"name":[{"family":"Ahn"}]}`).is(201)
	for query, want := range map[string]string{
		"_elements=gender": "gender", "_summary=true": "gender name", "_summary=text": "", "_summary=data": "gender name photo", "_summary=false": "gender name photo", "": "gender name photo",
	} {
		alone := s.call("all", "GET /Patient/p1/_history?"+query, "").is(200)
		within := s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/_history?`+query+`"}}]}`).is(200)
		for _, resource := range []any{alone.at("entry", 0, "resource"), within.at("entry", 0, "resource", "entry", 0, "resource")} {
			var got []string
			for _, name := range []string{"gender", "name", "photo"} {
				if _, there := resource.(map[string]any)[name]; there {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v", query, resource)
			}
		}
	}
	for _, query := range []string{"_summary=count", "_summary=x"} {
		s.call("all", "GET /Patient/p1/_history?"+query, "").is(400)
		s.call("all", "POST /", `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"POST","url":"Patient"},"resource":{"resourceType":"Patient"}},
			{"request":{"method":"GET","url":"Patient/_history?`+query+`"}}]}`).is(400)
	}
	if got := s.call("all", "GET /Patient/_history", "").is(200).ids(); len(got) != 1 {
		t.Errorf("a refused transaction has written: %v", got)
	}
}

// A mark of the byte order before the text is no fault.
func TestByteOrderMark(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "POST /Patient", "\xef\xbb\xbf"+`{"resourceType":"Patient"}`).is(201)
	s.call("all", "POST /Patient", "\xef\xbb\xbf"+`<Patient xmlns="http://hl7.org/fhir"/>`, "Content-Type", "application/fhir+xml").is(201)
	s.call("all", "POST /Patient", "\xef\xbb\xbf").is(400)
}
