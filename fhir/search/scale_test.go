package search

import (
	"fmt"
	"testing"

	"tributary/fhir/ucum"
)

// Every dimension stands once in the table, and its scales measure the same.
func TestScales(t *testing.T) {
	seen := map[string]string{}
	for _, codes := range scaleCodes {
		if len(codes) > 2 {
			t.Errorf("%v: more scales than a query should ask for", codes)
		}
		for i, code := range codes {
			u, err := ucum.Parse(code)
			if err != nil {
				t.Fatal(err)
			}
			dimension := u.Canonical()
			if first, ok := seen[dimension]; ok && (i == 0 || first != codes[0]) {
				t.Errorf("%s measures the same as %s", code, first)
			}
			seen[dimension] = codes[0]
			if s := unitOf(code); s.same != i {
				t.Errorf("%s is scale %d of %v", code, s.same, codes)
			}
		}
	}
}

func TestUnitsAreBounded(t *testing.T) {
	for n := range 3 * maxScaled {
		unitOf(fmt.Sprint("{", n, "}"))
	}
	if len(units.byCode) > maxScaled {
		t.Errorf("%d units are kept", len(units.byCode))
	}
}
