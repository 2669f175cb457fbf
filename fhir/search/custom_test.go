package search

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

func definition(t *testing.T, members string) tree.Value {
	t.Helper()
	root, err := tree.Parse([]byte(`{"resourceType":"SearchParameter","status":"active",` + members + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

const mascot = `"url":"http://x.example/mascot","code":"mascot","base":["Patient"],"type":"token","expression":"Patient.extension('http://x.example/mascot').value"`

func numbered(t *testing.T, members string) []Custom {
	t.Helper()
	all, fault := Define(definition(t, members))
	if fault != nil {
		t.Fatal(fault)
	}
	for i := range all {
		all[i].Number = FirstCustom + int32(i)
	}
	return all
}

func TestACustomParameterIsExtractedAndSearched(t *testing.T) {
	r, customs := Live(), numbered(t, mascot)
	customs[0].Pending = true
	r.Use(1, true, customs)
	root, err := tree.Parse([]byte(`{"resourceType":"Patient","id":"a","extension":[{"url":"http://x.example/mascot","valueCode":"otter"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	rows := func() (n int) {
		e, err := r.Extract("Patient", "a", root, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range e.Tokens {
			if row.Param == FirstCustom {
				n++
			}
		}
		return n
	}
	if rows() == 0 {
		t.Error("a pending parameter is not extracted")
	}
	query := []Pair{{"mascot", "otter"}}
	_, err = r.ParseQuery("Patient", query, Options{})
	if faults := Faults(err); len(faults) != 1 || !strings.Contains(faults[0].Reason, "still being indexed") {
		t.Errorf("a pending parameter is searched: %v", err)
	}
	if p, err := r.ParseQuery("Patient", query, Options{Lenient: true}); err != nil || len(p.Ignored) != 1 {
		t.Errorf("a lenient search does not pass over it: %v", err)
	}
	if _, ok := r.Lookup("Patient", "mascot"); ok {
		t.Error("a pending parameter is listed")
	}
	customs[0].Pending = false
	r.Use(2, false, customs)
	if _, err := r.ParseQuery("Patient", query, Options{}); err != nil {
		t.Error(err)
	}
	before, _ := r.Lookup("Patient", "mascot")
	r.Use(3, false, customs)
	if after, _ := r.Lookup("Patient", "mascot"); after != before || r.Version() != 3 {
		t.Error("what stays is another parameter")
	}
	r.Use(4, false, nil)
	if rows() != 0 {
		t.Error("it is still extracted")
	}
	if _, ok := Base().Lookup("Patient", "mascot"); ok {
		t.Error("the base has changed")
	}
}

func TestWhatASearchParameterMayNotSay(t *testing.T) {
	for _, c := range []struct{ change, to, element string }{
		{`"mascot","base"`, `"birthdate","base"`, "code"}, {`"mascot","base"`, `"_sort","base"`, "code"}, {`"mascot","base"`, `"a.b","base"`, "code"},
		{`["Patient"]`, `["Resource"]`, "base"}, {`["Patient"]`, `["Patiant"]`, "base"}, {`"token"`, `"special"`, "type"},
		{`Patient.extension`, `Patient.extension..`, "expression"}, {`Patient.extension`, `Observation.extension`, "expression"},
		{`.value"`, `.value.nosuch()"`, "expression"}, {`.value"`, `.value.where(today() > $this)"`, "expression"},
		{`"token"`, `"reference"`, "target"}, {`"token"`, `"token","target":["Patient"]`, "target"}, {`"token"`, `"reference","target":["X"]`, "target"},
		{`"token"`, `"composite"`, "component"},
		{`"token"`, `"composite","component":[{"definition":"http://x.example/n","expression":"url"},{"definition":"http://x.example/n","expression":"url"}]`, "component"},
	} {
		all, fault := Define(definition(t, strings.Replace(mascot, c.change, c.to, 1)))
		for _, one := range all {
			if fault == nil {
				fault = Live().Check(one)
			}
		}
		if fault == nil || fault.Element != c.element || len(fault.Reason) < 20 {
			t.Errorf("%s: %v, want a fault of %s", c.to, fault, c.element)
		}
	}
}

func TestDefinitionsThatAskForNothing(t *testing.T) {
	for _, members := range []string{
		strings.Replace(mascot, `"url"`, `"status":"draft","url"`, 1),
		`"url":"http://hl7.org/fhir/SearchParameter/individual-birthdate","code":"birthdate","base":["Patient"],"type":"date","expression":"Patient.birthDate"`,
		`"url":"http://x.example/b","derivedFrom":"http://hl7.org/fhir/SearchParameter/individual-birthdate","code":"birthdate","base":["Patient"],"type":"date","expression":"Patient.birthDate"`,
	} {
		root := definition(t, members)
		if strings.Contains(members, "draft") {
			var err error
			if root, err = tree.Parse([]byte(`{` + members + `}`)); err != nil {
				t.Fatal(err)
			}
		}
		if all, fault := Define(root); fault != nil || len(all) != 0 {
			t.Errorf("%s: %v, %v", members, all, fault)
		}
	}
}

func TestExpressionsOfSeveralTypes(t *testing.T) {
	const union = "Patient.extension('u').value | (Practitioner.extension('u').value as Coding) | Resource.meta.tag"
	for typ, want := range map[string]string{
		"Patient": "Patient.extension('u').value | Patient.meta.tag", "Practitioner": "(Practitioner.extension('u').value as Coding) | Practitioner.meta.tag",
	} {
		if got := termsOf(union, typ); got != want {
			t.Errorf("%s: %s", typ, got)
		}
	}
}

func TestACustomComposite(t *testing.T) {
	members := `"url":"http://x.example/comp","code":"use-family","base":["Patient"],"type":"composite","expression":"Patient.name","component":[` +
		`{"definition":"http://hl7.org/fhir/SearchParameter/Patient-language","expression":"use"},{"definition":"http://hl7.org/fhir/SearchParameter/individual-family","expression":"family"}]`
	customs, r := numbered(t, members), Live()
	if fault := r.Check(customs[0]); fault != nil {
		t.Fatal(fault)
	}
	r.Use(1, false, customs)
	root, _ := tree.Parse([]byte(`{"resourceType":"Patient","id":"a","name":[{"use":"official","family":"Otter"}]}`))
	if e, err := r.Extract("Patient", "a", root, ""); err != nil || len(e.Composites) == 0 || e.Composites[0].Param != FirstCustom {
		t.Errorf("%v, %v", e.Composites, err)
	}
}

// US Core's parameters are taken: most say what R4's own say, the rest are new.
func TestUSCoreParameters(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(fhirtest.Data(t, "us-core-610"), "SearchParameter-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no definitions", err)
	}
	fresh := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, err := tree.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		all, fault := Define(root)
		for _, c := range all {
			fresh++
			if fault == nil {
				fault = Live().Check(c)
			}
		}
		if fault != nil {
			t.Errorf("%s: %v", filepath.Base(file), fault)
		}
	}
	if fresh == 0 || fresh == len(files) {
		t.Errorf("%d of %d are new", fresh, len(files))
	}
}
