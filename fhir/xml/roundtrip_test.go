package xml_test

import (
	"bytes"
	stdxml "encoding/xml"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/fhir/xml"
)

// same compares JSON values: numbers by their text, narratives as XHTML, members in
// any order.
func same(a, b tree.Value) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case tree.Object:
		for name, m := range a.Members() {
			if other := b.Get(name); !other.Exists() || !same(m, other) {
				return false
			}
		}
		return true
	case tree.Array:
		for x, y := a.First(), b.First(); x.Exists(); x, y = x.Next(), y.Next() {
			if !same(x, y) {
				return false
			}
		}
		return true
	case tree.String:
		if a.Text() != b.Text() {
			return a.Key() == "div" && reflect.DeepEqual(tokens(a.Text()), tokens(b.Text()))
		}
		return true
	}
	return string(a.Raw()) == string(b.Raw())
}

// tokens is what the standard library reads in a narrative.
func tokens(div string) (list []stdxml.Token) {
	d := stdxml.NewDecoder(strings.NewReader(div))
	d.Entity = stdxml.HTMLEntity
	for {
		token, err := d.Token()
		if err == io.EOF {
			return list
		}
		if err != nil {
			return append(list, err)
		}
		if text, ok := token.(stdxml.CharData); ok && len(bytes.TrimSpace(text)) == 0 && (len(list) == 0 || d.InputOffset() == int64(len(div))) {
			continue
		}
		list = append(list, stdxml.CopyToken(token))
	}
}

func parsed(t testing.TB, json []byte) tree.Value {
	t.Helper()
	v, err := tree.Parse(json)
	if err != nil {
		t.Fatalf("%v: %.300s", err, json)
	}
	return v
}

// wellFormed holds that the standard library reads it, without any entity.
func wellFormed(t testing.TB, src []byte) {
	t.Helper()
	d := stdxml.NewDecoder(bytes.NewReader(src))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatalf("no XML: %v: %.300s", err, src)
		}
		if start, ok := token.(stdxml.StartElement); ok && start.Name.Space != "http://hl7.org/fhir" && start.Name.Space != "http://www.w3.org/1999/xhtml" {
			t.Fatalf("an element of the namespace %q", start.Name.Space)
		}
	}
}

// roundTrip holds that a resource comes back from XML as it went.
func roundTrip(t testing.TB, json []byte, indent string) {
	t.Helper()
	v := parsed(t, json)
	out, err := xml.FromJSON(v, indent)
	if err != nil {
		t.Fatalf("to XML: %v at %v", err, err.(*xml.Error).Expression)
	}
	wellFormed(t, out)
	back, err := xml.ToJSON(out)
	if err != nil {
		t.Fatalf("from XML: %v at %v: %.500s", err, err.(*xml.Error).Expression, out)
	}
	if !same(parsed(t, back), v) {
		t.Fatalf("it came back as\n%.2000s\nfrom\n%.2000s\nby\n%.2000s", back, json, out)
	}
}

func TestExamplesComeBack(t *testing.T) {
	for archive, indents := range map[string][]string{"r4-examples": {"", "  "}, "r4-definitions": {""}, "us-core-610": {"\t"}} {
		for _, file := range fhirtest.Files(t, archive) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				json, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if parsed(t, json).Get("resourceType").Text() == "" {
					t.Skip("no resource")
				}
				for _, indent := range indents {
					roundTrip(t, json, indent)
				}
			})
		}
	}
}

func TestPatientsComeBack(t *testing.T) {
	files := fhirtest.Files(t, "synthea")
	for _, file := range files {
		json, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, json, "")
	}
}
