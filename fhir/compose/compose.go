// Package compose puts resources together that the service itself makes: plain
// JSON objects with the few datatypes that all of them use. What comes out is
// validated where it is stored, as everything is.
//
// Neighbours: internal/records makes drafts of it (records.NewDraft).
package compose

import "encoding/json"

// Object and List are JSON in the making.
type (
	Object = map[string]any
	List   = []any
)

// The code systems that most of our own resources speak.
const (
	LOINC = "http://loinc.org"
	UCUM  = "http://unitsofmeasure.org"
)

// Instant is how times are written, in UTC, so that they compare as text.
const Instant = "2006-01-02T15:04:05Z07:00"

// Reference is a relative reference to a resource of ours.
func Reference(typ, id string) Object { return Object{"reference": typ + "/" + id} }

// Coding is a Coding; without a display when that is "".
func Coding(system, code, display string) Object {
	c := Object{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return c
}

// Concept is a CodeableConcept of one coding.
func Concept(system, code, display string) Object {
	return Object{"coding": List{Coding(system, code, display)}}
}

// Quantity keeps the digits as they were written; the unit is UCUM's.
func Quantity(digits, unit string) Object {
	return Object{"value": json.Number(digits), "unit": unit, "system": UCUM, "code": unit}
}

// With is a resource's JSON with some of its fields replaced; nil removes one.
func With(body []byte, fields Object) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(body, &all); err != nil {
		return nil, err
	}
	for name, value := range fields {
		if value == nil {
			delete(all, name)
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		all[name] = raw
	}
	return json.Marshal(all)
}
