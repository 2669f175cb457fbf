package ucum

import (
	"slices"
	"strconv"
	"strings"
)

// bases are the base units, in the order of a dimension's exponents.
var bases = [...]string{"m", "s", "g", "rad", "K", "C", "cd", "mol", "eq"}

// dimension tells what a unit measures: the exponents of the base units, and the
// arbitrary units with theirs, as written in a canonical code.
type dimension struct {
	exponents [len(bases)]int16
	arbitrary string
}

func baseDimension(code string) dimension {
	var d dimension
	d.exponents[slices.Index(bases[:], code)] = 1
	return d
}

// maxExponent bounds exponents, as written and as they add up.
const maxExponent = 99

// raise takes another dimension into d, to the power n; false when an exponent
// becomes too large.
func (d *dimension) raise(by dimension, n int) bool {
	for i, e := range by.exponents {
		sum := int(d.exponents[i]) + int(e)*n
		if sum > maxExponent || sum < -maxExponent {
			return false
		}
		d.exponents[i] = int16(sum)
	}
	if by.arbitrary != "" {
		d.arbitrary = multiplied(d.arbitrary, by.arbitrary, n)
	}
	return true
}

// multiplied joins two products of arbitrary units.
func multiplied(a, b string, n int) string {
	exponents := map[string]int{}
	add(exponents, a, 1)
	add(exponents, b, n)
	var factors []string
	for code, e := range exponents {
		if e != 0 {
			factors = append(factors, power(code, e))
		}
	}
	slices.Sort(factors)
	return strings.Join(factors, ".")
}

// add reads a product of arbitrary units, all of which end with a bracket.
func add(exponents map[string]int, product string, n int) {
	for product != "" {
		end := strings.IndexByte(product, ']') + 1
		code, rest := product[:end], product[end:]
		exponent, rest, _ := strings.Cut(rest, ".")
		e, err := strconv.Atoi(exponent)
		if err != nil {
			e = 1
		}
		exponents[code] += e * n
		product = rest
	}
}

func power(code string, exponent int) string {
	if exponent == 1 {
		return code
	}
	return code + strconv.Itoa(exponent)
}

// String is the product of base units, "1" for numbers.
func (d dimension) String() string {
	var factors []string
	for i, e := range d.exponents {
		if e != 0 {
			factors = append(factors, power(bases[i], int(e)))
		}
	}
	if d.arbitrary != "" {
		factors = append(factors, d.arbitrary)
	}
	if len(factors) == 0 {
		return "1"
	}
	slices.Sort(factors)
	return strings.Join(factors, ".")
}
