package path_test

import (
	"fmt"
	"time"

	"tributary/fhir/path"
	"tributary/fhir/tree"
)

func ExampleExpr_Eval() {
	patient, _ := tree.Parse([]byte(`{"resourceType":"Patient","birthDate":"1974-12-25",
		"name":[{"use":"official","given":["Peter","James"]},{"use":"usual","given":["Jim"]}]}`))
	for _, expression := range []string{
		"Patient.name.where(use = 'official').given",
		"Patient.birthDate",
		"Patient.birthDate + 18 years <= today()",
	} {
		items, err := path.MustCompile(expression).Eval(patient, &path.Env{Now: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)})
		for _, i := range items {
			fmt.Println(i.Type(), i)
		}
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// string Peter
	// string James
	// date 1974-12-25
	// Boolean true
}

func ExampleItem_Node() {
	patient, _ := tree.Parse([]byte(`{"resourceType":"Patient","name":[{"given":["Peter"]},{"given":["Jim"]}]}`))
	items, _ := path.MustCompile("Patient.name.given").Eval(patient, nil)
	for _, i := range items {
		if node, ok := i.Node(); ok {
			fmt.Println(node.Expression())
		}
	}
	// Output:
	// Patient.name[0].given[0]
	// Patient.name[1].given[0]
}

func ExampleCompile() {
	_, err := path.Compile("Observation.value.weight()")
	fmt.Println(err)
	// Output: FHIRPath: the function weight() is not supported: it needs the properties of code systems (at 18)
}
