package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/fhir/path"
)

const observation = `{ "resourceType": "Observation", "status": "final",
  "subject": {"reference": "Patient/1"}, "_effectiveDateTime": {"extension": [{"url": "urn:absent"}]},
  "note": [{"text": "two\nlines"}],
  "valueQuantity": {"value": 6.50, "unit": "mmol/L"} }`

func evaluate(t *testing.T, expression string, asJSON bool) (string, error) {
	t.Helper()
	var out bytes.Buffer
	env := &path.Env{Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	err := fhirpathCommand{expression, "-", asJSON}.print(&out, strings.NewReader(observation), env)
	return out.String(), err
}

func TestFHIRPathCommand(t *testing.T) {
	for _, c := range []struct{ expression, lines, array string }{
		{"status | note.text", "final\ntwo\\nlines\n", `["final","two\nlines"]`},
		{"value", `{"value":6.50,"unit":"mmol/L"}` + "\n", `[{"value":6.50,"unit":"mmol/L"}]`},
		{"value.value", "6.50\n", `[6.50]`},
		{"value.value + 1 | 2 | true | 'a\"b'", "7.50\n2\ntrue\na\"b\n", `[7.50,2,true,"a\"b"]`},
		{"today() | @T10:00 | 3 'mg'", "2026-01-02\n10:00\n3 'mg'\n", `["2026-01-02","10:00","3 'mg'"]`},
		{"1.type()", "System.Integer\n", `[{"name":"Integer","namespace":"System"}]`},
		{"effective", "\n", `[]`},
		{"component", "", `[]`},
		{"subject.resolve()", "Patient/1\n", `["Patient/1"]`},
		{"5L", "5\n", `[5]`},
		{"(117 'mg/dL' = 1.17 'g/L') | 37 'Cel'.toQuantity('[degF]')", "true\n98.6 '[degF]'\n", `[true,"98.6 '[degF]'"]`},
		{"@2024-01-31 + 1 month | @2024-02-29 - 1 year", "2024-02-29\n2023-02-28\n", `["2024-02-29","2023-02-28"]`},
	} {
		if got, err := evaluate(t, c.expression, false); err != nil || got != c.lines {
			t.Errorf("%s: %q, %v, want %q", c.expression, got, err, c.lines)
		}
		if got, err := evaluate(t, c.expression, true); err != nil || got != c.array+"\n" {
			t.Errorf("%s: %s, %v, want %s", c.expression, got, err, c.array)
		}
	}
}

// conformsTo asks R4's own types and their invariants.
func TestFHIRPathCommandKnowsTypes(t *testing.T) {
	const base, template = "http://hl7.org/fhir/StructureDefinition/", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"referenceRange":[{%s}]}`
	for _, c := range []struct{ within, profile, want string }{
		{`"text":"low"`, base + "Observation", "true\n"}, {`"text":"low"`, base + "DomainResource", "true\n"}, {`"text":"low"`, base + "Patient", "false\n"},
		{`"extension":[{"url":"urn:x","valueCode":"y"}]`, base + "Observation", "false\n"}, {`"text":"low"`, "urn:mine", ""},
	} {
		var out bytes.Buffer
		err := fhirpathCommand{"conformsTo('" + c.profile + "')", "-", false}.print(&out, strings.NewReader(fmt.Sprintf(template, c.within)), &path.Env{Profiles: baseProfiles{}})
		if err != nil || out.String() != c.want {
			t.Errorf("%s %s: %q, %v", c.within, c.profile, out.String(), err)
		}
	}
}

// Entries of a Bundle are found by what refers to them.
func TestFHIRPathCommandResolvesInABundle(t *testing.T) {
	const bundle = `{"resourceType":"Bundle","entry":[{"fullUrl":"http://x/Patient/1","resource":{"resourceType":"Patient","name":[{"family":"Ng"}]}},
 {"fullUrl":"urn:uuid:7","resource":{"resourceType":"Organization","name":"Acme"}},
 {"fullUrl":"http://x/Observation/2","resource":{"resourceType":"Observation","subject":{"reference":"Patient/1"},"performer":[{"reference":"urn:uuid:7"}]}}]}`
	var out bytes.Buffer
	expression := "entry.resource.ofType(Observation).select(subject.resolve().name.family | performer.resolve().name)"
	if err := (fhirpathCommand{expression, "-", true}).print(&out, strings.NewReader(bundle), &path.Env{}); err != nil || out.String() != "[\"Ng\",\"Acme\"]\n" {
		t.Errorf("%s, %v", out.String(), err)
	}
}

func TestFHIRPathCommandFails(t *testing.T) {
	var syntax *path.SyntaxError
	if out, err := evaluate(t, "status.nonsense(", true); !errors.As(err, &syntax) || !strings.Contains(err.Error(), "at 16") || out != "" {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := evaluate(t, "(1 | 2) + 1", true); err == nil {
		t.Error("no error for what cannot be evaluated")
	}
	broken := filepath.Join(t.TempDir(), "broken.json")
	if err := os.WriteFile(broken, []byte(`{"a"`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{broken, broken + ".none"} {
		if err := (fhirpathCommand{"a", file, false}).print(&bytes.Buffer{}, nil, nil); err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v", file, err)
		}
	}
}
