package smart

import (
	"strings"

	"tributary/connectors"
)

// difference is what a vendor's servers do unlike the specification.
type difference struct {
	aud     func(base string) string // the audience to send; nil sends the FHIR base
	split   map[string][]string      // type -> further criteria, one query each, because the plain query is refused
	require map[string]string        // type -> criteria that every query of the type needs
}

func none(string) string { return "" }

// differences by Provider.Vendor; sources are the vendors' own documentation.
var differences = map[string]difference{
	"epic": {
		split: map[string][]string{
			"Observation": {"category=laboratory", "category=vital-signs", "category=social-history", "category=survey",
				"category=exam", "category=imaging", "category=procedure", "category=therapy", "category=activity"},
			"Condition":     {"category=problem-list-item", "category=encounter-diagnosis", "category=health-concern"},
			"CarePlan":      {"category=assess-plan", "category=38717003"},
			"EpisodeOfCare": {"type=urn:oid:1.2.840.114350.1.13.0.1.7.2.726668|1"},
		},
	},
	"athena": {require: map[string]string{"MedicationRequest": "intent=order,plan,proposal,reflex-order"}},
	"va":     {aud: none},
	"oracle": {aud: func(base string) string { return strings.TrimRight(base, "/") }},
}

func audience(p connectors.Provider) string {
	if aud := differences[p.Vendor].aud; aud != nil {
		return aud(p.FHIRBase)
	}
	return p.FHIRBase
}

// standard are the scopes of a launch unless the directory entry names its own.
// SMART v2 spelling; Binary carries the documents, the others what records refer to.
var standard = strings.Fields(`launch/patient openid fhirUser offline_access patient/*.rs`)

func scopes(p connectors.Provider) []string {
	if len(p.Scopes) > 0 {
		return p.Scopes
	}
	return standard
}
