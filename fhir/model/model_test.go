package model

import (
	"slices"
	"testing"
)

func TestElements(t *testing.T) {
	tests := []struct {
		typ, element      string
		types, json       []string
		repeats, required bool
		valueSet          string
	}{
		{"Patient", "gender", []string{"code"}, []string{"gender"}, false, false, "http://hl7.org/fhir/ValueSet/administrative-gender"},
		{"Patient", "deceased", []string{"boolean", "dateTime"}, []string{"deceasedBoolean", "deceasedDateTime"}, false, false, ""},
		{"Patient", "contact", []string{"Patient.contact"}, []string{"contact"}, true, false, ""},
		{"Patient.contact", "extension", []string{"Extension"}, []string{"extension"}, true, false, ""},
		{"Patient", "id", []string{"id"}, []string{"id"}, false, false, ""},
		{"Patient", "contained", []string{"Resource"}, []string{"contained"}, true, false, ""},
		{"HumanName", "id", []string{"string"}, []string{"id"}, false, false, ""},
		{"Observation", "code", []string{"CodeableConcept"}, []string{"code"}, false, true, ""},
		{"Questionnaire.item", "item", []string{"Questionnaire.item"}, []string{"item"}, true, false, ""},
		{"Age", "value", []string{"decimal"}, []string{"value"}, false, false, ""},
		{"Extension", "url", []string{"uri"}, []string{"url"}, false, true, ""},
		{"Timing", "repeat", []string{"Timing.repeat"}, []string{"repeat"}, false, false, ""},
		{"Bundle.entry", "resource", []string{"Resource"}, []string{"resource"}, false, false, ""},
	}
	for _, tt := range tests {
		e, ok := ElementOf(tt.typ, tt.element)
		if !ok || !slices.Equal(e.Types, tt.types) || !slices.Equal(e.JSONNames, tt.json) ||
			e.Repeats != tt.repeats || e.Required != tt.required || e.ValueSet != tt.valueSet {
			t.Errorf("%s.%s: %+v, %v", tt.typ, tt.element, e, ok)
		}
	}
	for _, absent := range [][2]string{{"Patient", "value"}, {"Observation", "valueQuantity"}, {"Nothing", "id"}, {"string", "value"}} {
		if e, ok := ElementOf(absent[0], absent[1]); ok {
			t.Errorf("%v: %+v", absent, e)
		}
	}
}

func TestResources(t *testing.T) {
	if n := len(Resources()); n != 146 || !slices.IsSorted(Resources()) {
		t.Errorf("%d resource types", n)
	}
	for name, want := range map[string]bool{"Patient": true, "Parameters": true, "DomainResource": false, "Quantity": false, "": false} {
		if IsResource(name) != want {
			t.Errorf("IsResource(%q)", name)
		}
	}
}

func TestInheritance(t *testing.T) {
	for sub, base := range map[string]string{"Age": "Quantity", "code": "string", "canonical": "uri", "positiveInt": "integer",
		"Patient": "DomainResource", "Bundle": "Resource", "Patient.contact": "BackboneElement", "Dosage": "Element"} {
		typ, ok := TypeOf(sub)
		parent, _ := TypeOf(base)
		if !ok || !typ.DerivesFrom(parent) || parent.DerivesFrom(typ) || !typ.Is(base) || !typ.Is(sub) || typ.Is("id") {
			t.Errorf("%s is no %s", sub, base)
		}
	}
}

// TestTableIsClosed: every type that an element names is in the table.
func TestTableIsClosed(t *testing.T) {
	for name, typ := range load().types {
		for _, e := range typ.Elements {
			for _, used := range e.Types {
				if _, ok := TypeOf(used); !ok {
					t.Errorf("%s.%s has the unknown type %q", name, e.Name, used)
				}
			}
		}
	}
}

func TestMember(t *testing.T) {
	typ, _ := TypeOf("Observation")
	m, ok := typ.Member("valueQuantity")
	if !ok || m.Element.Name != "value" || m.Type.Name != "Quantity" {
		t.Errorf("%+v", m)
	}
	if _, ok := typ.Member("value"); ok {
		t.Error("value is no JSON name")
	}
}
