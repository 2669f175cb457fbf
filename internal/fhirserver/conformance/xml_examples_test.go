package conformance

import (
	"bytes"
	"encoding/json"
	"html"
	"os"
	"reflect"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/fhir/xml"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// meaning is a resource without what the server sets; numbers are as written, and
// a narrative's entities are what they stand for.
func meaning(t testing.TB, src []byte) any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var r map[string]any
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v: %.300s", err, src)
	}
	delete(r, "meta")
	unescape(r)
	return r
}

// unescape resolves the entities of all narratives in a value.
func unescape(v any) {
	switch v := v.(type) {
	case map[string]any:
		if div, ok := v["div"].(string); ok {
			v["div"] = strings.ReplaceAll(html.UnescapeString(div), "\r\n", "\n") // as XML reads lines
		}
		for _, member := range v {
			unescape(member)
		}
	case []any:
		for _, item := range v {
			unescape(item)
		}
	}
}

func toXML(t testing.TB, src []byte) []byte {
	t.Helper()
	root, err := tree.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	out, err := xml.FromJSON(root, "")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// HL7's examples are sent in XML and are what was sent in JSON; they come back in
// XML as they are in JSON.
func TestExamplesInXML(t *testing.T) {
	var all []example
	for _, e := range examples(t) {
		if e.typ != "AuditEvent" && !e.research && misreferring[e.file] == "" {
			all = append(all, e)
		}
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		inParallel(all, func(e example) {
			s.call(t, "PUT "+e.url(), string(toXML(t, e.sent)), append(inXML, "Prefer", "return=minimal")...).is(t, 201)
			kept := s.call(t, "GET "+e.url(), "").is(t, 200).body
			if !reflect.DeepEqual(meaning(t, kept), meaning(t, e.sent)) {
				t.Errorf("%s is kept as %.2000s", e.file, kept)
			}
			back, err := xml.ToJSON(s.call(t, "GET "+e.url(), "", inXML...).is(t, 200).body)
			if err != nil || !reflect.DeepEqual(meaning(t, back), meaning(t, kept)) {
				t.Errorf("%s comes back as %.2000s (%v)", e.file, back, err)
			}
		})
	})
}

// A whole patient is loaded by one transaction in XML; its answer, pages and
// $everything are the same in both formats.
func TestPatientInXML(t *testing.T) {
	var src []byte
	for _, file := range fhirtest.Files(t, "synthea") {
		if content := readFile(t, file); len(content) > 100<<10 && len(content) < 1<<20 && bytes.Contains(content[:2000], []byte(`"Patient"`)) {
			src = content
			break
		}
	}
	src = bytes.ReplaceAll(src, []byte(`"reference":"Practitioner?`), []byte(`"type":"Practitioner?`)) // of files that are not loaded here
	for _, typ := range []string{"Organization", "Location"} {
		src = bytes.ReplaceAll(src, []byte(`"reference":"`+typ+`?`), []byte(`"type":"`+typ+`?`))
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		answer := s.call(t, "POST /", string(toXML(t, src)), inXML...).is(t, 200).xml(t)
		if n, want := len(answer.all("entry response location")), bytes.Count(src, []byte(`"fullUrl"`)); n != want || want < 50 {
			t.Fatalf("%d of %d were written", n, want)
		}
		patient := s.call(t, "GET /Patient", "").bundle(t).ids(t)[0]
		for _, path := range []string{"/Patient/" + patient + "/$everything?_count=200", "/Observation?subject=Patient/" + patient + "&_count=50&_include=Observation:encounter", "/_history?_count=100"} {
			want := s.call(t, "GET "+path, "").is(t, 200)
			got, err := xml.ToJSON(s.call(t, "GET "+path, "", "Accept", fhirXML).is(t, 200).body)
			if err != nil || len(want.bundle(t).Entry) < 10 || !reflect.DeepEqual(unlinked(t, got), unlinked(t, want.body)) {
				t.Errorf("%s is %.2000s (%v)", path, got, err)
			}
		}
	})
}

// unlinked is a Bundle without its links, whose cursors differ each time.
func unlinked(t testing.TB, src []byte) any {
	r := meaning(t, src).(map[string]any)
	delete(r, "link")
	return r
}

func readFile(t testing.TB, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
