package fhirserver

import (
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A reference is resolved as R4's Bundles have it (section 2.36.4.1): in an entry whose
// fullUrl is a RESTful URL, a relative one means what is below the same root.
func TestRelativeReferencesBelowTheRootOfTheirEntry(t *testing.T) {
	patient := fhirtest.Post("http://old.example/fhir/Patient/7", []byte(`{"resourceType":"Patient","id":"7"}`))
	observation := func(fullURL, reference string) fhirtest.Entry {
		return fhirtest.Post(fullURL, fhirtest.Observation(fhirtest.Subject(reference)))
	}
	for name, c := range map[string]struct {
		entry fhirtest.Entry
		moved string // what follows the patient's new name; "" for a reference that stays
	}{
		"relative":               {observation("http://old.example/fhir/Observation/1", "Patient/7"), "new"},
		"of a version":           {observation("http://old.example/fhir/Observation/1", "Patient/7/_history/1"), "new/_history/1"},
		"absolute":               {observation("http://old.example/fhir/Observation/1", "http://old.example/fhir/Patient/7"), "new"},
		"below another root":     {observation("http://other.example/fhir/Observation/1", "Patient/7"), ""},
		"in an entry by its urn": {observation(fhirtest.UUID(3), "Patient/7"), ""},
		"of nothing in it":       {observation("http://old.example/fhir/Observation/1", "Patient/8"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db store.Store) {
				r := start(t, db).call("all", "POST /", string(fhirtest.Transaction(c.entry, patient)), "Prefer", "return=representation").is(200)
				id := r.text("entry", 1, "resource", "id")
				got := r.text("entry", 0, "resource", "subject", "reference")
				want := strings.Replace(c.moved, "new", "Patient/"+id, 1)
				if c.moved == "" && strings.Contains(got, id) || c.moved != "" && got != want {
					t.Errorf("the subject is %s, want %q", got, want)
				}
			})
		})
	}
}

// Clients send the condition of a create as a query, or as the URL of the search that it is.
func TestFormsOfIfNoneExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		patient := `{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"a?b"},{"system":"urn:mrn","value":"c"}]}`
		s.call("all", "POST /Patient", patient).is(201)
		query := "identifier=urn:mrn|" + url.QueryEscape("a?b")
		for _, form := range []string{
			query, "?" + query, "Patient?" + query, "/Patient?" + query, s.url + "/Patient?" + query, "https://proxy.example/fhir/Patient?" + query,
			"identifier=urn:mrn|a?b",
		} {
			s.call("all", "POST /Patient", patient, "If-None-Exist", form).is(200)
			entry := fhirtest.PostIfNone("", []byte(patient), form)
			for _, bundle := range [][]byte{fhirtest.Transaction(entry), fhirtest.Batch(entry)} {
				if status := s.call("all", "POST /", string(bundle)).is(200).text("entry", 0, "response", "status"); status != "200 OK" {
					t.Errorf("%s in a Bundle: %s", form, status)
				}
			}
		}
		s.call("all", "POST /Patient", patient, "If-None-Exist", "Practitioner?"+query).is(400)
	})
}

// A slash too many between the base and a type, or at the end, changes nothing.
func TestEmptyStepsOfPaths(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "PUT /Patient/p", `{"resourceType":"Patient","id":"p"}`).is(201)
	for _, path := range []string{"/Patient/p/", "//Patient/p", "/Patient//p", "/metadata/", "/Patient/", "//", "/Patient/p/_history/", "/Patient/p//$everything", "/Patient/p/%24everything/"} {
		s.call("all", "GET "+path, "").is(200)
	}
	s.call("", "GET //Patient/p/", "").is(401)
}

// What is not served says what is near it.
func TestWhatIsNotServedIsExplained(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	patient := `{"resourceType":"Patient"}`
	for line, want := range map[string]struct {
		status int
		body   string
		says   string
	}{
		"GET /patient":              {404, "", "capital letters count: Patient"},
		"GET /Foo/1":                {404, "", "no such resource type"},
		"GET /foo":                  {404, "", "no such resource type"},
		"GET /Patient/$everthing":   {404, "", "$everything"},
		"GET /Patient/p/$everthing": {404, "", "$everything"},
		"GET /$nope":                {404, "", "$explain"},
		"GET /Patient/a_b":          {404, "", "that is no id"},
		"PUT /Patient/a_b":          {400, patient, "that is no id"},
		"PUT /Patient/..":           {400, `{"resourceType":"Patient","id":".."}`, "not dots alone"},
		"PUT /Patient?identifier=1": {400, `{"resourceType":"Patient","id":"."}`, "not dots alone"},
		"GET /Patient/p/_history/x": {404, "", "whole numbers"},
		"GET /Patient/p/nothing":    {404, "", "nothing is served"},
		"POST /Patient":             {400, `{"resourceType":"Observation"}`, "the body is of type Observation, the URL is for Patient"},
		"PATCH /Patient/p":          {415, `[{"op":"remove","path":"/name"}]`, "application/json-patch+json"},
	} {
		r := s.call("all", line, want.body).is(want.status)
		if got := r.text("issue", 0, "diagnostics"); !strings.Contains(got, want.says) {
			t.Errorf("%s: %s", line, got)
		}
	}
	two := fhirtest.Transaction(fhirtest.Put("Patient/p", []byte(`{"resourceType":"Patient","id":"p"}`)), fhirtest.Delete("Patient/p"))
	if got := s.call("all", "POST /", string(two)).is(400).text("issue", 0, "diagnostics"); !strings.Contains(got, "Patient/p") {
		t.Error(got)
	}
}

// A search is posted without a body, and so without a type of it, when all stands in the URL.
func TestASearchPostedWithoutABody(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.call("all", "POST /Patient/_search?_count=1", "").is(200)
	s.call("all", "POST /Patient/_search", "name=a", "Content-Type", "text/plain").is(415)
}

// A client that reads no answer before it has sent its whole body sees why it was too large.
func TestABodyThatIsTooLargeIsReadPast(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	c, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(s.url, "http://"), "/fhir/R4"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := strings.Repeat(" ", 16<<20)
	_, err = c.Write([]byte("POST /fhir/R4/Patient HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer all\r\nContent-Type: application/fhir+json\r\nContent-Length: 16777216\r\n\r\n" + body))
	if err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 64)
	if n, err := c.Read(answer); err != nil || !strings.HasPrefix(string(answer[:n]), "HTTP/1.1 413 "+http.StatusText(http.StatusRequestEntityTooLarge)) {
		t.Errorf("%q %v", answer, err)
	}
}
