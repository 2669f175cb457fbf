package path

import (
	"encoding/xml"
	"strings"
	"testing"

	"tributary/fhir/tree"
)

// officialInputs are the examples that HL7's cases run on; the others are not
// part of the published examples, and their cases are left out.
var officialInputs = map[string]string{
	"patient-example.xml":         "Patient-example.json",
	"observation-example.xml":     "Observation-example.json",
	"questionnaire-example.xml":   "Questionnaire-3141.json",
	"appointment-examplereq.json": "Appointment-examplereq.json",
}

type officialCase struct {
	Name       string `xml:"name,attr"`
	Input      string `xml:"inputfile,attr"`
	Predicate  bool   `xml:"predicate,attr"`
	Mode       string `xml:"mode,attr"`
	Expression struct {
		Invalid string `xml:"invalid,attr"`
		Text    string `xml:",chardata"`
	} `xml:"expression"`
	Outputs []struct {
		Type string `xml:"type,attr"`
		Text string `xml:",chardata"`
	} `xml:"output"`
}

func officialCases(t *testing.T) []officialCase {
	var suite struct {
		Groups []struct {
			Cases []officialCase `xml:"test"`
		} `xml:"group"`
	}
	archive(t, "fhir-test-cases", func(file string, content []byte) {
		if file == "tests-fhir-r4.xml" {
			if err := xml.Unmarshal(content, &suite); err != nil {
				t.Fatal(err)
			}
		}
	})
	var cases []officialCase
	for _, g := range suite.Groups {
		cases = append(cases, g.Cases...)
	}
	if len(cases) < 700 {
		t.Fatalf("only %d cases", len(cases))
	}
	return cases
}

func officialDocuments(t *testing.T) map[string]tree.Value {
	wanted := map[string]string{}
	for input, file := range officialInputs {
		wanted[file] = input
	}
	documents := map[string]tree.Value{}
	archive(t, "r4-examples", func(file string, content []byte) {
		if input, ok := wanted[file]; ok {
			documents[input] = document(t, string(content))
		}
	})
	archive(t, "fhir-test-cases", func(file string, content []byte) {
		if file == "codesystem-example.json" {
			documents["codesystem-example.xml"] = document(t, string(content))
		}
	})
	if len(documents) != len(officialInputs)+1 {
		t.Fatalf("only %d of the examples are there", len(documents))
	}
	documents[""] = document(t, `{"resourceType":"Basic"}`)
	return documents
}

// TestOfficialCases runs HL7's own cases; deviations are listed with reasons.
// A listed case that passes is a failure too, so that the list stays true.
func TestOfficialCases(t *testing.T) {
	cases, documents := officialCases(t), officialDocuments(t)
	passed, skipped := 0, 0
	for _, c := range cases {
		focus, ok := documents[c.Input]
		if !ok {
			skipped++
			continue
		}
		fault := c.run(focus)
		reason, deviates := deviations[c.Name]
		switch {
		case fault == "" && deviates:
			t.Errorf("%s passes, but is listed: %s", c.Name, reason)
		case fault != "" && !deviates:
			t.Errorf("%s: %s\n %s", c.Name, strings.TrimSpace(c.Expression.Text), fault)
		case fault == "":
			passed++
		}
	}
	t.Logf("%d of %d passed, %d without their input, %d listed", passed, len(cases), skipped, len(deviations))
}

// strictEnv is that of the cases, which are checked strictly; its Profiles knows
// the profile that they name.
var strictEnv = func() *Env {
	env := *testEnv
	env.Strict, env.Profiles = true, patientProfile{}
	return &env
}()

type patientProfile struct{}

func (patientProfile) ConformsTo(resource tree.Value, profile string) (conforms, known bool, err error) {
	const base = "http://hl7.org/fhir/StructureDefinition/"
	return base+resource.Get("resourceType").Text() == profile, profile == base+"Patient", nil
}

// run returns what is wrong, "" if nothing.
func (c officialCase) run(focus tree.Value) string {
	e, err := Compile(c.Expression.Text)
	var items []Item
	if err == nil {
		items, err = e.Eval(focus, strictEnv)
	}
	switch {
	case c.Expression.Invalid != "" && err != nil:
		return ""
	case c.Expression.Invalid != "":
		return "no error, but " + show(items)
	case err != nil:
		return err.Error()
	}
	if c.Predicate {
		items = []Item{computed(len(items) > 0)}
	}
	return c.compare(items)
}

func (c officialCase) compare(items []Item) string {
	var want, got []string
	for _, o := range c.Outputs {
		want = append(want, strings.ToLower(o.Type)+":"+o.Text)
	}
	for n, i := range items {
		typ := strings.ToLower(i.Type())
		if n < len(c.Outputs) && c.Outputs[n].Type == "" {
			typ = ""
		}
		text := i.String()
		if t, ok := i.value().(temporal); ok {
			text = "@" + map[bool]string{true: "T"}[t.kind == kindTime] + text
		}
		got = append(got, typ+":"+text)
	}
	if w, g := strings.Join(want, " "), strings.Join(got, " "); w != g {
		return "got " + g + ", want " + w
	}
	return ""
}

// deviations are the cases that this engine answers otherwise, and why.
var deviations = map[string]string{
	"testFHIRPathAsFunction11":         "as() takes subtypes, as the text of the specification and is() do: a code is a string",
	"testFHIRPathIsFunction8":          example,
	"testFHIRPathIsFunction10":         example,
	"LowBoundaryDecimal15":             "-0.00345 lies below -0.0; the boundary to one digit that holds it is -0.1",
	"HighBoundaryDateTimeMillisecond1": hour,
	"HighBoundaryDateTimeMillisecond3": hour,
}

const (
	example = "the published example lacks the extension that the case looks for"
	hour    = "@2014-01-01T08 leaves the minute open: its last moment is 08:59:59.999"
)
