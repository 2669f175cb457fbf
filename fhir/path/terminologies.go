package path

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"tributary/fhir/tree"
)

// Terminologies is what a Terminology may do besides: it is the terminology service
// behind %terminologies (FHIR R4, section 2.9, Terminology Service API).
type Terminologies interface {
	Terminology
	// Ask calls an operation ("ValueSet/$expand") with a Parameters resource. known is
	// false where it has no answer; the function is empty then.
	Ask(operation string, parameters []byte) (answer tree.Value, known bool, err error)
}

// service is the value of %terminologies.
type service struct{}

// question is a function of %terminologies: its operation, and what each of its
// arguments is called there.
type question struct {
	operation string
	arguments []func(*asking, Item) error
}

var questions = map[string]question{
	"expand":     {"ValueSet/$expand", []func(*asking, Item) error{canonicalAs("valueSet")}},
	"lookup":     {"CodeSystem/$lookup", []func(*asking, Item) error{codedAs("code", "coding")}},
	"validateVS": {"ValueSet/$validate-code", []func(*asking, Item) error{canonicalAs("valueSet"), codedAs("code", "coding")}},
	"validateCS": {"CodeSystem/$validate-code", []func(*asking, Item) error{canonicalAs("codeSystem"), codedAs("code", "coding")}},
	"subsumes":   {"CodeSystem/$subsumes", []func(*asking, Item) error{systemOf, codedAs("codeA", "codingA"), codedAs("codeB", "codingB")}},
	"translate":  {"ConceptMap/$translate", []func(*asking, Item) error{canonicalAs("conceptMap"), codedAs("code", "coding")}},
}

// serviceFunctions are those of %terminologies. Of subsumes(), the one with fewer
// arguments is another.
var serviceFunctions = map[string]function{
	"expand": {1, 2, ask("expand"), nil}, "lookup": {1, 2, ask("lookup"), nil}, "translate": {2, 3, ask("translate"), nil},
	"validateVS": {2, 3, ask("validateVS"), nil}, "validateCS": {2, 3, ask("validateCS"), nil},
	"subsumes": {1, 4, subsumes, nil},
}

// subsumes is the function of codings, and, with more arguments, the one of %terminologies.
func subsumes(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	if len(args) < 2 {
		return subsumption("subsumes")(r, s, in, args, out)
	}
	if len(args) < 3 {
		return out, fail("%%terminologies.subsumes() expects a code system and two codes")
	}
	answer, err := ask("subsumes")(r, s, in, args, nil)
	if err != nil || len(answer) == 0 {
		return out, err
	}
	for p := range answer[0].node.Get("parameter").Elements() {
		if code := p.Get("valueCode"); code.Exists() {
			out = append(out, ItemAt(code))
		}
	}
	return out, nil
}

// ask calls the service with the arguments; the last, which may be left out, are more
// parameters as in a URL. An argument that is empty makes an empty result.
func ask(name string) method {
	return func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
		if len(in) != 1 || in[0].val != any(service{}) {
			return out, fail("%s() is a function of %%terminologies", name)
		}
		terminologies, ok := r.env.Terminology.(Terminologies)
		if !ok {
			return out, fail("%%terminologies has no terminology service here")
		}
		a, q := &asking{}, questions[name]
		for n, arg := range args {
			item, ok, err := r.single(s, arg)
			if err != nil || !ok {
				return out, err
			}
			add := (*asking).more
			if n < len(q.arguments) {
				add = q.arguments[n]
			}
			if err := add(a, item); err != nil {
				return out, err
			}
		}
		if err := r.spend(askCost); err != nil {
			return out, err
		}
		answer, known, err := terminologies.Ask(q.operation, a.parameters())
		if err != nil {
			return out, failBecause(err, "the terminology service did not answer %s()", name)
		}
		if known {
			out = append(out, ItemAt(answer))
		}
		return out, nil
	}
}

// askCost is what a call counts towards the bound of an evaluation.
const askCost = 1000

// asking are the parameters of a call.
type asking struct{ list []string }

func (a *asking) add(name, member string, json []byte) {
	a.list = append(a.list, `{"name":`+string(quoteJSON(name))+`,"`+member+`":`+string(json)+`}`)
}

func (a *asking) parameters() []byte {
	return []byte(`{"resourceType":"Parameters","parameter":[` + strings.Join(a.list, ",") + `]}`)
}

func quoteJSON(text string) []byte {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always can
	}
	return b
}

// canonicalAs is a resource, or its canonical as url.
func canonicalAs(name string) func(*asking, Item) error {
	return func(a *asking, i Item) error {
		if url, ok := i.value().(string); ok {
			a.add("url", "valueUri", quoteJSON(url))
			return nil
		}
		if v, ok := i.Node(); ok && v.Get("resourceType").Exists() {
			a.add(name, "resource", v.Raw())
			return nil
		}
		return fail("%%terminologies expects a canonical or a resource as %s", name)
	}
}

func systemOf(a *asking, i Item) error {
	url, ok := i.value().(string)
	if !ok {
		return fail("%%terminologies expects the canonical of a code system")
	}
	a.add("system", "valueUri", quoteJSON(url))
	return nil
}

// codedAs is a code, a Coding, or a CodeableConcept: where an operation takes none of
// these, its first coding.
func codedAs(code, coding string) func(*asking, Item) error {
	return func(a *asking, i Item) error {
		if text, ok := i.value().(string); ok {
			a.add(code, "valueCode", quoteJSON(text))
			return nil
		}
		v, ok := i.Node()
		switch typ := i.Type(); {
		case ok && typ == "Coding":
			a.add(coding, "valueCoding", v.Raw())
			return nil
		case ok && typ == "CodeableConcept":
			for one := range v.Get("coding").Elements() {
				a.add(coding, "valueCoding", one.Raw())
				if coding != "coding" {
					break
				}
			}
			return nil
		}
		return fail("%%terminologies expects a code, a Coding or a CodeableConcept, there is %s", i.Type())
	}
}

// more are further parameters: name=value&name=value.
func (a *asking) more(i Item) error {
	text, ok := i.value().(string)
	values, err := url.ParseQuery(text)
	if !ok || err != nil {
		return fail("%%terminologies expects further parameters as name=value&name=value")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range values[name] {
			a.add(name, "valueString", quoteJSON(value))
		}
	}
	return nil
}
