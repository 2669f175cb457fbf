package profile_test

import (
	"fmt"
	"testing"
)

var sprintf = fmt.Sprintf

// a component for each of two codes, told by a pattern
const byPattern = `{"id":"Observation.component","path":"Observation.component","slicing":{"discriminator":[{"type":"pattern","path":"code"}],"rules":"%s"}},
	{"id":"Observation.component:a","path":"Observation.component","sliceName":"a","min":1,"max":"1"},
	{"id":"Observation.component:a.code","path":"Observation.component.code","patternCodeableConcept":{"coding":[{"code":"a"}]}},
	{"id":"Observation.component:a.value[x]","path":"Observation.component.value[x]","min":1},
	{"id":"Observation.component:b","path":"Observation.component","sliceName":"b","max":"1"},
	{"id":"Observation.component:b.code","path":"Observation.component.code","patternCodeableConcept":{"coding":[{"code":"b"}]}}`

func observation(components string) string {
	return `{"resourceType":"Observation","status":"final","code":{"text":"x"},"component":[` + components + `]}`
}

func component(code string) string {
	return `{"code":{"coding":[{"code":"` + code + `"}]},"valueString":"x"}`
}

var slicings = []struct {
	name, elements, resource string
	want                     []string
}{
	{"all there", sprintf(byPattern, "open"), observation(component("a") + "," + component("c") + "," + component("b")), nil},
	{"a slice is missing, another stands twice", sprintf(byPattern, "open"), observation(component("b") + "," + component("b")), []string{
		"error Observation: component of the slice a is missing: it is needed at least once",
		"error Observation: component of the slice b may stand here at most once, and stands here twice",
	}},
	{"an element of a slice is missing", sprintf(byPattern, "open"), observation(`{"code":{"coding":[{"code":"a"}]}}`), []string{
		"error Observation.component[0]: value is missing: it is needed at least once",
	}},
	{"closed", sprintf(byPattern, "closed"), observation(component("a") + "," + component("c")), []string{
		"error Observation.component[1]: component is of none of the slices a, b, and the profile allows no others",
	}},
	{"open at the end", sprintf(byPattern, "openAtEnd"), observation(component("c") + "," + component("a")), []string{
		"error Observation.component[1]: component of the slice a must stand before those of no slice",
	}},
	{"ordered", sprintf(byPattern, `open","ordered":true,"id":"x`), observation(component("b") + "," + component("a")), []string{
		"error Observation.component[1]: component of the slice a must stand before those of the slice b",
	}},
	{"by value", `{"path":"Patient.identifier","slicing":{"discriminator":[{"type":"value","path":"system"}],"rules":"open"}},
		{"path":"Patient.identifier","sliceName":"mrn","min":1},{"path":"Patient.identifier.system","fixedUri":"http://m"},{"path":"Patient.identifier.value","min":1}`,
		`{"resourceType":"Patient","identifier":[{"system":"http://n"},{"system":"http://m"}]}`, []string{
			"error Patient.identifier[1]: value is missing: it is needed at least once",
		}},
	{"by existence", `{"path":"Patient.name","slicing":{"discriminator":[{"type":"exists","path":"period"}],"rules":"open"}},
		{"path":"Patient.name","sliceName":"old","max":"1"},{"path":"Patient.name.period","min":1},
		{"path":"Patient.name","sliceName":"current","max":"1"},{"path":"Patient.name.period","max":"0"}`,
		`{"resourceType":"Patient","name":[{"family":"a"},{"family":"b"},{"family":"c","period":{"start":"2000"}}]}`, []string{
			"error Patient: name of the slice current may stand here at most once, and stands here twice",
		}},
	{"by type", `{"path":"Observation.value[x]","slicing":{"discriminator":[{"type":"type","path":"$this"}],"rules":"closed"}},
		{"path":"Observation.value[x]","sliceName":"valueString","type":[{"code":"string"}],"maxLength":2}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueString":"abc"}`, []string{
			"error Observation.valueString: value of the slice valueString may have at most 2 characters",
		}},
	{"by the type of what is referred to", `{"path":"Observation.performer","slicing":{"discriminator":[{"type":"type","path":"resolve()"}],"rules":"open"}},
		{"path":"Observation.performer","sliceName":"org","min":1,"type":[{"code":"Reference","targetProfile":["http://hl7.org/fhir/StructureDefinition/Organization"]}]}`,
		`{"resourceType":"Observation","status":"final","code":{"text":"x"},"contained":[{"resourceType":"Practitioner","id":"p"}],"performer":[{"reference":"#p"}]}`, []string{
			"error Observation: performer of the slice org is missing: it is needed at least once",
		}},
	{"by binding", `{"path":"Patient.communication","slicing":{"discriminator":[{"type":"value","path":"language"}],"rules":"open"}},
		{"path":"Patient.communication","sliceName":"colour","max":"1"},{"path":"Patient.communication.language","binding":{"strength":"required","valueSet":"http://x.y/colours"}}`,
		`{"resourceType":"Patient","communication":[{"language":{"coding":[{"code":"red"}]}},{"language":{"coding":[{"code":"de"}]}},{"language":{"coding":[{"code":"green"}]}}]}`, []string{
			"error Patient: communication of the slice colour may stand here at most once, and stands here twice",
		}},
	{"slices of a slice", `{"id":"Patient.name","path":"Patient.name","slicing":{"discriminator":[{"type":"value","path":"use"}],"rules":"open"}},
		{"id":"Patient.name:o","path":"Patient.name","sliceName":"o","slicing":{"discriminator":[{"type":"value","path":"family"}],"rules":"open"}},
		{"id":"Patient.name:o.use","path":"Patient.name.use","fixedCode":"old"},
		{"id":"Patient.name:o/x","path":"Patient.name","sliceName":"o/x","min":1},{"id":"Patient.name:o/x.family","path":"Patient.name.family","fixedString":"x"}`,
		`{"resourceType":"Patient","name":[{"family":"x"},{"use":"old","family":"y"}]}`, []string{
			"error Patient: name of the slice o/x is missing: it is needed at least once",
		}},
	{"what cannot be told is said", `{"path":"Patient.name","slicing":{"discriminator":[{"type":"value","path":"family"}],"rules":"closed"}},{"path":"Patient.name","sliceName":"a","min":1}`,
		`{"resourceType":"Patient","name":[{"family":"x"}]}`, []string{
			"information : the slice a of name cannot be told from others: value:family says nothing that is fixed there",
		}},
}

func TestSlicing(t *testing.T) {
	for _, c := range slicings {
		same(t, c.name, issuesOf(t, c.elements, c.resource), c.want)
	}
}

// Invariants of a profile may ask for slices, and for R4's definitions of elements.
func TestSlicesAndDefinitionsInInvariants(t *testing.T) {
	for expression, holds := range map[string]bool{
		"component.slice('" + here + "', 'a').count() = 1":                                                       true,
		"component.slice('" + here + "', 'b').exists()":                                                          false,
		"component.code.coding.first().elementDefinition().path = 'CodeableConcept.coding'":                      true,
		"component.first().elementDefinition().max = '*'":                                                        true,
		"value.elementDefinition().exists()":                                                                     false,
		"component.slice('" + here + "', 'a').value.elementDefinition().path = 'Observation.component.value[x]'": true,
		"%resource.elementDefinition().path = 'Observation'":                                                     true,
	} {
		constraint := sprintf(`{"id":"Observation","path":"Observation","constraint":[{"key":"x-1","severity":"error","human":"must hold","expression":"%s"}]},`, expression)
		issues := issuesOf(t, constraint+sprintf(byPattern, "open"), observation(component("a")+","+component("c")))
		if (len(issues) == 0) != holds {
			t.Errorf("%s: %q", expression, issues)
		}
	}
}
