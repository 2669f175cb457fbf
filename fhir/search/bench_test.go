package search

import (
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

func BenchmarkExtract(b *testing.B) {
	byType := map[string][]resource{}
	for _, r := range syntheticPatients(b) {
		byType[r.typ] = append(byType[r.typ], r)
	}
	for _, typ := range []string{"Patient", "Observation", "Claim", "Encounter", "ExplanationOfBenefit", "MedicationRequest", "DiagnosticReport"} {
		all := byType[typ]
		b.Run(typ, func(b *testing.B) {
			rows := 0
			b.ReportAllocs()
			for i := range b.N {
				r := all[i%len(all)]
				e, err := Base().Extract(r.typ, r.id, r.root, "http://localhost/fhir")
				if err != nil {
					b.Fatal(err)
				}
				rows += e.Len()
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/op")
		})
	}
}

// syntheticPatients are the resources of Synthea's bundles, each parsed alone.
func syntheticPatients(t testing.TB) []resource {
	return resources(t, fhirtest.Data(t, "synthea"), func(root tree.Value) []tree.Value {
		var all []tree.Value
		for entry := range root.Get("entry").Elements() {
			if len(all) == 200 {
				break
			}
			v, err := tree.Parse(entry.Get("resource").Raw())
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		return all
	})
}
