package path

import (
	"tributary/fhir/narrative"
)

// fhirFunctions are what FHIR R4 adds (section 2.9.2).
var fhirFunctions = map[string]function{
	"extension":       {1, 1, extension, nil},
	"hasExtension":    {1, 1, hasExtension, nil}, // not in the specification, but in HL7's search parameters
	"hasValue":        {0, 0, hasValue, nil},
	"getValue":        {0, 0, getValue, nil},
	"resolve":         {0, 0, resolve, nil},
	"htmlChecks":      {0, 0, htmlChecks, nil},
	"getReferenceKey": {0, 1, nil, referenceKey},
	"getResourceKey":  {0, 0, resourceKey, nil},
}

// extension keeps the extensions with that URL.
func extension(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	url, ok, err := r.text(s, args[0])
	if err != nil || !ok {
		return out, err
	}
	all := follow(in, "extension", r.get())
	for _, x := range all {
		if x.node.Get("url").Text() == url {
			out = append(out, x)
		}
	}
	r.put(all)
	return out, nil
}

func hasExtension(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	found, err := extension(r, s, in, args, r.get())
	out = boolean(out, len(found) > 0)
	r.put(found)
	return out, err
}

func hasValue(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return boolean(out, len(in) == 1 && in[0].value() != nil), nil
}

func getValue(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	if len(in) != 1 {
		return out, nil
	}
	if v := in[0].value(); v != nil {
		out = append(out, computed(v))
	}
	return out, nil
}

// htmlChecks tells whether a text is a narrative that may be kept and shows
// something (FHIR R4, section 2.4.0, txt-1 and txt-2).
func htmlChecks(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	for _, i := range in {
		s, ok := i.value().(string)
		if err := r.spendText(len(s)); err != nil {
			return out, err
		}
		fault, content := narrative.Check(s)
		out = boolean(out, ok && fault == "" && content)
	}
	return out, nil
}
