package patch_test

import (
	"fmt"

	"tributary/fhir/patch"
	"tributary/fhir/tree"
)

func ExampleJSON() {
	changed, err := patch.JSON(
		[]byte(`{"resourceType":"Patient","active":true,"name":[{"family":"Lind"}]}`),
		[]byte(`[{"op":"test","path":"/active","value":true},{"op":"add","path":"/name/0/given","value":["Ada"]}]`),
	)
	fmt.Println(string(changed), err)
	// Output: {"resourceType":"Patient","active":true,"name":[{"family":"Lind","given":["Ada"]}]} <nil>
}

func ExampleFHIRPath() {
	parameters, err := tree.Parse([]byte(`{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
		{"name":"type","valueCode":"replace"},
		{"name":"path","valueString":"Observation.value"},
		{"name":"value","valueQuantity":{"value":6.50,"unit":"mmol/L"}}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	changed, err := patch.FHIRPath([]byte(`{"resourceType":"Observation","status":"final","valueString":"?"}`), parameters)
	fmt.Println(string(changed), err)
	// Output: {"resourceType":"Observation","status":"final","valueQuantity":{"value":6.50,"unit":"mmol/L"}} <nil>
}
