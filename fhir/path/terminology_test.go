package path

import (
	"errors"
	"strings"
	"testing"

	"tributary/fhir/tree"
)

// vocabulary is a Terminology and Profiles of a few facts: codes of the system
// "s" subsume those they begin; "urn:broken" is one that fails.
type vocabulary struct{ asked []string }

var errBroken = errors.New("broken")

func (v *vocabulary) MemberOf(valueSet, system, code string) (member, known bool, err error) {
	v.asked = append(v.asked, valueSet+" "+system+" "+code)
	if valueSet == "urn:broken" {
		return false, false, errBroken
	}
	return strings.HasPrefix(code, "29463"), valueSet == "urn:weights", nil
}

func (v *vocabulary) Subsumes(system, a, b string) (outcome string, known bool, err error) {
	outcome = "not-subsumed"
	switch {
	case a == b:
		outcome = "equivalent"
	case strings.HasPrefix(b, a):
		outcome = "subsumes"
	case strings.HasPrefix(a, b):
		outcome = "subsumed-by"
	}
	return outcome, system != "urn:unknown", nil
}

func (v *vocabulary) ConformsTo(resource tree.Value, profile string) (conforms, known bool, err error) {
	if profile == "urn:broken" {
		return false, false, errBroken
	}
	return resource.Get("status").Text() == "final", profile == "urn:final", nil
}

const codings = `{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"s","code":"a"},{"system":"http://loinc.org","code":"29463-7"}]},
 "method":{"text":"by hand"},"component":[{"code":{"coding":[{"system":"s","code":"ab"}]}},{"code":{"coding":[{"system":"urn:unknown","code":"a"}]}},{"code":{"coding":[{"system":"t","code":"a"}]}}]}`

func TestHooks(t *testing.T) {
	v := &vocabulary{}
	focus, env := document(t, codings), &Env{Terminology: v, Profiles: v}
	for expression, want := range map[string]string{
		"code.memberOf('urn:weights')":                                "Boolean:true",
		"code.coding[0].memberOf('urn:weights')":                      "Boolean:false",
		"code.coding[1].memberOf('urn:weights')":                      "Boolean:true",
		"code.coding.code.last().memberOf('urn:weights')":             "Boolean:true",
		"'29463-7'.memberOf('urn:weights')":                           "Boolean:true",
		"status.memberOf('urn:weights')":                              "Boolean:false",
		"code.memberOf('urn:other')":                                  "",
		"code.coding.memberOf('urn:weights')":                         "",
		"method.memberOf('urn:weights')":                              "",
		"code.memberOf({})":                                           "",
		"{}.memberOf('urn:weights')":                                  "",
		"component[0].memberOf('urn:weights')":                        "!",
		"code.memberOf('urn:broken')":                                 "!",
		"code.subsumes(component[0].code)":                            "Boolean:true",
		"code.subsumedBy(component[0].code)":                          "Boolean:false",
		"component[0].code.subsumedBy(%context.code)":                 "Boolean:true",
		"code.coding[0].subsumes(%context.code.coding[0])":            "Boolean:true",
		"code.subsumes(%context.component[2].code)":                   "Boolean:false",
		"component[1].code.subsumes(%context.component[1].code)":      "",
		"component[1].code.subsumes({})":                              "",
		"code.subsumes(%context)":                                     "!",
		"code.subsumes(%context.method)":                              "",
		"conformsTo('urn:final')":                                     "Boolean:true",
		"code.conformsTo('urn:final')":                                "Boolean:false",
		"conformsTo('urn:other') | conformsTo({})":                    "",
		"conformsTo('urn:broken')":                                    "!",
		"1.conformsTo('urn:final')":                                   "!",
		"component.where(code.memberOf('urn:weights')).code | status": "code:final",
	} {
		items, err := MustCompile(expression).Eval(focus, env)
		got := show(items)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", expression, got, err, want)
		}
	}
	if v.asked[0] == "" || !strings.Contains(strings.Join(v.asked, "\n"), "urn:weights http://loinc.org 29463-7") {
		t.Errorf("asked for %q", v.asked)
	}
}

func TestHooksThatAreNotThereOrFail(t *testing.T) {
	focus := document(t, codings)
	for _, expression := range []string{"code.memberOf('urn:weights')", "code.subsumes(code)", "code.subsumedBy(code)", "conformsTo('urn:final')"} {
		if _, err := MustCompile(expression).Eval(focus, nil); err == nil || !strings.Contains(err.Error(), "here") {
			t.Errorf("%s without anybody to ask: %v", expression, err)
		}
	}
	_, err := MustCompile("code.memberOf('urn:broken')").Eval(focus, &Env{Terminology: &vocabulary{}})
	if !errors.Is(err, errBroken) || strings.Contains(err.Error(), "broken") {
		t.Errorf("the cause of %v is to be found, not shown", err)
	}
}
