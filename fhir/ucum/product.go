package ucum

import "strings"

// Product writes the code of the product of two units: the square of a unit as
// UCUM writes it ("cm2"), "mg.L" otherwise.
func Product(a, b string) string {
	switch {
	case b == "1":
		return a
	case a == "1":
		return b
	case a == b && simple(a):
		return a + "2"
	}
	return left(a) + "." + right(b)
}

// Quotient writes the code of a unit over another: "mg/L", "mg/(mg/dL)".
func Quotient(a, b string) string {
	switch {
	case b == "1":
		return a
	case a == b:
		return "1"
	case a == "1":
		return "/" + right(b)
	}
	return left(a) + "/" + right(b)
}

// simple tells a code that is one unit without an exponent, so that it takes one.
func simple(code string) bool {
	p := &parser{code: code}
	symbol, err := p.symbol()
	return err == nil && symbol == code && code != "10*" && code != "10^"
}

// left is a code as it stands before an operator: a leading slash would take
// what follows the operator under it.
func left(code string) string {
	if strings.HasPrefix(code, "/") {
		return "1" + code
	}
	return code
}

// right is a code as it stands behind an operator, which binds as tightly as
// those within it.
func right(code string) string {
	if strings.ContainsAny(visible(code), "./") {
		return "(" + left(code) + ")"
	}
	return code
}

// visible is a code without what stands in brackets and braces.
func visible(code string) string {
	depth := 0
	return strings.Map(func(c rune) rune {
		switch c {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		if depth > 0 {
			return -1
		}
		return c
	}, code)
}
