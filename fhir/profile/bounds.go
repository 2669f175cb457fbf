package profile

import (
	"math/big"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// compare orders an item and a bound: numbers by value, dates and times by their
// text as far as both are precise, quantities of one unit by their value. What
// cannot be compared is taken for equal.
func compare(it item, bound tree.Value) int {
	v := it.node
	switch {
	case bound.Kind() == tree.Object:
		if v.Get("code").Text() != bound.Get("code").Text() || v.Get("system").Text() != bound.Get("system").Text() {
			return 0
		}
		return numbers(v.Get("value"), bound.Get("value"))
	case bound.Kind() == tree.Number:
		return numbers(v, bound)
	case !v.Exists() || !temporal(it.typ):
		return 0
	}
	a, b := v.Text(), bound.Text()
	n := min(len(a), len(b), len("2006-01-02T15:04:05"))
	return strings.Compare(a[:n], b[:n])
}

func temporal(t *model.Type) bool {
	return t != nil && (t.Name == "date" || t.Name == "dateTime" || t.Name == "instant" || t.Name == "time")
}

func numbers(a, b tree.Value) int {
	x, okX := decimal(a)
	y, okY := decimal(b)
	if !okX || !okY {
		return 0
	}
	return x.Cmp(y)
}

// decimal reads a number; one with a huge exponent is none, as it would take all
// memory to write it out.
func decimal(v tree.Value) (*big.Rat, bool) {
	text := v.Text()
	if v.Kind() != tree.Number || len(text) > 64 {
		return nil, false
	}
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok && len(strings.TrimLeft(exponent, "+-0")) > 3 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return big.NewInt(int64(n)).String() + " times"
}
