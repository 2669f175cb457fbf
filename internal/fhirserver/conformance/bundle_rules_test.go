package conformance

import (
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A transaction that R4, section 3.1.0.11.2, does not allow is refused whole.
func TestTransactionsThatAreRefused(t *testing.T) {
	post := func(url, more string) fhirtest.Entry { return fhirtest.Post(url, []byte(patient("", more))) }
	withIfMatch := func(tag string) fhirtest.Entry {
		e := fhirtest.Put("Patient/a", []byte(patient("a", "")))
		e.Request.IfMatch = tag
		return e
	}
	noRequest := fhirtest.Entry{FullURL: fhirtest.UUID(1), Resource: []byte(patient("", ""))}
	rows := map[string][]fhirtest.Entry{
		"same fullUrl twice":   {post(fhirtest.UUID(1), ""), post(fhirtest.UUID(1), "")},
		"one resource twice":   {fhirtest.Put("Patient/a", []byte(patient("a", ""))), fhirtest.Delete("Patient/a")},
		"no request":           {noRequest},
		"no resource":          {{Request: &fhirtest.Request{Method: "POST", URL: "Patient"}}},
		"other type":           {{Resource: []byte(patient("", "")), Request: &fhirtest.Request{Method: "POST", URL: "Observation"}}},
		"other id":             {fhirtest.Put("Patient/b", []byte(patient("a", "")))},
		"another server":       {fhirtest.Put("http://elsewhere.example/fhir/Patient/a", []byte(patient("a", "")))},
		"path upwards":         {fhirtest.Get("../../../Patient/a")},
		"a bad If-Match":       {withIfMatch("nonsense")},
		"a version not there":  {withIfMatch(`W/"3"`)},
		"condition without":    {fhirtest.PostIfNone(fhirtest.UUID(1), []byte(patient("", "")), "_count=1")},
		"unknown condition":    {fhirtest.PostIfNone(fhirtest.UUID(1), []byte(patient("", "")), "nonsense=1")},
		"search with a method": {{Resource: []byte(patient("", "")), Request: &fhirtest.Request{Method: "PUT", URL: "Patient?"}}},
		"a nested transaction": {fhirtest.Post("", fhirtest.Transaction(post("", ""))), post("", `,"gender":"x"`)},
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for name, entries := range rows {
			t.Run(name, func(t *testing.T) {
				all := append([]fhirtest.Entry{fhirtest.Put("Patient/first", []byte(patient("first", "")))}, entries...)
				issues := s.call(t, "POST /", string(fhirtest.Transaction(all...))).refused(t, 400, 412)
				if where := expressions(issues); !strings.HasPrefix(where, "Bundle.entry[") {
					t.Errorf("expression %q: %+v", where, issues)
				}
				s.call(t, "GET /Patient/first", "").refused(t, 404)
			})
		}
	})
}

// Two entries with the same condition are about the same resource.
func TestSameConditionTwiceInATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		one := fhirtest.PostIfNone(fhirtest.UUID(1), []byte(patient("", identified1)), "identifier=urn:mrn|1")
		two := fhirtest.PostIfNone(fhirtest.UUID(2), []byte(patient("", identified1)), "identifier=urn:mrn|1")
		r := s.call(t, "POST /", string(fhirtest.Transaction(one, two)))
		found := s.call(t, "GET /Patient?identifier=urn:mrn|1", "").is(t, 200).bundle(t).ids(t)
		switch {
		case r.status == 200 && len(found) == 1, r.status >= 400 && r.status < 500 && len(found) == 0:
		default:
			t.Errorf("status %d, and there are %v: %.500s", r.status, found, r.body)
		}
	})
}

// A reference may name what another entry puts under an id, or finds by a condition.
func TestReferencesBetweenEntries(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		known := idOf(t, s.call(t, "POST /Patient", patient("", identified1)).is(t, 201).body)
		put := fhirtest.Put("Patient/put", []byte(patient("put", "")))
		put.FullURL = fhirtest.UUID(1)
		conditional := fhirtest.Entry{
			FullURL: fhirtest.UUID(3), Resource: []byte(patient("", `,"identifier":[{"system":"urn:mrn","value":"3"}]`)),
			Request: &fhirtest.Request{Method: "PUT", URL: "Patient?identifier=urn:mrn|3"},
		}
		b := s.call(t, "POST /", string(fhirtest.Transaction(
			fhirtest.Put("Observation/a", fhirtest.Observation(fhirtest.ID("a"), fhirtest.Subject(fhirtest.UUID(1)))),
			fhirtest.Put("Observation/b", fhirtest.Observation(fhirtest.ID("b"), fhirtest.Subject(fhirtest.UUID(2)))),
			fhirtest.Put("Observation/c", fhirtest.Observation(fhirtest.ID("c"), fhirtest.Subject(fhirtest.UUID(3)))),
			fhirtest.Put("Observation/d", fhirtest.Observation(fhirtest.ID("d"), fhirtest.Subject("Patient?identifier=urn:mrn|1"))),
			put, conditional,
			fhirtest.PostIfNone(fhirtest.UUID(2), []byte(patient("", identified1)), "identifier=urn:mrn|1"),
		))).is(t, 200).bundle(t)
		third := created.FindStringSubmatch(b.Entry[5].Response.Location)
		if third == nil {
			t.Fatalf("%+v", b.Entry[5].Response)
		}
		for id, want := range map[string]string{"a": "Patient/put", "b": "Patient/" + known, "c": third[1], "d": "Patient/" + known} {
			if found := s.call(t, "GET /Observation?_id="+id+"&subject="+want, "").is(t, 200).bundle(t).Entry; len(found) != 1 {
				t.Errorf("Observation/%s does not refer to %s", id, want)
			}
		}
	})
}
