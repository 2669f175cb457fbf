package search_test

import (
	"fmt"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tributary/fhir/search"
	"tributary/fhir/search/searchtest"
	"tributary/fhir/ucum"
)

// measured is an Observation with a value of a UCUM unit.
func measured(t testing.TB, value, code string) searchtest.Doc {
	return doc(t, fmt.Sprintf(`{"resourceType":"Observation","id":"1","code":{"coding":[{"system":"http://loinc.org","code":"c"}]},`+
		`"valueQuantity":{"value":%s,"unit":"as sent","system":"http://unitsofmeasure.org","code":%q}}`, value, code))
}

func inUnit(value, code string) string {
	return value + "|http://unitsofmeasure.org|" + url.QueryEscape(code)
}

// One amount is found whatever unit it was sent in and is asked for in.
func TestUnitsOfOneAmount(t *testing.T) {
	for _, amounts := range []string{
		"5.4 mg/dL,0.054 g/L,0.0054 g/dL,54 mg/L,54 ug/mL,54000 ng/mL,0.054 kg/m3", "37.0 Cel,98.6 [degF],310.15 K", "120 mm[Hg],15.9986 kPa", "41.5 %,0.415 1,0.415 {ratio},415 mg/g",
		"185 [lb_av],83.91459 kg,83914.59 g", "70 /min,70 {beats}/min", "4.5 10*6/uL,4.5 10*12/L,4500 10*3/uL", "90 fL,90 um3", "30 pg,0.000000000030 g",
		"2.5 m[IU]/L,2.5 u[iU]/mL", "7.4 [pH]", "5 mmol/L,0.5 mmol/dL", "2 a,24 mo", "1.2 meq/L", "3.0 L/min/m2", "12 nkat/L,0.72 U/L", "3 V.s,3 Wb",
	} {
		var stored, asked []string
		for amount := range strings.SplitSeq(amounts, ",") {
			value, code, _ := strings.Cut(amount, " ")
			stored = append(stored, value+" "+code)
			asked = append(asked, inUnit(value, code))
		}
		for _, s := range stored {
			value, code, _ := strings.Cut(s, " ")
			d := measured(t, value, code)
			for _, a := range asked {
				for _, name := range []string{"value-quantity=", "combo-value-quantity=", "code-value-quantity=c$", "code-value-quantity=http://loinc.org|c$"} {
					if !(searchtest.Set{d}).Match(parse(t, "Observation", name+a), d) {
						t.Errorf("%s%s does not find %s", name, a, s)
					}
				}
			}
			check(t, d, "value-quantity="+value+" value-quantity="+value+"||"+url.QueryEscape(code)+" value-quantity="+value+"||as+sent code-value-quantity=c$"+value, true)
		}
	}
}

// Units that measure something else, and numbers as they would be in another
// unit, find nothing; nor do other systems.
func TestOtherUnits(t *testing.T) {
	d := measured(t, "0.054", "g/L")
	check(t, d, `value-quantity=5.4 value-quantity=5.4||mg/dL value-quantity=0.054|http://unitsofmeasure.org|g value-quantity=0.054|http://x|g/L
		value-quantity=gt0.054|http://unitsofmeasure.org|g/L value-quantity=gt1 value-quantity=5.5|http://unitsofmeasure.org|mg/dL
		value-quantity=ne5.4|http://unitsofmeasure.org|mg/dL value-quantity=0.054|http://unitsofmeasure.org|no-unit`, false)
	check(t, d, `value-quantity=ge0.054|http://unitsofmeasure.org|g/L value-quantity=lt5.5|http://unitsofmeasure.org|mg/dL value-quantity=ap5|http://unitsofmeasure.org|mg/dL
		value-quantity=lt1 value-quantity=ne6|http://unitsofmeasure.org|mg/dL value-quantity:missing=false`, true)
	check(t, measured(t, "5", "TAB"), `value-quantity=5|http://unitsofmeasure.org|TAB value-quantity=5||TAB`, true)
	check(t, measured(t, "7.4", "[pH]"), `value-quantity=gt0|http://unitsofmeasure.org|mol/L`, false)
}

// The implicit range of a number is that of the unit it is asked in.
func TestImplicitRangeOfAUnit(t *testing.T) {
	for value, found := range map[string]bool{"0.0535": true, "0.05449": true, "0.0545": false, "0.05349": false} {
		d := measured(t, value, "g/L")
		for _, asked := range []string{"5.4", "0.054"} {
			unit := map[string]string{"5.4": "mg/dL", "0.054": "g/L"}[asked]
			if got := (searchtest.Set{d}).Match(parse(t, "Observation", "value-quantity="+inUnit(asked, unit)), d); got != found {
				t.Errorf("%s g/L is found by %s %s: %v", value, asked, unit, got)
			}
		}
	}
}

func TestRangesAndComparatorsOfUnits(t *testing.T) {
	d := doc(t, `{"resourceType":"Condition","id":"1","onsetRange":{"low":{"value":24,"system":"http://unitsofmeasure.org","code":"mo"},"high":{"value":36,"system":"http://unitsofmeasure.org","code":"mo"}}}`)
	check(t, d, `onset-age=ge2|http://unitsofmeasure.org|a onset-age=lt30|http://unitsofmeasure.org|mo onset-age=sa1|http://unitsofmeasure.org|a`, true)
	check(t, d, `onset-age=gt3|http://unitsofmeasure.org|a onset-age=2|http://unitsofmeasure.org|a`, false)
	below := doc(t, `{"resourceType":"Observation","id":"1","valueQuantity":{"value":0.01,"comparator":"<","system":"http://unitsofmeasure.org","code":"g/L"}}`)
	check(t, below, `value-quantity=lt1|http://unitsofmeasure.org|mg/dL value-quantity=lt0.001|http://unitsofmeasure.org|mg/dL`, true)
	check(t, below, `value-quantity=gt1|http://unitsofmeasure.org|mg/dL`, false)
	mixed := doc(t, `{"resourceType":"Condition","id":"1","onsetRange":{"low":{"value":24,"system":"http://unitsofmeasure.org","code":"mo"},"high":{"value":3,"system":"http://unitsofmeasure.org","code":"a"}}}`)
	check(t, mixed, `onset-age=gt3|http://unitsofmeasure.org|a`, false)
}

// Numbers written to fill the memory neither do so nor fail.
func TestNumbersThatAreNone(t *testing.T) {
	for _, value := range []string{"1e-999999999", "1e308", "-1e-308", "0." + strings.Repeat("0", 500) + "1"} {
		d := measured(t, value, "g/L")
		check(t, d, "value-quantity:missing=false value-quantity=ne5", true)
	}
	q, err := search.Base().ParseQuery("Observation", pairs(t, "value-quantity=1e-999999999|http://unitsofmeasure.org|g/L"), options)
	if err == nil {
		t.Errorf("%v", q)
	}
	check(t, measured(t, "1", strings.Repeat("g.", 1000)+"g"), "value-quantity=1", true)
}

var (
	amountUnits = []string{"mg/dL", "g/dL", "g/L", "ug/mL", "%", "1", "{score}", "mg/g", "kg", "pg", "[lb_av]", "Cel", "[degF]", "K", "mmol/L", "mol/m3", "a", "mo", "s", "mL", "Wb", "V.s"}
	amountSigns = []string{"", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"}
)

func digits(t *rapid.T, label string) string {
	n := rapid.SampledFrom([]int{0, 1, 5, 54, 100, 535, 540, 986, 1000, 5350}).Draw(t, label)
	scale := rapid.IntRange(0, 3).Draw(t, label+" scale")
	return new(big.Rat).SetFrac64(int64(n), []int64{1, 10, 100, 1000}[scale]).FloatString(scale)
}

// A search answers as exact arithmetic does.
func TestAmountsByBruteForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		sent, code := digits(rt, "sent"), rapid.SampledFrom(amountUnits).Draw(rt, "unit")
		sign, value, in := rapid.SampledFrom(amountSigns).Draw(rt, "sign"), digits(rt, "asked"), rapid.SampledFrom(amountUnits).Draw(rt, "in")
		d := measured(t, sent, code)
		for _, name := range []string{"value-quantity=", "code-value-quantity=c$"} {
			got := (searchtest.Set{d}).Match(parse(t, "Observation", name+inUnit(sign+value, in)), d)
			if want := holds(sent, code, sign, value, in); got != want {
				rt.Fatalf("%s%s %s %s, sent as %s %s: %v", name, sign, value, in, sent, code, got)
			}
		}
	})
}

// holds compares by exact arithmetic in the unit that is asked for.
func holds(sent, code, sign, value, in string) bool {
	u, _ := ucum.Parse(code)
	v, _ := ucum.Parse(in)
	n, _ := new(big.Rat).SetString(sent)
	x, ok := ucum.Convert(n, u, v)
	if !ok {
		return false
	}
	y, _ := new(big.Rat).SetString(value)
	_, fraction, _ := strings.Cut(value, ".")
	half := new(big.Rat).SetFrac(big.NewInt(5), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(fraction)+1)), nil))
	if sign == "ap" {
		half.Quo(half.Abs(y), big.NewRat(10, 1))
	}
	low, high := new(big.Rat).Sub(y, half), new(big.Rat).Add(y, half)
	inside := low.Cmp(x) <= 0 && x.Cmp(high) < 0
	switch sign {
	case "":
		return inside
	case "ne":
		return !inside
	case "ap":
		return low.Cmp(x) <= 0 && x.Cmp(high) <= 0
	case "gt", "sa":
		return x.Cmp(y) > 0
	case "lt", "eb":
		return x.Cmp(y) < 0
	case "ge":
		return x.Cmp(y) >= 0
	}
	return x.Cmp(y) <= 0
}

// What amounts to more sorts after it, whatever the units.
func TestAmountsSort(t *testing.T) {
	sort := search.Sort{Param: parse(t, "Observation", "_sort=value-quantity").Sort[0].Param}
	key := func(value, code string) float64 {
		d := doc(t, `{"resourceType":"Observation","id":"1","valueQuantity":{"value":`+value+`,"system":"http://unitsofmeasure.org","code":"`+code+`"}}`)
		var rows []float64
		known := slices.ContainsFunc(d.Entries.Quantities, func(q search.QuantityEntry) bool { return q.System != 0 })
		for _, q := range d.Entries.Quantities {
			if lo, _, comparable := q.SortBounds(); comparable == known && q.Param == sort.Param.Number {
				rows = append(rows, lo)
			}
		}
		return slices.Min(rows)
	}
	for _, amounts := range []string{"100 mg/dL,2 g/L,13.5 g/dL,0.2 kg/L", "1 %,0.05 1,60 mg/g,0.5 {ratio}", "5 pg,1 ng,1 g,1 kg,3 [lb_av]", "30 Cel,98.6 [degF],311 K"} {
		last := -1.0
		for amount := range strings.SplitSeq(amounts, ",") {
			value, code, _ := strings.Cut(amount, " ")
			if k := key(value, code); k <= last {
				t.Errorf("%s: %s sorts at %v, not after %v", amounts, amount, k, last)
			} else {
				last = k
			}
		}
	}
}
