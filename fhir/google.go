package fhir

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"

	"tributary/fhir/tree"
)

// unmarshaller decides what is R4. It is safe to share.
var unmarshaller = newUnmarshaller()

func newUnmarshaller() *jsonformat.Unmarshaller {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		panic("fhir: " + err.Error())
	}
	return u
}

// vague is what is said when google/fhir fails without an error of its own
// kind. It is left out when something else is said.
const vague = "the structure cannot be read"

// complaint is what google/fhir says about one place.
type complaint struct {
	path, details, name string
}

// complaints gathers the errors of google/fhir's second step (required
// elements, targets of references, formats).
type complaints []complaint

func (c *complaints) ReportValidationError(_ string, err error) error {
	*c = append(*c, unpack(err)...)
	return nil
}

func (c *complaints) ReportValidationWarning(string, error) error { return nil }

// google has google/fhir read the unit without what is nested in it, and the
// Meta values each in a resource of its own.
func (w *walker) google() []fault {
	faults := structure(w.node, unmarshal(w.trimmed()))
	for _, v := range w.metas {
		found := unmarshal(slices.Concat([]byte(`{"resourceType":"Basic","code":{"text":"x"},"meta":`), v.Raw(), []byte("}")))
		for i := range found {
			found[i].path = strings.TrimPrefix(found[i].path, "Basic.")
		}
		faults = append(faults, structure(v, found)...)
	}
	return faults
}

// unmarshal turns a panic into a complaint: a document must not take the
// server down, nor pass because its reader broke.
func unmarshal(src []byte) (found complaints) {
	defer func() {
		if recover() != nil {
			found = append(found, complaint{details: vague})
		}
	}()
	if _, err := unmarshaller.UnmarshalWithErrorReporter(src, &found); err != nil {
		found = append(found, unpack(err)...)
	}
	return found
}

// unpack reads google/fhir's error, or list of errors. Their type is internal
// to google/fhir, so that its exported fields are reached by name.
func unpack(err error) []complaint {
	v := reflect.Indirect(reflect.ValueOf(err))
	switch v.Kind() {
	case reflect.Slice:
		var all []complaint
		for i := range v.Len() {
			all = append(all, unpackOne(reflect.Indirect(v.Index(i))))
		}
		return all
	case reflect.Struct:
		return []complaint{unpackOne(v)}
	}
	return []complaint{{details: vague}}
}

func unpackOne(v reflect.Value) complaint {
	field := func(name string) string {
		if f := v.FieldByName(name); f.Kind() == reflect.String {
			return f.String()
		}
		return ""
	}
	c := complaint{path: field("Path"), details: field("Details")}
	if name, err := strconv.Unquote(field("Diagnostics")); err == nil && c.details == "unknown field" {
		c.name = name
	}
	if c.details == "" {
		c.details = vague
	}
	return c
}

// Reasons that google/fhir and the walk may both give.
const (
	listExpected = "an array is expected here"
	noList       = "an array is not expected here"
	noObject     = "an object is expected here"
)

// wording gives google/fhir's messages the issue type that fits, by what they
// begin with, and where they are terse our own words.
var wording = []struct{ prefix, code, reason string }{
	{"unknown field", "structure", unknownElement},
	{"missing required field", "required", ""},
	{"code type mismatch", "code-invalid", "not a code of the required value set"},
	{"invalid reference to", "value", ""},
	{"invalid reference", "value", ""},
	{"cannot accept multiple values", "structure", ""},
	{"expected array", "structure", listExpected},
	{"invalid JSON", "structure", noObject},
	{"array length mismatch", "structure", ""},
	{"expected ", "value", ""},
	{"invalid ", "value", ""},
	{"non-negative integer", "value", ""},
}

// structure finds the places of complaints in the document.
func structure(root tree.Value, found []complaint) []fault {
	faults := make([]fault, 0, min(len(found), maxFaults))
	for _, c := range found[:min(len(found), maxFaults)] {
		f := fault{at: locate(root, c), code: "structure", reason: c.details}
		for _, row := range wording {
			if strings.HasPrefix(c.details, row.prefix) {
				f.code = row.code
				if row.reason != "" {
					f.reason = row.reason
				}
				break
			}
		}
		if f.reason == noObject && f.at.Kind() == tree.Array {
			f.reason = noList
		}
		faults = append(faults, f)
	}
	return faults
}

// locate follows a path of google/fhir. Its first step validates in JSON's
// names, its second one in those of its messages, where a choice is two steps
// (value, quantity for valueQuantity) and a primitive has its extensions.
func locate(root tree.Value, c complaint) tree.Value {
	at, choice := root, ""
	for _, step := range strings.Split(c.path, ".")[1:] {
		if choice != "" {
			step = choice + title(step)
		}
		next, ok := follow(at, step)
		if ok {
			at, choice = next, ""
			continue
		}
		if choice != "" {
			break
		}
		choice = step
	}
	if member := at.Get(c.name); c.name != "" && member.Exists() {
		return member
	}
	return at
}

func follow(at tree.Value, step string) (tree.Value, bool) {
	name, index, indexed := strings.Cut(strings.TrimSuffix(step, "]"), "[")
	next := at.Get(name)
	if !next.Exists() && at.Kind() != tree.Object {
		next = at.Parent().Get("_" + at.Key()).Get(name)
	}
	if n, err := strconv.Atoi(index); indexed && err == nil && next.Kind() == tree.Array {
		next = next.Index(n)
	}
	return next, next.Exists()
}
