package search_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// patients are the compartments that a resource is in, among those named.
func patients(t *testing.T, body string, ids ...string) []string {
	d := doc(t, body)
	p, ok := search.Base().Lookup(d.Type, search.Compartment)
	if !ok {
		t.Fatalf("%s is in no compartment", d.Type)
	}
	var in []string
	for _, id := range ids {
		if slices.Contains(d.Entries.References, search.ReferenceEntry{Param: p.Number, Target: int64(search.KeyOf("Patient", id))}) {
			in = append(in, id)
		}
	}
	return in
}

func TestCompartment(t *testing.T) {
	for _, c := range []struct{ body, want string }{
		{`{"resourceType":"Patient","id":"a","link":[{"other":{"reference":"Patient/b"}}]}`, "a b"},
		{`{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/a"},"performer":[{"reference":"Patient/b"}]}`, "a b"},
		{`{"resourceType":"Observation","id":"1","subject":{"reference":"Group/a"},"encounter":{"reference":"Patient/b"}}`, ""},
		{`{"resourceType":"Observation","id":"1","subject":{"reference":"https://tributary.example/fhir/R4/Patient/a/_history/1"}}`, "a"},
		{`{"resourceType":"Observation","id":"1","subject":{"reference":"https://other.example/Patient/a"}}`, ""},
		{`{"resourceType":"Condition","id":"1","subject":{"reference":"Patient/a"},"asserter":{"reference":"Practitioner/b"}}`, "a"},
		{`{"resourceType":"Provenance","id":"1","target":[{"reference":"Observation/1"},{"reference":"Patient/a"}]}`, "a"},
	} {
		if got := patients(t, c.body, "a", "b"); strings.Join(got, " ") != c.want {
			t.Errorf("%s is in the compartments of %v, not of %s", c.body, got, c.want)
		}
	}
}

func TestDiffHasWhatChangedOnly(t *testing.T) {
	old := doc(t, `{"resourceType":"Patient","id":"1","active":true,"gender":"male","birthDate":"1970","name":[{"family":"A"}]}`).Entries
	next := doc(t, `{"resourceType":"Patient","id":"1","active":true,"gender":"female","birthDate":"1970","address":[{"city":"X"}]}`).Entries
	add, drop := search.Diff(old, next)
	if len(add.Tokens) != 1 || len(drop.Tokens) != 1 || len(add.Strings) != 2 || len(drop.Strings) != 3 || len(add.Dates)+len(drop.Dates)+len(add.References) != 0 {
		t.Errorf("add %+v, drop %+v", add, drop)
	}
	if add, drop = search.Diff(next, next); add.Len()+drop.Len() != 0 {
		t.Errorf("add %+v, drop %+v", add, drop)
	}
	if add, _ = search.Diff(search.Entries{}, next); !reflect.DeepEqual(add, next) {
		t.Errorf("add %+v", add)
	}
}

func TestRowsAreFew(t *testing.T) {
	e := doc(t, `{"resourceType":"Observation","id":"1","status":"final","subject":{"reference":"Patient/a"},"effectiveDateTime":"2020",
		"category":[{"coding":[{"system":"s","code":"c"},{"system":"s","code":"d"},{"system":"s","code":"c"}]}]}`).Entries
	// status 1; category c, d, s|c, s|d, s|; subject and compartment; date; course
	if len(e.Tokens) != 6 || len(e.References) != 2 || len(e.Dates) != 1 || len(e.Courses) != 1 || e.Len() != 10 {
		t.Errorf("%d rows: %+v", e.Len(), e)
	}
}

func TestRefer(t *testing.T) {
	root, err := tree.Parse([]byte(`{"resourceType":"Observation","subject":{"reference":"Patient/a"},"performer":[{"reference":"Practitioner/b/_history/3"},
		{"reference":"https://tributary.example/fhir/R4/Patient/a"},{"reference":"http://other/Patient/c"},{"reference":"#d"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	param := func(code string) *search.Param {
		p, _ := search.Base().Lookup("Observation", code)
		return p
	}
	a, b := search.Ref{Type: "Patient", ID: "a"}, search.Ref{Type: "Practitioner", ID: "b"}
	for _, c := range []struct {
		param *search.Param
		want  []search.Ref
	}{
		{param("subject"), []search.Ref{a}}, {param("patient"), []search.Ref{a}}, {param("performer"), []search.Ref{b, a}},
		{param("device"), nil}, {nil, []search.Ref{a, b}},
	} {
		if got := search.Base().Refer("Observation", c.param, root, ownBase); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%+v: %v", c.param, got)
		}
	}
}

func TestFold(t *testing.T) {
	for _, c := range [][2]string{
		{"Ann", "ann"}, {"  Zoë \t Ann  ", "zoe ann"}, {"ÅNGSTRÖM", "angstrom"}, {"Straße", "strasse"}, {"Łódź", "lodz"}, {"", ""}, {"´", "´"},
		{"  ", ""}, {strings.Repeat("É", 300), strings.Repeat("e", 200)}, {strings.Repeat("a", 300), strings.Repeat("a", 200)}, {"日本", "日本"},
	} {
		if got := search.Fold(c[0]); got != c[1] {
			t.Errorf("%q folds to %q, not %q", c[0], got, c[1])
		}
	}
}

func TestTokenFormsDiffer(t *testing.T) {
	forms := []int64{search.TokenHash("a", "b"), search.TokenHash("", "b"), search.CodeHash("b"), search.TokenHash("b", ""), search.TokenHash("a|b", ""), search.CodeHash("a|b")}
	slices.Sort(forms)
	if len(slices.Compact(forms)) != 6 {
		t.Error("two forms of tokens share a hash")
	}
}

func TestExtractRefusesWhatIsNoType(t *testing.T) {
	if _, err := search.Base().Extract("Patients", "1", tree.Value{}, ownBase); err == nil {
		t.Error("no error")
	}
}
