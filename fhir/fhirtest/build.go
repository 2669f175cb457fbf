// Package fhirtest builds valid R4 resources for tests, and finds the public
// test data outside of the repository.
//
// A builder returns the JSON of a small, complete resource; options change it:
//
//	fhirtest.Observation(fhirtest.ID("o1"), fhirtest.Subject("Patient/p1"))
//	fhirtest.Patient(fhirtest.With("name.0.family", "Ito"), fhirtest.Without("birthDate"))
//
// Equal calls give equal bytes.
//
// Neighbours: it imports nothing of ours, so that every package's tests may
// import it.
package fhirtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Option changes a resource under construction.
type Option func(resource map[string]any)

// ID sets the id.
func ID(id string) Option { return With("id", id) }

// Subject sets the reference to the patient: subject.reference or, where the
// type has it so, patient.reference.
func Subject(reference string) Option {
	return func(r map[string]any) {
		name := "subject"
		if _, ok := r["patient"]; ok {
			name = "patient"
		}
		r[name] = map[string]any{"reference": reference}
	}
}

// Tag adds a coding to meta.tag.
func Tag(system, code string) Option {
	return func(r map[string]any) {
		meta, _ := r["meta"].(map[string]any)
		if meta == nil {
			meta = map[string]any{}
			r["meta"] = meta
		}
		tags, _ := meta["tag"].([]any)
		meta["tag"] = append(tags, map[string]any{"system": system, "code": code})
	}
}

// Identifier adds an identifier.
func Identifier(system, value string) Option {
	return func(r map[string]any) {
		all, _ := r["identifier"].([]any)
		r["identifier"] = append(all, map[string]any{"system": system, "value": value})
	}
}

// With sets what stands at a path of member names and array positions
// ("name.0.family"), and makes the objects on the way. The value is anything
// that encodes to JSON; a json.RawMessage stands as it is, decimals included.
func With(path string, value any) Option {
	return func(r map[string]any) {
		steps := strings.Split(path, ".")
		at := r
		for i := 0; i < len(steps)-1; i++ {
			at = below(at, steps, &i)
		}
		at[steps[len(steps)-1]] = value
	}
}

// below goes one member down; a number after its name chooses the item.
func below(at map[string]any, steps []string, i *int) map[string]any {
	name := steps[*i]
	if n, err := strconv.Atoi(steps[*i+1]); err == nil {
		*i++
		list, _ := at[name].([]any)
		for len(list) <= n {
			list = append(list, map[string]any{})
		}
		at[name] = list
		return list[n].(map[string]any)
	}
	next, ok := at[name].(map[string]any)
	if !ok {
		next = map[string]any{}
		at[name] = next
	}
	return next
}

// Without removes a member of the resource.
func Without(name string) Option {
	return func(r map[string]any) { delete(r, name) }
}

// Resource builds a resource of any type from its JSON without resourceType.
func Resource(typ, body string, options ...Option) []byte {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	r := map[string]any{}
	if err := d.Decode(&r); err != nil {
		panic(fmt.Sprintf("fhirtest: %s: %v", typ, err))
	}
	for _, o := range options {
		o(r)
	}
	rest, err := json.Marshal(r)
	if err != nil {
		panic(fmt.Sprintf("fhirtest: %s: %v", typ, err))
	}
	head := `{"resourceType":"` + typ + `"`
	if bytes.Equal(rest, []byte("{}")) {
		return []byte(head + "}")
	}
	return append([]byte(head+","), rest[1:]...)
}
