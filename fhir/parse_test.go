package fhir_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
)

func TestParseAcceptsEveryBuilder(t *testing.T) {
	for _, src := range fhirtest.All() {
		if _, err := fhir.Parse(src); err != nil {
			t.Errorf("%.60s: %v", src, err)
		}
		if err := fhir.Verify(src); err != nil {
			t.Errorf("verified: %.60s: %v", src, err)
		}
	}
}

func TestParseKeepsTheSource(t *testing.T) {
	src := []byte("{\n  \"id\" : \"a\", \"resourceType\":\"Patient\", \"birthDate\": \"1970\" }\n")
	r := parse(t, string(src))
	if r.Type != "Patient" || r.ID != "a" || string(r.Source()) != string(src) {
		t.Errorf("got %s/%s, source %q", r.Type, r.ID, r.Source())
	}
}

// A null in an array of primitives, which later versions of google/fhir's JSON
// reader break.
func TestParseAcceptsNullsOfHalfPrimitives(t *testing.T) {
	parse(t, `{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"http://x.y/z","valueBoolean":true}]}]}]}`)
	parse(t, `{"resourceType":"Patient","birthDate":"1970-01-01","_birthDate":{"extension":[{"url":"http://x.y/z","valueString":"s"}]}}`)
	parse(t, `{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://x.y/z","_valueString":{"id":"i"}}]}}`)
}

// Parameters with resources, which google/fhir refuses.
func TestParseAcceptsParametersWithResources(t *testing.T) {
	parse(t, `{"resourceType":"Parameters","parameter":[
		{"name":"resource","resource":{"resourceType":"Patient","gender":"male"}},
		{"resource":{"resourceType":"Binary","contentType":"text/plain"},"name":"b"},
		{"name":"p","part":[{"name":"q","resource":{"resourceType":"Patient"}},{"name":"r","valueInteger":1}]}]}`)
}

// A Meta as value, which google/fhir does not know.
func TestParseAcceptsMetaAsValue(t *testing.T) {
	parse(t, `{"resourceType":"Parameters","parameter":[{"name":"return","valueMeta":{"versionId":"1","tag":[{"system":"http://x.y","code":"z"}]}}]}`)
	parse(t, `{"resourceType":"Patient","extension":[{"valueMeta":{"source":"a:b"},"url":"http://x.y"}]}`)
}

// Base64 with JSON's escapes and line breaks, which google/fhir does not read.
func TestParseAcceptsEscapedBase64(t *testing.T) {
	parse(t, `{"resourceType":"Patient","photo":[{"data":"SGV\/bG8="},{"data":"SGVs\r\nbG8="},{"_data":{"id":"a"}}]}`)
}

// invalid are documents with all their issues, as "expression: diagnostics".
var invalid = []struct {
	name, src string
	want      []string
}{
	{"no JSON", `{"resourceType":`, []string{"not JSON: the document ends too early (line 1, byte 16)"}},
	{"no object", `[]`, []string{"a resource must be a JSON object"}},
	{"no type", `{"id":"x"}`, []string{"a resource must have a resourceType"}},
	{"unknown type", `{"resourceType":"Person2"}`, []string{"R4 has no such resourceType"}},
	{"unknown elements", `{"resourceType":"Patient","nme":[],"name":[{"famly":"x"}]}`, []string{
		"Patient.nme: unknown element",
		"Patient.nme: an array must not be empty",
		"Patient.name[0].famly: unknown element",
	}},
	{"upper camel case", `{"resourceType":"Patient","BirthDate":"1970"}`, []string{"Patient.BirthDate: unknown element"}},
	{"twice", `{"resourceType":"Patient","id":"a","id":"b"}`, []string{"Patient.id: the element stands twice"}},
	{"empties", `{"resourceType":"Patient","name":[{}],"gender":"","contact":[]}`, []string{
		"Patient.name[0]: an object must not be empty",
		"Patient.gender: a string must not be empty",
		"Patient.contact: an array must not be empty",
	}},
	{"nulls", `{"resourceType":"Patient","gender":null,"name":[null,{"given":["a",null],"_given":[null,null]}]}`, []string{
		"Patient.gender: null may stand only in an array of primitives",
		"Patient.name[0]: null must stand for a primitive whose other half is present",
		"Patient.name[1].given[1]: null must stand for a primitive whose other half is present", // of given
		"Patient.name[1].given[1]: null must stand for a primitive whose other half is present", // of _given
	}},
	{"code in capitals", `{"resourceType":"Patient","gender":"MALE"}`, []string{"Patient.gender: not a code of the required value set"}},
	{"code not of the set", `{"resourceType":"Patient","gender":"m"}`, []string{"Patient.gender: not a code of the required value set"}},
	{"kinds", `{"resourceType":"Patient","active":"true","name":{"family":"x"},"birthDate":{"extension":[{"url":"http://x.y","valueString":"s"}]},"_gender":"male","multipleBirthInteger":"1"}`, []string{
		"Patient.active: expected boolean",
		"Patient.name: an array is expected here",
		"Patient.birthDate: a primitive value is expected here",
		"Patient.gender: a primitive's extensions must be an object",
		"Patient.multipleBirthInteger: expected integer",
	}},
	{"formats", `{"resourceType":"Patient","id":"a b","birthDate":"1970-13","deceasedDateTime":"2016-12-31T23:59:60Z"}`, []string{
		"Patient.birthDate: expected date",
		"Patient.deceasedDateTime: expected datetime",
		"Patient.id: an id has 1 to 64 letters, digits, hyphens and dots",
	}},
	{"two choices", `{"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2016"}`, []string{
		`Patient: cannot accept multiple values for deceased field`,
	}},
	{"concepts", `{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"system":"http://x.y","code":"active"}]},"verificationStatus":{"text":"sure"}}`, []string{
		"Condition.clinicalStatus: no coding is of the required value set",
		"Condition.verificationStatus: no coding is of the required value set",
	}},
	{"required", `{"resourceType":"Observation","component":[{"valueString":"x"}]}`, []string{
		`Observation: missing required field "code"`,
		`Observation: missing required field "status"`,
		`Observation.component[0]: missing required field "code"`,
	}},
	{"lists", `{"resourceType":"Patient","contained":{"resourceType":"Patient"},"gender":["male"],"maritalStatus":[{"text":"x"}]}`, []string{
		"Patient.contained: an array is expected here",
		"Patient.gender: an array is not expected here",
		"Patient.maritalStatus: an array is not expected here",
	}},
	{"references", `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"not a ref"},
		"encounter":{"reference":"Patient/1"},"performer":[{"reference":"#x"},{"reference":"Patientx/1"},{"reference":"Encounter?identifier=a"},{"reference":"Patient?identifier=a"}]}`, []string{
		"Observation.subject.reference: not a reference: Type/id, an absolute URL, a urn:uuid or urn:oid, or #id is expected",
		"Observation.encounter: invalid reference to a Patient resource, want Encounter",
		"Observation.performer[0].reference: no contained resource has this id",
		"Observation.performer[1].reference: not a reference: Type/id, an absolute URL, a urn:uuid or urn:oid, or #id is expected",
		"Observation.performer[2].reference: invalid reference to a Encounter resource, want Practitioner, PractitionerRole, Organization, CareTeam, Patient, RelatedPerson",
	}},
	{"contained", `{"resourceType":"Patient","contained":[{"resourceType":"Organization","id":"o","contained":[{"resourceType":"Patient"}]},
		{"resourceType":"Observation","status":"final"}],"managingOrganization":{"reference":"#o"}}`, []string{
		"Patient.contained[0].contained: a contained resource must not contain another (dom-2)",
		"Patient.contained[0].contained[0]: a contained resource must have an id",
		"Patient.contained[1]: a contained resource must have an id",
		`Patient.contained[1]: missing required field "code"`,
	}},
	{"extensions", `{"resourceType":"Patient","extension":[{"url":"http://x.y"},{"valueString":"s"},{"url":"http://x.y","valueString":"s","extension":[{"url":"a","valueBoolean":true}]}]}`, []string{
		"Patient.extension[0]: an extension must have either a value or extensions (ext-1)",
		`Patient.extension[1]: missing required field "url"`,
		"Patient.extension[2]: an extension must have either a value or extensions (ext-1)",
	}},
	{"narrative", `{"resourceType":"Patient","text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><script>x</script></div>"}}`, []string{
		"Patient.text.div: a narrative holds an element that is not allowed there (txt-1)",
	}},
	{"parameters", `{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Patient","gender":"x"}},{"resource":{"resourceType":"Nothing"}}]}`, []string{
		"Parameters.parameter[0].resource.gender: not a code of the required value set",
		`Parameters.parameter[1]: missing required field "name"`,
		"Parameters.parameter[1].resource: R4 has no such resourceType",
	}},
	{"values that cannot be kept", `{"resourceType":"Patient","name":[{"family":"a\ud800b"},{"family":"\ud83d\ude00"},{"family":"\\ud800"},{"family":"a\u0000"}],
		"extension":[{"url":"http://x.y","valueDecimal":-1e999}]}`, []string{
		"Patient.name[0].family: a string must be Unicode: half of a surrogate pair stands alone",
		"Patient.name[3].family: string contains invalid characters: U+0000",
		"Patient.extension[0].valueDecimal: the number is too large",
	}},
	{"a number beside contained resources", `{"resourceType":"Patient","contained":[{"resourceType":"Patient","id":"a"},1e999]}`, []string{
		"Patient.contained[1]: the number is too large",
	}},
	{"base64", `{"resourceType":"Patient","photo":[{"data":"SGVsbG8"},{"data":"SGVs!G8="},{"data":"SGVsbG8="},{"data":5}]}`, []string{
		"Patient.photo[0].data: base64 data is expected here",
		"Patient.photo[1].data: base64 data is expected here",
		"Patient.photo[3].data: expected binary data",
	}},
	{"members of google/fhir's own", `{"resourceType":"Patient","managingOrganization":{"fragment":"x","organizationId":{"id":"a"},"uri":"x"}}`, []string{
		"Patient.managingOrganization.fragment: unknown element",
		"Patient.managingOrganization.organizationId: unknown element",
		"Patient.managingOrganization.uri: unknown element",
	}},
	{"half a complex type", `{"resourceType":"Patient","name":[{"family":"a"}],"_name":[{"id":"x"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>","_div":{"id":"a"}}}`, []string{
		"Patient._name: unknown element", "Patient.text._div: unknown element",
	}},
	{"a Meta as value", `{"resourceType":"Parameters","parameter":[{"name":"return","valueMeta":{"versionId":"a b","tag":[{"sytem":"x"}],"lastUpdated":"2020"}}]}`, []string{
		"Parameters.parameter[0].valueMeta.tag[0].sytem: unknown element",
		"Parameters.parameter[0].valueMeta.lastUpdated: expected instant",
	}},
	{"a value that must not be quoted", `{"resourceType":"Patient","<b>Ann</b> secret":1}`, []string{"Patient.?b?Ann??b??secret: unknown element"}},
}

func TestParseNamesEverythingThatIsWrong(t *testing.T) {
	for _, c := range invalid {
		t.Run(c.name, func(t *testing.T) {
			_, err := fhir.Parse([]byte(c.src))
			got := lines(err)
			slices.Sort(got)
			want := slices.Clone(c.want)
			slices.Sort(want)
			if again := lines(fhir.Verify([]byte(c.src))); !slices.Equal(slices.Sorted(slices.Values(again)), got) {
				t.Errorf("verified: %s", strings.Join(again, "\n\t"))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}

// The least that can be sent of each type is refused unless R4 needs no more, also as
// the first of its type that a process sees.
func TestParseTheLeast(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]string{"AuditEvent": "agent", "Observation": "status", "Provenance": "target"} {
		if os.Getenv("TRIBUTARY_TEST_LEAST") == typ {
			_, err := fhir.Parse([]byte(`{"resourceType":"` + typ + `"}`))
			if !strings.Contains(strings.Join(lines(err), " "), `missing required field "`+want+`"`) {
				t.Errorf("%s: %v", typ, err)
			}
		} else if os.Getenv("TRIBUTARY_TEST_LEAST") == "" {
			again := exec.Command(exe, "-test.run=^TestParseTheLeast$")
			again.Env = append(os.Environ(), "TRIBUTARY_TEST_LEAST="+typ)
			if out, err := again.CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", typ, err, out)
			}
		}
	}
}

func TestParseBoundsTheIssues(t *testing.T) {
	src := `{"resourceType":"Patient","name":[` + strings.TrimSuffix(strings.Repeat(`{},`, 5000), ",") + `]}`
	_, err := fhir.Parse([]byte(src))
	if n := len(lines(err)); n != fhir.MaxIssues {
		t.Errorf("got %d issues, want %d", n, fhir.MaxIssues)
	}
}

// Each of these would cost a quadratic reader minutes.
func TestParseIsLinearInHostileDocuments(t *testing.T) {
	const n = 100_000
	var members, refs, contained strings.Builder
	for i := range n {
		fmt.Fprintf(&members, `,"m%d":1`, i)
		fmt.Fprintf(&refs, `,{"reference":"#c%d"}`, i)
	}
	for i := range n / 10 {
		fmt.Fprintf(&contained, `,{"resourceType":"Patient","id":"c%d"}`, i)
	}
	nulls := strings.Repeat(`,null`, n)
	for name, src := range map[string]string{
		"members":  `{"resourceType":"Patient"` + members.String() + `}`,
		"nulls":    `{"resourceType":"Patient","name":[{"given":["a"` + nulls + `],"_given":[null` + nulls + `]}]}`,
		"locals":   `{"resourceType":"Patient","contained":[` + contained.String()[1:] + `],"generalPractitioner":[` + refs.String()[1:] + `]}`,
		"nested":   `{"resourceType":"Patient","contact":[` + strings.Repeat(`{"contact":[`, 60) + strings.Repeat(`]}`, 60) + `]}`,
		"too deep": strings.Repeat(`[`, n),
	} {
		if _, err := fhir.Parse([]byte(src)); len(lines(err)) == 0 || len(lines(err)) > fhir.MaxIssues {
			t.Errorf("%s: got %d issues", name, len(lines(err)))
		}
	}
}

func TestIssuesAreInDocumentOrder(t *testing.T) {
	_, err := fhir.Parse([]byte(`{"resourceType":"Patient","a":1,"gender":"x","name":[{"b":1}],"c":2}`))
	want := []string{"Patient.a", "Patient.gender", "Patient.name[0].b", "Patient.c"}
	var bad *fhir.Invalid
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	for i, issue := range bad.Issues {
		if issue.Expression != want[i] || issue.Severity != "error" {
			t.Errorf("issue %d: got %+v, want one at %s", i, issue, want[i])
		}
	}
}

func parse(t testing.TB, src string) *fhir.Resource {
	t.Helper()
	r, err := fhir.Parse([]byte(src))
	if err != nil {
		t.Fatalf("%.200s: %v", src, err)
	}
	return r
}

func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}
