package synth

import (
	"strings"
	"testing"
)

// checkDigits say how each code system guards against a mistyped code.
var checkDigits = map[string]func(digits string) bool{
	loincSystem:  luhn,     // LOINC Users' Guide: mod 10
	snomedSystem: verhoeff, // SNOMED CT technical guide: Verhoeff over the whole identifier
	npiSystem:    func(npi string) bool { return luhn("80840" + npi) },
}

func TestCheckDigits(t *testing.T) {
	if luhn("45484") != true || luhn("45485") != false || verhoeff("44054006") != true || verhoeff("44054007") != false {
		t.Fatal("the checks themselves are wrong")
	}
	seen := map[string]int{}
	all := everyone(t)
	for _, b := range New(Options{}).Infrastructure() {
		all = append(all, parse(t, b))
	}
	for _, p := range all {
		for _, e := range p.Entry {
			walk(e.Resource, "", nil, func(_ string, v any, _ map[string]any) {
				c, _ := v.(map[string]any)
				system, _ := c["system"].(string)
				code, isCode := c["code"].(string)
				if !isCode {
					code, _ = c["value"].(string)
				}
				if check := checkDigits[system]; check != nil {
					seen[system]++
					if !check(strings.ReplaceAll(code, "-", "")) {
						t.Errorf("%s has no code %s (%v)", system, code, c["display"])
					}
				}
			})
		}
	}
	if len(seen) != len(checkDigits) {
		t.Errorf("looked only at %v", seen)
	}
}

func luhn(number string) bool {
	sum := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// verhoeff multiplies in the dihedral group of the pentagon.
func verhoeff(number string) bool {
	permutation := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range number {
		d := int(number[len(number)-1-i] - '0')
		for range i % 8 {
			d = permutation[d]
		}
		c = dihedral(c, d)
	}
	return c == 0
}

// dihedral: 0–4 are rotations, 5–9 reflections.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b)%5
	case b < 5:
		return 5 + (a-b)%5
	}
	return (a - b + 5) % 5
}

// tableCodes are the codes of what is too rare to turn up in any population.
func tableCodes() []coding {
	var all []coding
	for _, d := range append(chronicDiseases[:len(chronicDiseases):len(chronicDiseases)], acuteDiseases...) {
		all = append(all, d.code)
	}
	for _, c := range procedures {
		all = append(all, c)
	}
	for _, i := range implants {
		all = append(all, i.code)
	}
	for _, a := range allergens {
		all = append(append(all, a.code), a.reactions...)
	}
	for _, a := range analytes {
		all = append(all, a.code)
	}
	for _, p := range panels {
		all = append(all, p.code)
	}
	for _, k := range visitKinds {
		all = append(all, k.code, k.note)
	}
	return all
}

func TestTableCheckDigits(t *testing.T) {
	for _, c := range tableCodes() {
		check := checkDigits[c.System]
		if c.Code == "" || check != nil && !check(strings.ReplaceAll(c.Code, "-", "")) {
			t.Errorf("%s has no code %q (%s)", c.System, c.Code, c.Display)
		}
	}
}
