package mydata

import (
	"math/big"
	"strconv"
	"strings"

	"tributary/fhir/tree"
	"tributary/fhir/ucum"
)

// Level is how a value stands to the range that is usual.
type Level string

// The levels; without a range or a word about it there is none.
const (
	Usual Level = "usual"
	Below Level = "below"
	Above Level = "above"
	Other Level = "other"
)

// levels are the words for them.
var levels = map[Level]string{
	Usual: "in the usual range", Below: "below the usual range", Above: "above the usual range", Other: "not as usual",
}

// Text is the level in words, English; "" of none.
func (l Level) Text() string { return levels[l] }

// brief are the words for them where there is little room.
var brief = map[Level]string{Usual: "usual", Below: "low", Above: "high", Other: "not as usual"}

// Brief is the level in a word or two, English; "" of none.
func (l Level) Brief() string { return brief[l] }

// Unusual tells whether it is worth a word.
func (l Level) Unusual() bool { return l != "" && l != Usual }

// interpretations are the codes of v3 ObservationInterpretation that say how a value
// stands to the range.
var interpretations = map[string]Level{
	"N": Usual, "L": Below, "LL": Below, "LU": Below, "<": Below, "H": Above, "HH": Above, "HU": Above, ">": Above, "A": Other, "AA": Other,
}

// levelOf believes what the record says of its value; where it says nothing, the range
// is compared.
func levelOf(root tree.Value) Level {
	for concept := range root.Get("interpretation").Elements() {
		for c := range concept.Get("coding").Elements() {
			if l, ok := interpretations[c.Get("code").Text()]; ok {
				return l
			}
		}
	}
	value, ok := amountOf(root.Get("valueQuantity"))
	if !ok {
		return ""
	}
	r, ok := rangeOf(root, value.unit, value.unit)
	if !ok || value.compared {
		return ""
	}
	return r.level(value.value)
}

// amount is a quantity whose unit is understood.
type amount struct {
	value    *big.Rat
	unit     *ucum.Unit
	compared bool // it is less or more than the value
}

func amountOf(q tree.Value) (amount, bool) {
	value, ok := decimal(q.Get("value").Text())
	if !ok {
		return amount{}, false
	}
	code := q.Get("code").Text()
	if code == "" {
		code = q.Get("unit").Text()
	}
	unit, err := ucum.Parse(code)
	return amount{value, unit, q.Get("comparator").Exists()}, err == nil
}

// decimal reads a FHIR decimal; one with an exponent of which nobody measures anything
// is refused, for it could not be held.
func decimal(text string) (*big.Rat, bool) {
	if _, exponent, ok := strings.Cut(strings.ToLower(text), "e"); ok {
		if n, err := strconv.Atoi(exponent); err != nil || n < -30 || n > 30 {
			return nil, false
		}
	}
	if len(text) > 60 {
		return nil, false
	}
	return new(big.Rat).SetString(text)
}

// band is a range in some unit; an end may be open.
type band struct{ low, high *big.Rat }

func (b band) level(v *big.Rat) Level {
	switch {
	case b.low != nil && v.Cmp(b.low) < 0:
		return Below
	case b.high != nil && v.Cmp(b.high) > 0:
		return Above
	}
	return Usual
}

// normal is the code of a range that is the usual one (R4, value set
// referencerange-meaning).
const normal = "normal"

// rangeOf is the usual range of an Observation or of a part of one: the first that is not
// said to be another kind of range, in the unit that is asked for. An end without a unit
// has that of the value, own.
func rangeOf(v tree.Value, own, unit *ucum.Unit) (band, bool) {
	for r := range v.Get("referenceRange").Elements() {
		if t := conceptCode(r.Get("type")); t != "" && t != normal {
			continue
		}
		b := band{endOf(r.Get("low"), own, unit), endOf(r.Get("high"), own, unit)}
		if b.low != nil || b.high != nil {
			return b, true
		}
	}
	return band{}, false
}

// endOf is one end of a range; nil where it is open, or in a unit that says nothing of
// the value.
func endOf(q tree.Value, own, unit *ucum.Unit) *big.Rat {
	value, ok := decimal(q.Get("value").Text())
	if !ok {
		return nil
	}
	if q.Get("code").Exists() || q.Get("unit").Exists() {
		a, ok := amountOf(q)
		if !ok {
			return nil
		}
		own = a.unit
	}
	if value, ok = ucum.Convert(value, own, unit); !ok {
		return nil
	}
	return value
}
