package patch

import (
	"strconv"
	"strings"

	"tributary/fhir/tree"
)

// equal compares as the operation test does (RFC 6902, section 4.6): numbers by
// their value, objects whatever the order of their members.
func equal(a, b tree.Value) bool {
	if a.Kind() != b.Kind() || a.Len() != b.Len() {
		return false
	}
	switch a.Kind() {
	case tree.Object:
		return equalMembers(a, b)
	case tree.Array:
		return equalItems(a, b)
	case tree.Number:
		return decimalOf(a.Text()) == decimalOf(b.Text())
	}
	return a.Text() == b.Text()
}

func equalItems(a, b tree.Value) bool {
	y := b.First()
	for x := range a.Elements() {
		if !equal(x, y) {
			return false
		}
		y = y.Next()
	}
	return true
}

func equalMembers(a, b tree.Value) bool {
	members := make(map[string]tree.Value, b.Len())
	for name, v := range b.Members() {
		members[name] = v
	}
	for name, v := range a.Members() {
		other, there := members[name]
		if !there || !equal(v, other) {
			return false
		}
	}
	return true
}

// decimal is a number in one form of many: digits without zeros around them, and
// where the decimal point stands before them.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

func decimalOf(literal string) decimal {
	mantissa, power, _ := strings.Cut(strings.ToLower(literal), "e")
	exponent, _ := strconv.Atoi(strings.TrimPrefix(power, "+")) // out of range saturates
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := whole + fraction
	exponent += len(whole)
	trimmed := strings.TrimLeft(digits, "0")
	if trimmed == "" {
		return decimal{}
	}
	return decimal{negative, strings.TrimRight(trimmed, "0"), exponent - (len(digits) - len(trimmed))}
}
