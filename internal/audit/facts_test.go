package audit

import (
	"encoding/json"
	"reflect"
	"testing"
)

// What is written by hand reads back as what it was.
func TestFactsEncode(t *testing.T) {
	for name, f := range map[string]facts{
		"least": {ID: "1", Interaction: "read"},
		"most": {
			ID: "1", Interaction: "search", Outcome: "4", Reason: "forbidden", Purpose: "TREAT", Type: "Observation",
			Query: `code="\\é` + "\n\u2028\x7f", Patient: "p",
			Actor:    actorFacts{Role: "ehr", ID: "i", Client: "c", Address: "::1", Request: "r", For: "p"},
			Entities: []entityFacts{{"Observation", "a", 3, "create"}, {"Patient", "b", 0, ""}},
		},
	} {
		var back facts
		if err := json.Unmarshal(identified(f.ID, f.rest(nil)), &back); err != nil || !reflect.DeepEqual(f, back) {
			t.Errorf("%s: %v: %s", name, err, f.rest(nil))
		}
	}
}
