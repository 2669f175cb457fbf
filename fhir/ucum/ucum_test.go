package ucum

import (
	"errors"
	"math/big"
	"strings"
	"testing"
)

func unitOf(t testing.TB, code string) *Unit {
	t.Helper()
	u, err := Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestConvert(t *testing.T) {
	for _, c := range []struct{ value, from, to, want string }{
		{"5.4", "mg/dL", "g/L", "0.054"}, {"0.054", "g/L", "mg/dL", "5.4"}, {"1", "[lb_av]", "kg", "0.45359237"}, {"1", "[in_i]", "cm", "2.54"},
		{"1", "mmol/L", "umol/dL", "100"}, {"1", "U/L", "nkat/L", "50/3"}, {"760", "mm[Hg]", "kPa", "101.32472"}, {"1", "m[H2O]", "Pa", "9806.65"},
		{"10", "10*3/uL", "10*9/L", "10"}, {"10", "10^3/uL", "10*9/L", "10"}, {"60", "{beats}/min", "Hz", "1"}, {"60", "/min", "/s", "1"}, {"1", "wk", "d", "7"},
		{"37", "Cel", "K", "310.15"}, {"98.6", "[degF]", "Cel", "37"}, {"37", "Cel", "[degF]", "98.6"}, {"0", "K", "[degF]", "-459.67"}, {"80", "[degRe]", "Cel", "100"},
		{"1", "mCel", "K", "273.151"}, {"37", "Cel{oral}", "Cel", "37"}, {"100", "[IU]/L", "m[iU]/mL", "100"}, {"5", "%", "1", "0.05"}, {"1", "[ppm]", "%", "0.0001"},
		{"1", "kg.m/s2", "N", "1"}, {"1", "kg/(m.s2)", "Pa", "1"}, {"1", "m/s/s", "m/s2", "1"}, {"1", "m/(s.s)", "m/s2", "1"}, {"1", "m2", "cm+2", "10000"},
		{"3", "/100{WBC}", "%", "3"}, {"1", "a", "d", "365.25"}, {"1", "[cup_us]", "[tbs_us]", "16"}, {"1", "dar", "m2", "10"}, {"1", "cd", "mcd", "1000"},
		{"1", "[LPF]", "[HPF]", "100"}, {"1", "KiBy", "bit", "8192"}, {"1", "[mesh_i]", "/[in_i]", "1"}, {"2", "[diop]", "/m", "2"}, {"1", "[S]", "s", "1/10000000000000"},
		{"1", "[m/s2/Hz^(1/2)]", "[m/s2/Hz^(1/2)]", "1"}, {"1", "mo", "a", "1/12"}, {"20", "dB", "B", "2"}, {"1", "g{a./(}", "g", "1"},
	} {
		value, _ := new(big.Rat).SetString(c.value)
		want, _ := new(big.Rat).SetString(c.want)
		got, ok := Convert(value, unitOf(t, c.from), unitOf(t, c.to))
		if !ok || got.Cmp(want) != 0 {
			t.Errorf("%s %s is %v %s, want %s", c.value, c.from, got, c.to, c.want)
		}
	}
}

func TestScalesInFloatingPoint(t *testing.T) {
	for _, c := range []struct {
		value    float64
		from, to string
		want     float64
	}{
		{7.4, "[pH]", "nmol/L", 39.8107170553}, {1, "B", "Np", 2.302585092994}, {2, "B[W]", "W", 100}, {2, "B[V]", "V", 10}, {60, "dB[SPL]", "Pa", 0.02},
		{10, "bit_s", "1", 1024}, {2, "[hp'_C]", "1", 1e-4}, {100, "%[slope]", "deg", 45}, {100, "[p'diop]", "deg", 45}, {3, "[m/s2/Hz^(1/2)]", "m2/s3", 9},
	} {
		got, ok := Convert(new(big.Rat).SetFloat64(c.value), unitOf(t, c.from), unitOf(t, c.to))
		if !ok {
			t.Errorf("%v %s does not convert to %s", c.value, c.from, c.to)
			continue
		}
		if f, _ := got.Float64(); f/c.want < 1-1e-9 || f/c.want > 1+1e-9 {
			t.Errorf("%v %s is %v %s, want %v", c.value, c.from, f, c.to, c.want)
		}
	}
	if _, ok := Convert(new(big.Rat), unitOf(t, "mol/L"), unitOf(t, "[pH]")); ok {
		t.Error("nothing at all has a pH")
	}
}

func TestWhatDoesNotConvert(t *testing.T) {
	for a, b := range map[string]string{"mg": "mL", "mol": "1", "meq/L": "mmol/L", "[iU]": "U", "[CFU]/mL": "[PFU]/mL", "[IU]": "1", "[pH]": "1", "Cel": "m", "[iU]2": "[iU]"} {
		if unitOf(t, a).Convertible(unitOf(t, b)) {
			t.Errorf("%s converts to %s", a, b)
		}
	}
}

func TestCanonical(t *testing.T) {
	for code, want := range map[string]string{"mg/dL": "g.m-3", "%": "1", "N": "g.m.s-2", "m[IU]/mL": "[iU].m-3", "[iU]/[iU]": "1", "[CFU]2.k[iU]/mL": "[CFU]2.[iU].m-3",
		"Cel": "K", "kat": "mol.s-1", "{score}": "1", "m/m": "1", "/s": "s-1", "Hz": "s-1"} {
		if got := unitOf(t, code).Canonical(); got != want {
			t.Errorf("%s: %s, want %s", code, got, want)
		}
	}
}

func TestRefusals(t *testing.T) {
	for code, want := range map[string]Error{
		"":                              {Position: 0, Reason: "a unit is expected here"},
		"mg/":                           {Position: 3, Reason: "a unit is expected here"},
		"mg dL":                         {Position: 0, Reason: `there is no unit "mg dL"`},
		"mcg":                           {Position: 0, Reason: `there is no unit "mcg"`},
		"mmHg":                          {Position: 0, Reason: `there is no unit "mmHg"; "mm[Hg]" may be meant`},
		"MG/DL":                         {Position: 3, Reason: `there is no unit "DL"`},
		"IU/L":                          {Position: 0, Reason: `there is no unit "IU"; "[IU]" may be meant`},
		"g/Cel":                         {Position: 2, Reason: "a unit with a scale of its own, such as Cel or [pH], stands alone"},
		"Cel2":                          {Position: 0, Reason: "a unit with a scale of its own, such as Cel or [pH], has no powers"},
		"k[in_i]":                       {Position: 0, Reason: `there is no unit "k[in_i]"`},
		"(/s)":                          {Position: 1, Reason: "a unit is expected here"},
		"(m.s)2":                        {Position: 5, Reason: "an operator or the end is expected here"},
		"m{a}2":                         {Position: 4, Reason: "an operator or the end is expected here"},
		"(m":                            {Position: 0, Reason: "this parenthesis is not closed"},
		"m{a b}":                        {Position: 3, Reason: "an annotation takes visible ASCII characters without braces and blanks"},
		"m{a":                           {Position: 1, Reason: "this annotation is not closed"},
		"m[H2O":                         {Position: 1, Reason: "this bracket is not closed"},
		"m-":                            {Position: 1, Reason: "digits are expected after a sign"},
		"m100":                          {Position: 1, Reason: "an exponent is out of range"},
		"m99.m":                         {Position: 4, Reason: "an exponent is out of range"},
		"0.m":                           {Position: 0, Reason: "a number is 0 or too large"},
		"1.5":                           {Position: -1},
		"pc99.pc-99":                    {Position: -1},
		"Ym99/ym99":                     {Position: 5, Reason: "it amounts to too large or too small a number"},
		strings.Repeat("m.", 200) + "m": {Position: 256, Reason: "it is too long"},
		strings.Repeat("(", 30) + "m":   {Position: 20, Reason: "parentheses are nested too deeply"},
	} {
		_, err := Parse(code)
		var got *Error
		switch {
		case want.Position < 0 && err != nil:
			t.Errorf("%q: %v", code, err)
		case want.Position < 0:
		case !errors.As(err, &got) || got.Position != want.Position || got.Reason != want.Reason:
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		x, u, y, v string
		order      int
		ok         bool
	}{
		{"1", "mmol/L", "500", "umol/L", 1, true}, {"1", "mg", "1", "mg", 0, true}, {"1", "mg", "1", "mL", 0, false}, {"37", "Cel", "98.6", "[degF]", 0, true},
		{"7.4", "[pH]", "7.3", "[pH]", -1, true}, {"2", "dB", "1", "dB", 1, true}, {"1000000", "[hp'_X]", "1", "1", -1, true},
	} {
		x, _ := new(big.Rat).SetString(c.x)
		y, _ := new(big.Rat).SetString(c.y)
		order, ok := Compare(x, unitOf(t, c.u), y, unitOf(t, c.v))
		if order != c.order || ok != c.ok || Equal(x, unitOf(t, c.u), y, unitOf(t, c.v)) != (ok && order == 0) {
			t.Errorf("%s %s beside %s %s: %d, %v", c.x, c.u, c.y, c.v, order, ok)
		}
	}
}

func TestProducts(t *testing.T) {
	for _, c := range []struct{ a, b, product, quotient string }{
		{"cm", "cm", "cm2", "1"}, {"mg", "L", "mg.L", "mg/L"}, {"mg", "mg/dL", "mg.(mg/dL)", "mg/(mg/dL)"}, {"mg/dL", "dL", "mg/dL.dL", "mg/dL/dL"},
		{"mg", "1", "mg", "mg"}, {"1", "mg", "mg", "/mg"}, {"1", "mg/dL", "mg/dL", "/(mg/dL)"}, {"/min", "min", "1/min.min", "1/min/min"}, {"mL", "/min", "mL.(1/min)", "mL/(1/min)"},
		{"10*", "10*", "10*.10*", "1"}, {"[m/s2/Hz^(1/2)]", "{a/b}", "[m/s2/Hz^(1/2)].{a/b}", "[m/s2/Hz^(1/2)]/{a/b}"}, {"cm2", "cm2", "cm2.cm2", "1"},
	} {
		if got := Product(c.a, c.b); got != c.product {
			t.Errorf("%s by %s: %s", c.a, c.b, got)
		}
		if got := Quotient(c.a, c.b); got != c.quotient {
			t.Errorf("%s over %s: %s", c.a, c.b, got)
		}
	}
}

// Whoever sends many codes cannot make the memory of them grow.
func TestRecentIsBounded(t *testing.T) {
	for n := range 3 * maxKept {
		Parse("{" + strings.Repeat("a", n%200) + string(rune('a'+n%26)) + string(rune('a'+n/26%26)) + string(rune('a'+n/676%26)) + "}") //nolint:errcheck
	}
	Parse(strings.Repeat("x", 10*maxCode)) //nolint:errcheck
	if len(recent.units) > maxKept {
		t.Errorf("%d codes are kept", len(recent.units))
	}
	if _, ok := recent.units[strings.Repeat("x", 10*maxCode)]; ok {
		t.Error("a text of any length is kept")
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("10*3/uL"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parse("10*3/uL"); err != nil {
			b.Fatal(err)
		}
	}
}
