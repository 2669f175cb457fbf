package path

import (
	"strings"
	"testing"

	"tributary/fhir/tree"
)

// asked is a terminology service that answers with what it was asked.
type asked struct {
	vocabulary
	t    *testing.T
	said string
}

func (a *asked) Ask(operation string, parameters []byte) (answer tree.Value, known bool, err error) {
	sent := document(a.t, string(parameters))
	a.said = operation
	for p := range sent.Get("parameter").Elements() {
		a.said += " " + p.Get("name").Text() + "="
		for m := p.First().Next(); m.Exists(); m = m.Next() {
			a.said += m.Key() + ":" + m.Text() + m.Get("code").Text() + m.Get("url").Text()
		}
	}
	switch {
	case strings.Contains(a.said, "urn:broken"):
		return answer, false, errBroken
	case strings.Contains(a.said, "urn:none"):
		return answer, false, nil
	}
	return document(a.t, `{"resourceType":"Parameters","parameter":[{"name":"outcome","valueCode":"subsumes"}]}`), true, nil
}

func TestTerminologies(t *testing.T) {
	focus := document(t, codings)
	for expression, want := range map[string]string{
		"%terminologies.expand('urn:v')":                               "ValueSet/$expand url=valueUri:urn:v",
		"%terminologies.expand('urn:v', 'filter=a%26b&count=2')":       "ValueSet/$expand url=valueUri:urn:v count=valueString:2 filter=valueString:a&b",
		"%terminologies.expand(%resource)":                             "ValueSet/$expand valueSet=resource:",
		"%terminologies.lookup(code.coding[0])":                        "CodeSystem/$lookup coding=valueCoding:a",
		"%terminologies.validateVS('urn:v', code)":                     "ValueSet/$validate-code url=valueUri:urn:v coding=valueCoding:a coding=valueCoding:29463-7",
		"%terminologies.validateVS('urn:v', status)":                   "ValueSet/$validate-code url=valueUri:urn:v code=valueCode:final",
		"%terminologies.validateCS('s', 'a')":                          "CodeSystem/$validate-code url=valueUri:s code=valueCode:a",
		"%terminologies.subsumes('s', 'a', code.coding[0])":            "CodeSystem/$subsumes system=valueUri:s codeA=valueCode:a codingB=valueCoding:a",
		"%terminologies.translate('urn:m', 'a', 'targetsystem=urn:t')": "ConceptMap/$translate url=valueUri:urn:m code=valueCode:a targetsystem=valueString:urn:t",
	} {
		a := &asked{t: t}
		items, err := MustCompile(expression).Eval(focus, &Env{Terminology: a})
		if err != nil || len(items) != 1 || a.said != want {
			t.Errorf("%s: %q %v %v, want %q", expression, a.said, items, err, want)
		}
	}
	for expression, want := range map[string]string{
		"%terminologies.subsumes('s', 'a', 'ab')":         "code:subsumes",
		"%terminologies.expand('urn:none')":               "",
		"%terminologies.expand({})":                       "",
		"%terminologies.validateVS('urn:v', {})":          "",
		"%terminologies.lookup(code).parameter.name":      "string:outcome",
		"%terminologies.expand('urn:broken')":             "!",
		"%terminologies.expand(1)":                        "!",
		"%terminologies.expand('urn:v', 1)":               "!",
		"%terminologies.lookup(method.text | 1)":          "!",
		"%terminologies.lookup(%resource)":                "!",
		"%terminologies.subsumes('s', 'a')":               "!",
		"1.expand('urn:v')":                               "!",
		"expand('urn:v')":                                 "!",
		"code.subsumes('s', 'a', 'b')":                    "!",
		"%terminologies.name | %terminologies.children()": "",
	} {
		items, err := MustCompile(expression).Eval(focus, &Env{Terminology: &asked{t: t}})
		got := show(items)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("%s: %s (%v), want %s", expression, got, err, want)
		}
	}
	if _, err := MustCompile("%terminologies.expand('urn:v')").Eval(focus, &Env{Terminology: &vocabulary{}}); err == nil {
		t.Error("a terminology that is no service is asked")
	}
}
