package ucum

import (
	"errors"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// codes of the table, sorted; ratios are those on a ratio scale.
func codes(ratios bool) []string {
	var all []string
	for code, d := range known().definitions {
		if !ratios || d.function == "" {
			all = append(all, code)
		}
	}
	slices.Sort(all)
	return all
}

// terms draws valid codes of ratio units.
func terms(depth int) *rapid.Generator[string] {
	atoms := codes(true)
	return rapid.Custom(func(t *rapid.T) string {
		if depth == 0 {
			code := rapid.SampledFrom(atoms).Draw(t, "atom")
			if a, _ := known().atom(code); a.metric {
				code = rapid.SampledFrom([]string{"", "", "m", "k", "da", "Ki"}).Draw(t, "prefix") + code
			}
			return code + rapid.SampledFrom([]string{"", "", "2", "-1", "+3", "{x}", "-2{a/b}"}).Draw(t, "exponent")
		}
		left, right := terms(depth-1).Draw(t, "left"), terms(rapid.IntRange(0, depth-1).Draw(t, "depth")).Draw(t, "right")
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			return left + "." + right
		case 1:
			return left + "/" + right
		case 2:
			return "(" + left + ")." + right
		}
		return left + "/(" + right + ")"
	})
}

func rationals() *rapid.Generator[*big.Rat] {
	return rapid.Custom(func(t *rapid.T) *big.Rat {
		return big.NewRat(rapid.Int64Range(-1e12, 1e12).Draw(t, "over"), rapid.Int64Range(1, 1e6).Draw(t, "under"))
	})
}

func drawn(t *rapid.T, code string) *Unit {
	u, err := Parse(code)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestEveryUnitOfTheTable(t *testing.T) {
	for _, code := range codes(false) {
		u := unitOf(t, code)
		if u.magnitude.Sign() <= 0 || u.Canonical() == "" || u.String() != code || u.Code() != code {
			t.Errorf("%s: %v %s", code, u.magnitude, u.Canonical())
		}
		if !Valid(u.Canonical()) || u.Canonical() != unitOf(t, u.Canonical()).Canonical() {
			t.Errorf("%s: %s is not canonical", code, u.Canonical())
		}
	}
	if len(codes(false)) < 300 || Valid("no unit") {
		t.Error("the table is not whole")
	}
}

// There and back again is the same; what converts has one canonical form, and
// what has one converts.
func TestConversion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rationals().Draw(t, "value")
		u, v := drawn(t, terms(2).Draw(t, "from")), drawn(t, terms(2).Draw(t, "to"))
		if (u.Canonical() == v.Canonical()) != u.Convertible(v) {
			t.Fatalf("%s is %s, %s is %s", u, u.Canonical(), v, v.Canonical())
		}
		base := drawn(t, u.Canonical())
		there, ok := Convert(x, u, base)
		if !ok {
			t.Fatalf("%s does not convert to its base units", u)
		}
		if inBase, ok := u.Base(x); !ok || inBase.Cmp(there) != 0 {
			t.Fatalf("%v %s in base units is %v and %v", x, u, inBase, there)
		}
		back, ok := Convert(there, base, u)
		if !ok || back.Cmp(x) != 0 || !Equal(x, u, there, base) {
			t.Fatalf("%v %s comes back as %v", x, u, back)
		}
		if factor, ok := Factor(u, base); !ok || new(big.Rat).Mul(x, factor).Cmp(there) != 0 {
			t.Fatalf("%s: a factor of %v", u, factor)
		}
	})
}

func TestProductsMultiply(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := terms(1).Draw(t, "a"), terms(1).Draw(t, "b")
		u, v := drawn(t, a), drawn(t, b)
		product, quotient := drawn(t, Product(a, b)), drawn(t, Quotient(a, b))
		if want := new(big.Rat).Mul(u.magnitude, v.magnitude); product.magnitude.Cmp(want) != 0 {
			t.Fatalf("%s by %s is %s", a, b, product)
		}
		if want := new(big.Rat).Quo(u.magnitude, v.magnitude); quotient.magnitude.Cmp(want) != 0 {
			t.Fatalf("%s over %s is %s", a, b, quotient)
		}
		if again := drawn(t, Product(Quotient(a, b), b)); !again.Convertible(u) {
			t.Fatalf("%s over and by %s measures another thing: %s", a, b, again)
		}
	})
}

// Scales order their values, and what converts to the ratio comes back, about.
func TestScales(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"Cel", "[degF]", "[degRe]", "[pH]", "dB", "Np", "B[SPL]", "bit_s", "mCel"}).Draw(t, "code")
		u := drawn(t, code)
		x, y := rapid.Float64Range(-10, 10).Draw(t, "x"), rapid.Float64Range(-10, 10).Draw(t, "y")
		base, ok := u.Base(new(big.Rat).SetFloat64(x))
		back, okBack := Convert(base, drawn(t, u.Canonical()), u)
		if !ok || !okBack || !u.Special() {
			t.Fatalf("%v %s has no base value", x, code)
		}
		if f, _ := back.Float64(); f-x > 1e-9 || x-f > 1e-9 || u.Exact() && f != x {
			t.Fatalf("%v %s comes back as %v", x, code, f)
		}
		if _, ok := Factor(u, u); ok {
			t.Fatalf("%s is no multiple", code)
		}
		order, ok := Compare(new(big.Rat).SetFloat64(x), u, new(big.Rat).SetFloat64(y), u)
		if want := map[bool]int{true: -1, false: 1}[(x < y) == (code != "[pH]")]; !ok || x-y > 1e-6 && order != want {
			t.Fatalf("%v and %v %s: %d", x, y, code, order)
		}
	})
}

// FuzzParse: no text makes Parse panic, every error is typed and points into the
// text, and every unit has a canonical form that is one.
func FuzzParse(f *testing.F) {
	for _, code := range []string{"mg/dL", "10*3/uL", "m[H2O]", "[m/s2/Hz^(1/2)]", "/100{WBC}", "((m.s-1)/kg2){x}", "Cel", "10^-3", "m[IU]/mL", "(", "{", "[", "1.1.1"} {
		f.Add(code)
	}
	f.Fuzz(func(t *testing.T, code string) {
		u, err := parse(code)
		if err != nil {
			var fault *Error
			if !errors.As(err, &fault) || fault.Position < 0 || fault.Position > len(code) || fault.Reason == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if c, err := parse(u.Canonical()); err != nil || !c.Convertible(u) {
			t.Fatalf("%s: %s is not canonical: %v", code, u.Canonical(), err)
		}
	})
}
