package operation_test

import (
	"encoding/json"
	"slices"
	"testing"

	"tributary/fhir"
	"tributary/internal/operation"
)

const own = "https://x.y/OperationDefinition/big-think"

var served = []operation.Route{
	{Method: "POST", Path: "/Patient/$match", Name: "match", Definition: "http://hl7.org/fhir/OperationDefinition/Patient-match", Types: []string{"Patient"}},
	{Method: "POST", Path: "/Group/{id}/$think", Name: "think", Definition: own, Types: []string{"Group"}, About: "Thinks.", Changes: true,
		Parameters: []operation.Parameter{{Name: "hard", Use: "in", Max: "1", Type: "boolean"}, {Name: "thought", Use: "out", Min: 1, Max: "*", Part: []operation.Parameter{{Name: "text", Use: "out", Min: 1, Max: "1", Type: "string"}}}}},
	{Method: "GET", Path: "/$think"},
	{Method: "GET", Path: "/$other-status/{job}"},
	{Method: "GET", Path: "/Patient/$send", Name: "send", Definition: "http://x.y/patient-send", Types: []string{"Patient"}},
	{Method: "POST", Path: "/Patient/$send"},
	{Method: "GET", Path: "/$send", Name: "send", Definition: "http://x.y/send"},
}

func TestDefinitions(t *testing.T) {
	all := operation.Definitions(served)
	if len(all) != 4 {
		t.Fatalf("%d definitions", len(all))
	}
	for _, d := range all {
		if _, err := fhir.Parse(d.JSON()); err != nil {
			t.Errorf("%s: %v", d.URL, err)
		}
	}
	match, think := all[0], all[1]
	if match.ID != "Patient-match" || match.Version != "4.0.1" || !match.Type || match.Instance || match.Parameter[0].Name != "resource" || match.Parameter[0].Min != 1 {
		t.Errorf("%+v", match)
	}
	if of, whole := all[2], all[3]; !of.Type || of.System || of.Instance || of.AffectsState || whole.Type || !whole.System || len(whole.Resource) > 0 {
		t.Errorf("two operations of one name are mixed up: %+v, %+v", of, whole)
	}
	if think.Name != "BigThink" || !think.System || think.Type || !think.Instance || !think.AffectsState || !slices.Equal(think.Resource, []string{"Group"}) || think.Parameter[1].Part[0].Type != "string" {
		src, _ := json.Marshal(think)
		t.Errorf("%s", src)
	}
}

// Every operation of R4 makes a valid OperationDefinition, with parts of parameters
// where they belong.
func TestAllOfR4(t *testing.T) {
	for _, id := range []string{"ConceptMap-translate", "CodeSystem-lookup", "ValueSet-expand", "Resource-validate", "Patient-everything"} {
		all := operation.Definitions([]operation.Route{{Method: "GET", Path: "/$x", Name: "x", Definition: "http://hl7.org/fhir/OperationDefinition/" + id}})
		if _, err := fhir.Parse(all[0].JSON()); err != nil || len(all[0].Parameter) == 0 || all[0].Version == "" {
			t.Errorf("%s: %v %+v", id, err, all[0])
		}
		for _, p := range all[0].Parameter {
			if id == "CodeSystem-lookup" && p.Name == "property" && p.Use == "out" && len(p.Part) != 4 {
				t.Errorf("%+v", p)
			}
		}
	}
}
