package fhir_test

import (
	"errors"
	"fmt"
	"time"

	"tributary/fhir"
	"tributary/fhir/tree"
)

func ExampleParse() {
	_, err := fhir.Parse([]byte(`{"resourceType":"Patient","nme":"x","gender":"MALE"}`))
	var bad *fhir.Invalid
	if errors.As(err, &bad) {
		for _, issue := range bad.Issues {
			fmt.Println(issue.Code, issue.Expression, issue.Diagnostics)
		}
	}
	// Output:
	// structure Patient.nme unknown element
	// code-invalid Patient.gender not a code of the required value set
}

func ExampleResource_Stamp() {
	r, err := fhir.Parse([]byte(`{"resourceType":"Observation", "status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient?identifier=a"},"valueQuantity":{"value":6.50}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	rewritten := tree.Replace(r.References()[0].Value, []byte(`"Patient/p1"`))
	fmt.Printf("%s\n", r.Stamp(fhir.Stamp{
		ID: "o1", VersionID: 1, LastUpdated: time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC),
		Edits: []tree.Edit{rewritten},
	}))
	// Output:
	// {"resourceType":"Observation","id":"o1","meta":{"versionId":"1","lastUpdated":"2024-03-01T12:00:00.000Z"}, "status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient/p1"},"valueQuantity":{"value":6.50}}
}
