package profile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tributary/fhir/profile"
	"tributary/fhir/tree"
)

// definition is a StructureDefinition of a type with a differential of elements.
func definition(url, typ, elements string) string {
	return fmt.Sprintf(`{"resourceType":"StructureDefinition","url":%q,"version":"1","name":"X","kind":"resource","type":%q,
		"derivation":"constraint","baseDefinition":"http://hl7.org/fhir/StructureDefinition/%s","differential":{"element":[%s]}}`, url, typ, typ, elements)
}

const here = "http://x.y/profile"

// issuesOf are what a profile with these elements finds, without information.
func issuesOf(t *testing.T, elements, resource string) []string {
	t.Helper()
	l := newLibrary()
	root := parse(t, resource)
	l.add(t, []byte(definition(here, root.Get("resourceType").Text(), elements)))
	p := l.must(t, here)
	var lines []string
	options := profile.Options{Definitions: l, Terminology: colours{}, Now: time.Unix(0, 0)}
	for _, i := range profile.Validate(root, []*profile.Profile{p}, options) {
		if i.Key != "dom-6" {
			lines = append(lines, i.Severity+" "+i.Expression+": "+i.Text)
		}
	}
	return lines
}

// colours is a terminology that knows one value set.
type colours struct{}

func (colours) MemberOf(set, system, code string) (member, known bool, err error) {
	return code == "red" || code == "green", set == "http://x.y/colours", nil
}
func (colours) Subsumes(string, string, string) (string, bool, error) { return "", false, nil }

// rules are each shown by what breaks it and what does not.
var rules = []struct {
	name, elements, resource string
	want                     []string
}{
	{"cardinality", `{"path":"Patient.name","min":1,"max":"2"},{"path":"Patient.photo","max":"0"},{"path":"Patient.name.family","min":1}`,
		`{"resourceType":"Patient","photo":[{"title":"x"}],"name":[{"given":["a"]},{"family":"b"},{"_family":{"extension":[{"url":"http://x.y/e","valueString":"x"}]}}]}`,
		[]string{
			"information Patient.name[2].family.extension[0]: the definition of this extension is not loaded",
			"error Patient: name may stand here at most twice, and stands here 3 times",
			"error Patient.name[0]: family is missing: it is needed at least once",
			"error Patient: photo is not allowed here; leave it out",
		}},
	{"missing", `{"path":"Patient.name","min":1}`, `{"resourceType":"Patient","active":true}`,
		[]string{"error Patient: name is missing: it is needed at least once"}},
	{"fixed and pattern", `{"path":"Observation.status","fixedCode":"final"},{"path":"Observation.code","patternCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-1"}]}}`,
		`{"resourceType":"Observation","status":"amended","code":{"coding":[{"system":"http://loinc.org","code":"2-2"}]}}`,
		[]string{
			`error Observation.status: status must be exactly "final"`,
			`error Observation.code: code must hold at least {"coding":[{"system":"http://loinc.org","code":"1-1"}]}`,
		}},
	{"a pattern may be surpassed", `{"path":"Observation.code","patternCodeableConcept":{"coding":[{"system":"http://loinc.org","code":"1-1"}]}}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x","coding":[{"code":"a"},{"code":"1-1","display":"d","system":"http://loinc.org"}]}}`, nil},
	{"bounds", `{"path":"Patient.birthDate","minValueDate":"1900-01-01"},{"path":"Patient.multipleBirth[x]","maxValueInteger":3},{"path":"Patient.name.family","maxLength":3}`,
		`{"resourceType":"Patient","birthDate":"1899-12","multipleBirthInteger":4,"name":[{"family":"äöüß"},{"family":"äöü"}]}`,
		[]string{
			`error Patient.birthDate: birthDate must not be below "1900-01-01"`,
			`error Patient.multipleBirthInteger: multipleBirth must not be above 3`,
			`error Patient.name[0].family: family may have at most 3 characters`,
		}},
	{"types", `{"path":"Observation.value[x]","type":[{"code":"Quantity"},{"code":"string"}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueBoolean":true}`,
		[]string{"error Observation.valueBoolean: the profile allows value to be Quantity or string only"}},
	{"one type by its short name", `{"path":"Observation.valueQuantity.code","min":1}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1}}`,
		[]string{"error Observation.valueQuantity: code is missing: it is needed at least once"}},
	{"bindings", `{"path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"http://x.y/colours"}},
		{"path":"Patient.language","binding":{"strength":"extensible","valueSet":"http://x.y/colours"}},
		{"path":"Patient.communication.language","binding":{"strength":"required","valueSet":"http://x.y/unknown"}}`,
		`{"resourceType":"Patient","language":"de","maritalStatus":{"coding":[{"code":"M"}]},"communication":[{"language":{"coding":[{"code":"de"}]}}]}`,
		[]string{
			"error Patient.maritalStatus: no code here is of the value set http://x.y/colours; use one of it",
			"warning Patient.language: no code here is of the value set http://x.y/colours; use one of it if one fits",
			"warning Patient.communication[0].language: the value set http://x.y/unknown, or a code system that it needs, is not loaded, so that codes are not held against it",
		}},
	{"a required concept has a coding", `{"path":"Patient.maritalStatus","binding":{"strength":"required","valueSet":"http://x.y/colours"}}`,
		`{"resourceType":"Patient","maritalStatus":{"text":"red"}}`,
		[]string{"error Patient.maritalStatus: a coding of the value set http://x.y/colours is needed; a text alone is not enough"}},
	{"invariants", `{"path":"Patient","constraint":[{"key":"p-1","severity":"error","human":"A patient has a name or an identifier","expression":"name.exists() or identifier.exists()"},
		{"key":"p-2","severity":"warning","human":"Give a birth date","expression":"birthDate.exists()"},{"key":"p-3","severity":"error","human":"x","expression":"nonsense("}]}`,
		`{"resourceType":"Patient","active":true}`,
		[]string{
			"information : the invariant p-3 is not evaluated here: FHIRPath: ",
			"error Patient: A patient has a name or an identifier (p-1)",
			"warning Patient: Give a birth date (p-2)",
		}},
	{"references", `{"path":"Observation.subject","type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Patient"]}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Group/1"}}`,
		[]string{"error Observation.subject: the reference must be to Patient"}},
	{"content references", `{"id":"Questionnaire.item","path":"Questionnaire.item"},{"id":"Questionnaire.item.text","path":"Questionnaire.item.text","min":1},
		{"id":"Questionnaire.item.item","path":"Questionnaire.item.item","contentReference":"#Questionnaire.item"}`,
		`{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"group","text":"x","item":[{"linkId":"2","type":"group","text":"x","item":[{"linkId":"3","type":"string"}]}]}]}`,
		[]string{"error Questionnaire.item[0].item[0].item[0]: text is missing: it is needed at least once"}},
}

func TestRules(t *testing.T) {
	for _, c := range rules {
		same(t, c.name, issuesOf(t, c.elements, c.resource), c.want)
	}
}

// same compares issues; one that is wanted may be the beginning of what is said.
func same(t *testing.T, name string, got, want []string) {
	t.Helper()
	fits := len(got) == len(want)
	for i := 0; fits && i < len(want); i++ {
		fits = strings.HasPrefix(got[i], want[i])
	}
	if !fits {
		t.Errorf("%s:\ngot  %s\nwant %s", name, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func TestWhatCannotBeCompiledIsNamed(t *testing.T) {
	for src, want := range map[string]string{
		`{"resourceType":"StructureDefinition","url":"http://x.y/p","type":"Form"}`:                                                                                    "which R4 does not have",
		`{"resourceType":"StructureDefinition","url":"http://x.y/p","type":"Patient"}`:                                                                                 "neither a snapshot nor a differential",
		`{"resourceType":"StructureDefinition","url":"http://x.y/p","type":"Patient","baseDefinition":"http://x.y/p"}`:                                                 "names none that it could be laid over",
		`{"resourceType":"StructureDefinition","url":"http://x.y/p","type":"Patient","baseDefinition":"http://x.y/q","differential":{"element":[{"path":"Patient"}]}}`: "its base http://x.y/q is not loaded",
	} {
		if _, err := profile.Compile(parse(t, src), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// A differential is laid over that of its base, and both are held.
func TestDifferentialsAddUp(t *testing.T) {
	l := newLibrary()
	l.add(t, []byte(definition("http://x.y/base", "Patient", `{"path":"Patient.name","min":1},{"path":"Patient.gender","min":1}`)))
	l.add(t, []byte(strings.Replace(definition(here, "Patient", `{"path":"Patient.name","max":"1"},{"path":"Patient.gender","min":0}`),
		"http://hl7.org/fhir/StructureDefinition/Patient", "http://x.y/base", 1)))
	for src, want := range map[string]int{
		`{"resourceType":"Patient"}`:                                                     1,
		`{"resourceType":"Patient","name":[{"family":"x"}]}`:                             0,
		`{"resourceType":"Patient","name":[{"family":"x"},{"family":"y"}]}`:              1,
		`{"resourceType":"Patient","gender":"male","name":[{"family":"x"}]}`:             0,
		`{"resourceType":"Observation","status":"final","code":{"text":"not a person"}}`: 1,
	} {
		got := said(profile.Validate(parse(t, src), []*profile.Profile{l.must(t, here)}, profile.Options{Definitions: l}), "error")
		if len(got) != want {
			t.Errorf("%s: %d issues: %q", src, len(got), got)
		}
	}
	if got := said(profile.Validate(parse(t, `{"resourceType":"Patient"}`), []*profile.Profile{l.must(t, "http://x.y/base")}, profile.Options{}), "error"); len(got) != 2 {
		t.Errorf("the base was changed: %q", got)
	}
}

func TestIssuesAreBounded(t *testing.T) {
	names := strings.Repeat(`{"given":["a"]},`, 3*profile.MaxIssues)
	got := issuesOf(t, `{"path":"Patient.name.family","min":1}`, `{"resourceType":"Patient","name":[`+strings.TrimSuffix(names, ",")+`]}`)
	if len(got) != profile.MaxIssues && len(got) != profile.MaxIssues+1 || !strings.Contains(got[len(got)-1], "further issues") {
		t.Errorf("%d issues, the last: %s", len(got), got[len(got)-1])
	}
}

// What a client wrote is not repeated, not even as the name of an element.
func TestNothingOfTheInstanceIsQuoted(t *testing.T) {
	secret := `s3cret "<x>`
	v, err := tree.Parse([]byte(`{"resourceType":"Patient","meta":{"profile":["http://x.y/1"]},"name":[{"s3cret \"<x>":[{"id":"s3cret"}],"family":"s3cret"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range profile.Validate(v, nil, profile.Options{}) {
		if strings.Contains(fmt.Sprint(i), secret) {
			t.Errorf("%+v", i)
		}
	}
}

func TestAValidationCanBeStopped(t *testing.T) {
	left := 3
	issues := profile.Validate(parse(t, `{"resourceType":"Patient","contact":[{"gender":"male"},{"gender":"male"}]}`), nil,
		profile.Options{Stopped: func() bool { left--; return left < 0 }})
	if len(issues) != 1 || issues[0].Code != "too-costly" {
		t.Errorf("%+v", issues)
	}
}
