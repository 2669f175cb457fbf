package subset

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
)

const patient = `{"resourceType":"Patient", "id":"1","meta":{"versionId":"1","tag":[{"code":"x"}]},
 "text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>"},
 "contained":[{"resourceType":"Organization","id":"o","name":"O"}],
 "modifierExtension":[{"url":"http://example.org/m","valueBoolean":true}],
 "name": [ {"family":"Ä\u00e9","extension":[{"url":"http://example.org/e","valueString":"1"}]} ],"birthDate":"1970-01-01","_birthDate":{"id":"b"},
 "photo":[{"contentType":"image/png","data":"AAAA","title":"t"}],
 "contact":[{"name":{"text":"C"}}],
 "link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}`

const tagged = `"meta":{"versionId":"1","tag":[{"code":"x"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}`

func TestCut(t *testing.T) {
	const head, modifier = `{"resourceType":"Patient","id":"1",` + tagged + `,`, `"modifierExtension":[{"url":"http://example.org/m","valueBoolean":true}]`
	const text = `"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">A</div>"},`
	const name = `"name": [{"family":"Ä\u00e9","extension":[{"url":"http://example.org/e","valueString":"1"}]}]`
	for _, tt := range []struct {
		shape Shape
		want  string
	}{
		{Shape{Summary: "true"}, head + modifier + `,` + name + `,"birthDate":"1970-01-01","_birthDate":{"id":"b"},` +
			`"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}`},
		{Shape{Summary: "text"}, head + text + modifier + `}`},
		{Shape{Elements: []string{"birthDate", "Patient.link.type", "Observation.code"}}, head + modifier +
			`,"birthDate":"1970-01-01","_birthDate":{"id":"b"},"link":[{"other":{"reference":"Patient/2"},"type":"seealso"}]}`},
		{Shape{Summary: "data"}, strings.Replace(strings.Replace(strings.Replace(patient, `"meta":{"versionId":"1","tag":[{"code":"x"}]}`, tagged, 1),
			"\n "+text[:len(text)-1]+",", "", 1), ", \"id\"", `,"id"`, 1)},
		{Shape{Elements: []string{"Observation.code"}}, patient},
		{Shape{Summary: "false"}, patient},
	} {
		got, err := tt.shape.Cut([]byte(patient))
		if err != nil {
			t.Fatal(err)
		}
		if tt.shape.Summary == "data" { // only what stands between members may differ
			tt.want, got = strings.ReplaceAll(tt.want, "\n ", ""), []byte(strings.ReplaceAll(string(got), "\n ", ""))
		}
		if string(got) != tt.want {
			t.Errorf("%+v:\n%s\nwant\n%s", tt.shape, got, tt.want)
		}
	}
}

func TestCutWithoutMeta(t *testing.T) {
	for body, want := range map[string]string{
		`{"resourceType":"Basic","code":{}}`:                                 `{"resourceType":"Basic","meta":{"tag":[` + coding + `]},"code":{}}`,
		`{"resourceType":"Basic","meta":{},"code":{}}`:                       `{"resourceType":"Basic","meta":{"tag":[` + coding + `]},"code":{}}`,
		`{"resourceType":"Basic","meta":{"tag":[ ]},"code":{}}`:              `{"resourceType":"Basic","meta":{"tag":[ ` + coding + `]},"code":{}}`,
		`{"resourceType":"Basic","meta":{"tag":[` + coding + `]},"code":{}}`: `{"resourceType":"Basic","meta":{"tag":[` + coding + `]},"code":{}}`,
	} {
		got, err := Shape{Summary: "text"}.Cut([]byte(body))
		if err != nil || string(got) != want {
			t.Errorf("%s: %s, %v", body, got, err)
		}
	}
	for _, body := range []string{``, `[]`, `{"resourceType":"Nothing"}`} {
		if got, err := (Shape{Summary: "text"}).Cut([]byte(body)); err == nil {
			t.Errorf("%s: %s", body, got)
		}
	}
}

// Attachments in a summary come without their data, which no definition counts to it.
func TestSummaryLeavesOutData(t *testing.T) {
	got, err := Shape{Summary: "true"}.Cut([]byte(`{"resourceType":"DocumentReference","status":"current",` +
		`"content":[{"attachment":{"contentType":"text/plain","data":"QQ=="}}]}`))
	if err != nil || strings.Contains(string(got), "data") || !strings.Contains(string(got), `"contentType":"text/plain"`) {
		t.Errorf("%s, %v", got, err)
	}
}

// What is cut out of a valid resource is one: nothing mandatory is lost.
func TestCutExamplesAreValid(t *testing.T) {
	for _, file := range fhirtest.Files(t, "r4-examples") {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fhir.Parse(src); err != nil {
			continue
		}
		for _, s := range []Shape{{Summary: "true"}, {Summary: "data"}, {Summary: "text"}, {Elements: []string{"identifier"}}} {
			cut, err := s.Cut(src)
			if err != nil {
				t.Fatalf("%s %+v: %v", file, s, err)
			}
			r, err := fhir.Parse(cut)
			if err != nil {
				t.Errorf("%s %+v: %v", filepath.Base(file), s, err)
			} else if len(src) < 1_000_000 && !strings.Contains(string(r.Source()), "SUBSETTED") {
				t.Errorf("%s %+v: no tag", filepath.Base(file), s)
			}
		}
	}
}
