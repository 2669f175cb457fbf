package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// weighed is an Observation with a value and a component of a UCUM unit.
func weighed(id, value, code string) string {
	quantity := fmt.Sprintf(`{"value":%s,"unit":"as sent","system":"http://unitsofmeasure.org","code":%q}`, value, code)
	return fmt.Sprintf(`{"resourceType":"Observation","id":%q,"status":"final","code":{"coding":[{"system":"urn:c","code":"a"}]},"valueQuantity":%s,
		"component":[{"code":{"coding":[{"system":"urn:c","code":"b"}]},"valueQuantity":%[2]s}]}`, id, quantity)
}

// A search for an amount finds it in whatever unit it was sent, by value, by
// component and by code; the unit and the number alone are taken as they were sent.
func TestAmountsInOtherUnits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for id, amount := range map[string]string{"a": "5.4 mg/dL", "b": "0.054 g/L", "c": "0.0054 g/dL", "d": "54 ug/mL", "e": "5.4 g/L", "f": "5.4 mmol/L", "g": "5.4 %"} {
			value, code, _ := strings.Cut(amount, " ")
			s.call(t, "PUT /Observation/"+id, weighed(id, value, code)).is(t, 201)
		}
		const ucum = "|http://unitsofmeasure.org|"
		for value, want := range map[string]string{
			"5.4" + ucum + "mg/dL": "a b c d", "0.054" + ucum + "g/L": "a b c d", "gt5.4" + ucum + "mg/dL": "e", "ge54" + ucum + "ug/mL": "a b c d e", "lt1" + ucum + "g/L": "a b c d",
			"5.4": "a e f g", "5.4||mg/dL": "a", "0.054||g/L": "b", "0.054||as sent": "b", "5.4" + ucum + "mmol/L": "f", "0.054" + ucum + "1": "g", "5.4" + ucum + "no-unit": "", "54": "d", "ne5.4" + ucum + "mg/dL": "e",
		} {
			for _, name := range []string{"value-quantity=", "component-value-quantity=", "combo-value-quantity=", "code-value-quantity=a$", "code-value-quantity=urn:c|a$", "component-code-value-quantity=b$", "combo-code-value-quantity=b$"} {
				got := s.call(t, "GET /Observation?"+name+url.QueryEscape(value), "").is(t, 200).bundle(t).ids(t)
				slices.Sort(got)
				if strings.Join(got, " ") != want {
					t.Errorf("%s%s: %v, want %s", name, value, got, want)
				}
			}
		}
	})
}

// Amounts of one dimension sort by what they amount to, page by page.
func TestAmountsSort(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for id, amount := range map[string]string{"a": "100 mg/dL", "b": "2 g/L", "c": "13.5 g/dL", "d": "0.2 kg/L", "e": "1 ng/mL"} {
			value, code, _ := strings.Cut(amount, " ")
			s.call(t, "PUT /Observation/"+id, weighed(id, value, code)).is(t, 201)
		}
		for sort, want := range map[string]string{"value-quantity": "e a b c d", "-value-quantity": "d c b a e"} {
			var got []string
			for next := "/Observation?_count=2&_sort=" + sort; next != ""; {
				b := s.call(t, "GET "+next, "").is(t, 200).bundle(t)
				got, next = append(got, b.ids(t)...), b.link("next")
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v, want %s", sort, got, want)
			}
		}
	})
}
