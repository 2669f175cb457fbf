package mydata

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tributary/config/program"
	"tributary/fhir/tree"
)

const coded = `"system":"http://unitsofmeasure.org"`

func quantityIn(value, unit string) string {
	return fmt.Sprintf(`{"value":%s,"unit":%q,%s,"code":%q}`, value, unit, coded, unit)
}

// observed is an Observation of a LOINC code; more are members of JSON.
func observed(code, value string, more ...string) string {
	members := append([]string{fmt.Sprintf(`"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":%q}],"text":"of %s"}`, code, code)}, more...)
	if value != "" {
		members = append(members, `"valueQuantity":`+value)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// ranged is a reference range.
func ranged(low, high, more string) string {
	var ends []string
	if low != "" {
		ends = append(ends, `"low":`+low)
	}
	if high != "" {
		ends = append(ends, `"high":`+high)
	}
	return `"referenceRange":[{` + strings.Join(ends, ",") + more + `}]`
}

// gathered are the quantities of Observations, the newest first, a day apart.
func gathered(t testing.TB, observations ...string) []*Quantity {
	t.Helper()
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	return gatheredIn(t, study, observations...)
}

func gatheredIn(t testing.TB, study *program.Study, observations ...string) []*Quantity {
	t.Helper()
	g := group{study: study, by: map[string]*Quantity{}}
	newest := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	for i, src := range observations {
		root, err := tree.Parse([]byte(src))
		if err != nil {
			t.Fatalf("%v: %s", err, src)
		}
		g.add(root, Entry{Type: observation, ID: fmt.Sprint("o", i)}, When{newest.AddDate(0, 0, -i), Minute})
	}
	for _, q := range g.order {
		for i := range q.Series {
			slices.Reverse(q.Series[i].Points)
		}
	}
	return g.order
}

// All values of a quantity are in the unit of the newest, exactly converted; what was
// written otherwise is told. Other dimensions are other quantities.
func TestOneUnitForAQuantity(t *testing.T) {
	all := gathered(t, observed("2345-7", quantityIn("90", "mg/dL")), observed("2345-7", quantityIn("1.05", "g/L")), observed("2345-7", quantityIn("1.00", "kg/m3")),
		observed("2345-7", quantityIn("5.0", "mmol/L")), observed("8310-5", quantityIn("37.0", "Cel")), observed("8310-5", quantityIn("98.6", "[degF]")))
	if len(all) != 3 {
		t.Fatalf("%d quantities", len(all))
	}
	sugar, molar, warmth := all[0], all[1], all[2]
	var got []string
	for _, p := range sugar.Series[0].Points {
		got = append(got, plainly{}.Number(p.Value, p.Decimals)+"("+p.Was+")")
	}
	if sugar.Unit != "mg/dL" || sugar.ID != "o0" || strings.Join(got, " ") != "100(1.00 kg/m³) 105(1.05 g/L) 90()" {
		t.Errorf("%s, %s in %s", sugar.ID, got, sugar.Unit)
	}
	if molar.Unit != "mmol/L" || len(molar.Series[0].Points) != 1 {
		t.Errorf("%+v", molar)
	}
	if p := warmth.Series[0].Points[0]; math.Abs(p.Value-37) > 1e-9 || warmth.Unit != "°C" || p.Was != "98.6 °F" {
		t.Errorf("%+v in %s", p, warmth.Unit)
	}
}

// A blood pressure is one quantity of two series.
func TestComponentsAreSeries(t *testing.T) {
	part := func(code, value string) string {
		return fmt.Sprintf(`{"code":{"coding":[{"system":"http://loinc.org","code":%q}]},"valueQuantity":%s}`, code, quantityIn(value, "mm[Hg]"))
	}
	all := gathered(t, observed("85354-9", "", `"component":[`+part("8480-6", "118")+","+part("8462-4", "76")+`]`), observed("85354-9", "", `"component":[`+part("8462-4", "80")+`]`))
	if len(all) != 1 || len(all[0].Series) != 2 || all[0].Unit != "mmHg" {
		t.Fatalf("%+v", all)
	}
	if n, m := len(all[0].Series[0].Points), len(all[0].Series[1].Points); n != 1 || m != 2 {
		t.Errorf("%d and %d points", n, m)
	}
	if all[0].Named.In("es") == "" || all[0].Series[0].Named.In("en") == "" {
		t.Error("the study's own names are not there")
	}
}

func TestWhatCannotBeDrawn(t *testing.T) {
	for _, src := range []string{
		observed("1", ""), observed("1", `{"value":5,"unit":"steps a day"}`), observed("1", `{"unit":"mg"}`), observed("1", quantityIn("1e99", "mg")),
		observed("1", quantityIn("7.4", "[pH]")), `{"resourceType":"Observation","code":{},"valueQuantity":` + quantityIn("1", "mg") + `}`, observed("1", "", `"valueString":"90 mg"`),
	} {
		if all := gathered(t, src); len(all) != 0 {
			t.Errorf("%s is drawn: %+v", src, all[0])
		}
	}
}

func TestLevels(t *testing.T) {
	mg := func(v string) string { return quantityIn(v, "mg/dL") }
	says := func(code string) string {
		return `"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"` + code + `"}]}]`
	}
	compared := `{"comparator":"<","value":10,"unit":"mg/dL",` + coded + `,"code":"mg/dL"}`
	for src, want := range map[string]Level{
		observed("1", mg("80"), ranged(mg("70"), mg("99"), "")):                                         Usual,
		observed("1", mg("70"), ranged(mg("70"), mg("99"), "")):                                         Usual,
		observed("1", mg("99.0"), ranged(mg("70"), mg("99"), "")):                                       Usual,
		observed("1", mg("69.9"), ranged(mg("70"), mg("99"), "")):                                       Below,
		observed("1", mg("99.1"), ranged(mg("70"), mg("99"), "")):                                       Above,
		observed("1", mg("5"), ranged("", mg("99"), "")):                                                Usual,
		observed("1", mg("500"), ranged(mg("70"), "", "")):                                              Usual,
		observed("1", mg("100"), ranged(quantityIn("0.7", "g/L"), quantityIn("0.99", "g/L"), "")):       Above, // in another unit
		observed("1", mg("100"), ranged(`{"value":70}`, `{"value":99}`, "")):                            Above, // in the value's unit
		observed("1", mg("100"), ranged(quantityIn("70", "mm"), quantityIn("99", "mm"), "")):            "",    // of another dimension
		observed("1", mg("100"), ranged(mg("1"), mg("2"), `,"type":{"coding":[{"code":"treatment"}]}`)): "",
		observed("1", mg("100"), ranged(mg("1"), mg("2"), `,"type":{"coding":[{"code":"normal"}]}`)):    Above,
		observed("1", mg("100"), ranged(mg("70"), mg("99"), ""), says("N")):                             Usual, // as the record says
		observed("1", mg("80"), ranged(mg("70"), mg("99"), ""), says("HH")):                             Above,
		observed("1", mg("80"), says("A")):                                                              Other,
		observed("1", mg("80"), says("POS")):                                                            "",
		observed("1", mg("80")):                                                                         "",
		observed("1", compared, ranged(mg("70"), mg("99"), "")):                                         "",
		observed("1", "", says("L")):                                                                    Below,
	} {
		root, err := tree.Parse([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		if got := levelOf(root); got != want {
			t.Errorf("%s is %q, want %q", src, got, want)
		}
		if want.Unusual() != (want.Text() != "" && want != Usual) {
			t.Errorf("%q has the words %q", want, want.Text())
		}
	}
}

// What the study measures has the range beyond which its protocol has something to say.
func TestUsualRangeOfTheProtocol(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, m := range study.Protocol.Measures {
		all := gatheredIn(t, study, observed(m.Code, quantityIn("1", m.Unit)))
		if len(all) == 0 {
			continue
		}
		if p := all[0].Series[0].Points[0]; p.Low != nil || p.High != nil {
			found++
			if p.Low != nil && p.High != nil && *p.Low > *p.High {
				t.Errorf("%s: from %v to %v", m.ID, *p.Low, *p.High)
			}
		}
	}
	if found == 0 {
		t.Error("the protocol says nothing of any value")
	}
}

// Each value comes once, in the unit of the newest, within a hair of what was written,
// and in the order of time; its level is that of its own range.
func TestSeriesProperties(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	inGrams := map[string]float64{"mg": 1e-3, "g": 1, "kg": 1e3, "ug": 1e-6}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "n")
		var all []string
		var grams []float64
		var units []string
		for range n {
			value, unit := rapid.Float64Range(0.001, 9000).Draw(t, "value"), rapid.SampledFrom([]string{"mg", "g", "kg", "ug"}).Draw(t, "unit")
			text := fmt.Sprintf("%.3f", value)
			all, units = append(all, observed("x", quantityIn(text, unit), ranged(`{"value":10}`, `{"value":100}`, ""))), append(units, unit)
			var exact float64
			_, _ = fmt.Sscan(text, &exact)
			grams = append(grams, exact*inGrams[unit])
		}
		g := group{study: study, by: map[string]*Quantity{}}
		for i, src := range all {
			root, err := tree.Parse([]byte(src))
			if err != nil {
				t.Fatal(err)
			}
			g.add(root, Entry{ID: fmt.Sprint(i)}, When{time.Unix(int64(-i)*86400, 0), Day})
		}
		if len(g.order) != 1 || len(g.order[0].Series) != 1 || len(g.order[0].Series[0].Points) != n {
			t.Fatalf("%+v", g.order)
		}
		for i, p := range g.order[0].Series[0].Points {
			if want := grams[i] / inGrams[units[0]]; math.Abs(p.Value-want) > 1e-9*math.Max(1, math.Abs(want)) {
				t.Fatalf("%v is %v in %s", all[i], p.Value, units[0])
			}
			if (p.Was != "") != (units[i] != units[0]) || p.Decimals < 0 || p.Decimals > mostDecimals {
				t.Fatalf("%+v of %s in %s", p, units[i], units[0])
			}
			if usual := p.Value >= *p.Low && p.Value <= *p.High; usual != (p.Level == Usual) && math.Abs(p.Value-*p.Low) > 1e-9 && math.Abs(p.Value-*p.High) > 1e-9 {
				t.Fatalf("%v between %v and %v is %s", p.Value, *p.Low, *p.High, p.Level)
			}
		}
	})
}
