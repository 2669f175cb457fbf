package access

import (
	"fmt"
	"strings"
	"testing"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/internal/errs"
)

// cells is what the policy promises, role by type: the letters of the allowed
// interactions (r read, v vread, h history, s search, c create, u update,
// p patch, d delete; - none), with a token whose scopes allow everything.
const cells = `
type                   participant delegate    center      study       research researcher ehr         operator maintenance system:ingest system:consent system:program system:export system:other nobody
Patient                rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhscupd       rvhs           rvhs          -            -
Observation            rvhs        rvhs        rvhscup     rvhs        -        -          rvhscup     -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
DiagnosticReport       rvhs        rvhs        rvhscup     rvhs        -        -          rvhscup     -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
ServiceRequest         rvhs        rvhs        rvhscup     rvhs        -        -          rvhscup     -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
Specimen               rvhs        rvhs        rvhscup     rvhs        -        -          rvhscup     -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Task                   -           -           rvhscup     rvhscup     -        -          -           -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
QuestionnaireResponse  rvhscup     rvhscup     rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Appointment            rvhs        rvhs        rvhsup      rvhscup     -        -          rvhscup     -        rvhscupd    rvhscupd      rvhscupd       rvhscupd       rvhs          -            -
Consent                rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhscupd       rvhs           rvhs          -            -
Provenance             rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhscupd       rvhscupd       rvhs          -            -
Practitioner           rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Medication             rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
Questionnaire          rvhs        rvhs        rvhs        rvhs        -        -          rvhs        -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Slot                   rvhs        rvhs        rvhscup     rvhscup     -        -          rvhs        -        rvhscupd    rvhscupd      rvhscupd       rvhscupd       rvhs          -            -
Schedule               rvhs        rvhs        rvhsup      rvhscup     -        -          rvhs        -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Group                  -           -           -           -           -        -          -           -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Binary                 -           -           -           -           -        -          -           -        rvhscupd    rvhscupd      rvhscupd       rvhs           rvhs          -            -
Device                 rvhs        rvhs        rvhs        rvhs        -        -          rvhscup     -        rvhscupd    rvhscupd      rvhs           rvhscupd       rvhs          -            -
Person                 -           -           -           -           -        -          -           -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
Linkage                -           -           -           -           -        -          -           -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
Bundle                 -           -           -           -           -        -          -           -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
Subscription           rvhscupd    -           -           -           -        -          rvhscupd    -        rvhscupd    rvhscupd      rvhs           rvhs           rvhs          -            -
AuditEvent             rvhs        -           -           -           -        -          -           -        rvhs        rvhs          rvhs           rvhs           rvhs          -            -
`

var letterInteractions = map[rune]Interaction{
	'r': Read, 'v': VRead, 'h': History, 's': Search, 'c': Create, 'u': Update, 'p': Patch, 'd': Delete,
}

// actorOf is the actor of a column, with all the scopes that its kind can have.
func actorOf(t *testing.T, column string) Actor {
	t.Helper()
	role, job, _ := strings.Cut(column, ":")
	a := Actor{Role: Role(role), ID: "someone", Patient: "p1", Groups: []string{"g1"}, Site: "s1"}
	switch a.Role {
	case System:
		return Job(job, "")
	case CenterStaff, StudyStaff, Operator:
		a.Unscoped = true
	case "nobody":
		a.Role = ""
	default:
		a.Client = "client"
		a.Scopes = parse(t, "patient/*.cruds user/*.cruds system/*.cruds")
	}
	return a
}

func TestPolicyTable(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(cells), "\n")
	columns := strings.Fields(lines[0])[1:]
	p := policyOf(world{members: map[string][]string{"g1": {"p1"}}, people: map[string]Permissions{"p1": {EHR: true}},
		here: map[string][]string{"s1": {"p1"}}, acts: map[string]string{"someone p1": "patient/*.cruds"}})
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		for i, column := range columns {
			a := actorOf(t, column)
			for letter, interaction := range letterInteractions {
				_, err := p.Decide(t.Context(), a, Request{Interaction: interaction, Type: fields[0], ID: "1"})
				if want := strings.ContainsRune(fields[i+1], letter); want != (err == nil) {
					t.Errorf("%s: %s of %s: allowed %v, want %v (%v)", column, interaction, fields[0], err == nil, want, err)
				}
				if err != nil && !errs.Is(err, errs.Forbidden) && !(a.Role == "" && errs.Is(err, errs.Unauthorized)) {
					t.Errorf("%s: %s of %s: %v", column, interaction, fields[0], err)
				}
			}
		}
	}
}

// Every type of R4 is in a class, and what names people is in none that is shared.
func TestClasses(t *testing.T) {
	count := map[Class]int{}
	for _, typ := range model.Resources() {
		count[ClassOf(typ)]++
	}
	if got := fmt.Sprint(count[InPatient] > 50, count[Shared], count[AuditTrail]); got != "true 26 1" {
		t.Errorf("classes: %v", count)
	}
	for typ := range shared {
		if !model.IsResource(typ) {
			t.Errorf("%s is no type of R4", typ)
		}
	}
	for _, typ := range []string{"Group", "Person", "Binary", "Linkage", "Basic2", ""} {
		if ClassOf(typ) != Closed {
			t.Errorf("%q is %s", typ, ClassOf(typ))
		}
	}
}

// A token never adds to what the role may do, and without a scope nothing goes.
func TestScopesOnlyTakeAway(t *testing.T) {
	p := policyOf(world{})
	for _, c := range []struct {
		scopes      string
		interaction Interaction
		typ         string
		allowed     bool
	}{
		{"", Read, "Observation", false},
		{"openid fhirUser launch/patient", Read, "Observation", false},
		{"patient/Observation.r", Read, "Observation", true},
		{"patient/Observation.r", Search, "Observation", false},
		{"patient/Observation.s", Read, "Observation", false},
		{"patient/Observation.rs", Search, "Observation", true},
		{"patient/Observation.read", Search, "Observation", true},
		{"patient/Observation.rs", Read, "Condition", false},
		{"patient/*.rs", Read, "Condition", true},
		{"patient/*.cruds", Delete, "Observation", false},
		{"patient/*.cruds", Create, "Observation", false},
		{"patient/QuestionnaireResponse.c", Create, "QuestionnaireResponse", true},
		{"patient/QuestionnaireResponse.c", Update, "QuestionnaireResponse", false},
		{"patient/QuestionnaireResponse.write", Update, "QuestionnaireResponse", true},
		{"system/*.cruds", Read, "Group", false},
	} {
		a := Actor{Role: Participant, ID: "a", Client: "app", Patient: "p1", Scopes: parse(t, c.scopes)}
		if _, err := p.Decide(t.Context(), a, Request{c.interaction, c.typ, "1"}); c.allowed != (err == nil) {
			t.Errorf("%q: %s of %s: %v", c.scopes, c.interaction, c.typ, err)
		}
	}
}

func TestExport(t *testing.T) {
	p := policyOf(world{})
	for _, c := range []struct {
		role    Role
		scopes  string
		group   string
		allowed bool
	}{
		{Research, "system/*.rs", "g1", true},
		{Research, "system/Observation.read", "g1", true},
		{Research, "system/*.rs", "g2", false},
		{Research, "system/*.rs", "", false},
		{Research, "system/*.c", "g1", false},
		{Research, "patient/*.rs", "g1", false},
		{Research, "", "g1", false},
		{EHR, "system/*.rs", "g1", true},
		{EHR, "system/*.rs", "g2", false},
		{Maintenance, "system/*.cruds", "g2", true},
		{Participant, "system/*.cruds", "g1", false},
		{Operator, "system/*.cruds", "g1", false},
		{"", "system/*.cruds", "g1", false},
	} {
		a := Actor{Role: c.role, ID: "a", Client: "c", Groups: []string{"g1"}, Scopes: parse(t, c.scopes)}
		if _, err := p.Decide(t.Context(), a, Request{Export, "Group", c.group}); c.allowed != (err == nil) {
			t.Errorf("%s %q %s: %v", c.role, c.scopes, c.group, err)
		}
	}
	if _, err := p.Decide(t.Context(), Actor{Role: Research, Scopes: parse(t, "system/*.rs")}, Request{Interaction: Transaction}); err == nil {
		t.Error("a research client may send a batch")
	}
}

// A Device is in no compartment of R4, but it is in somebody: whoever reaches
// that Patient reaches it, and nobody else.
func TestDeviceGoesByItsPatient(t *testing.T) {
	param, ok := Membership(search.Base(), "Device")
	if !ok || param.Code != "patient" || ClassOf("Device") != InPatient {
		t.Fatalf("%v, %v", param, ClassOf("Device"))
	}
	a := actorOf(t, "participant")
	d, err := policyOf(world{}).Decide(t.Context(), a, Request{Interaction: Read, Type: "Device", ID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	of := func(patient string) search.Entries {
		return search.Entries{References: []search.ReferenceEntry{{Param: param.Rows().Number, Target: int64(search.KeyOf("Patient", patient))}}}
	}
	if err := d.Check("1", of("p1")); err != nil {
		t.Errorf("one's own: %v", err)
	}
	for name, e := range map[string]search.Entries{"another's": of("p2"), "nobody's": {}} {
		if err := d.Check("1", e); err == nil {
			t.Errorf("%s is shown", name)
		}
	}
}
