package path

import (
	"regexp"
	"strconv"
	"strings"
)

// conversion makes a value of one System type out of another; ok is false
// where there is none (FHIRPath, section 5.5).
type conversion func(v any) (result any, ok bool)

// conversionFunctions are toX() and convertsToX() for every type.
var conversionFunctions = conversionTable(conversions)

var conversions = map[string]conversion{
	"Boolean": toBoolean, "Integer": toInteger, "Long": toLong, "Decimal": toDecimal, "String": toText,
	"Date": toTemporal(kindDate), "DateTime": toTemporal(kindDateTime), "Time": toTemporal(kindTime),
}

// SystemItem makes a System value of a text, for Env.Vars: the type is
// "Boolean", "Integer", "Long", "Decimal", "String", "Date", "DateTime", "Time" or
// "Quantity"; false if there is no such type or the text is none of it.
func SystemItem(typ, text string) (Item, bool) {
	if typ == "Quantity" {
		q, ok := readQuantity(text)
		return computed(q), ok
	}
	convert, ok := conversions[typ]
	if !ok {
		return Item{}, false
	}
	v, ok := convert(text)
	return computed(v), ok
}

func conversionTable(conversions map[string]conversion) map[string]function {
	table := map[string]function{
		"toQuantity":         {0, 1, toQuantity, nil},
		"convertsToQuantity": {0, 1, convertsToQuantity, nil},
	}
	for name, c := range conversions {
		table["to"+name] = function{0, 0, converted(c), nil}
		table["convertsTo"+name] = function{0, 0, converts(c), nil}
	}
	return table
}

// convertible gives the value to convert; a FHIR Quantity counts as one.
func convertible(in []Item) (any, bool, error) {
	switch len(in) {
	case 0:
		return nil, false, nil
	case 1:
		if in[0].isQuantity() {
			q, ok := in[0].quantity()
			return q, ok, nil
		}
		return in[0].value(), true, nil
	}
	return nil, false, fail("a conversion expects one item, there are %d", len(in))
}

func converted(c conversion) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		v, ok, err := convertible(in)
		if err != nil || !ok {
			return out, err
		}
		if result, ok := c(v); ok {
			out = append(out, computed(result))
		}
		return out, nil
	}
}

func converts(c conversion) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		v, ok, err := convertible(in)
		if err != nil || !ok {
			return out, err
		}
		_, ok = c(v)
		return boolean(out, ok), nil
	}
}

var booleanWords = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "1": true, "1.0": true,
	"false": false, "f": false, "no": false, "n": false, "0": false, "0.0": false,
}

func toBoolean(v any) (any, bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		b, ok := booleanWords[strings.ToLower(v)]
		return b, ok
	case int64, long, decimal:
		d, _ := numeric(v)
		n, ok := d.integer()
		return n == 1, ok && (n == 0 || n == 1)
	}
	return nil, false
}

func toInteger(v any) (any, bool) {
	switch v := v.(type) {
	case int64:
		return v, true
	case long:
		return int64(v), v == long(int32(v))
	case bool:
		return map[bool]int64{true: 1}[v], true
	case string:
		n, err := strconv.ParseInt(v, 10, 32)
		return n, err == nil
	}
	return nil, false
}

func toLong(v any) (any, bool) {
	switch v := v.(type) {
	case long:
		return v, true
	case int64:
		return long(v), true
	case bool:
		return long(map[bool]int64{true: 1}[v]), true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return long(n), err == nil
	}
	return nil, false
}

var decimalText = regexp.MustCompile(`^[+-]?\d+(\.\d+)?$`)

func toDecimal(v any) (any, bool) {
	switch v := v.(type) {
	case int64, long, decimal:
		return numeric(v)
	case bool:
		return fromInt(map[bool]int64{true: 1}[v]), true
	case string:
		if !decimalText.MatchString(v) {
			return nil, false
		}
		d, err := parseDecimal(v)
		return d, err == nil
	}
	return nil, false
}

func toText(v any) (any, bool) {
	if _, isType := v.(typeInfo); isType || v == nil {
		return nil, false
	}
	return text(v), true
}

// toTemporal reads texts and changes a Date into a DateTime and back.
func toTemporal(kind temporalKind) conversion {
	return func(v any) (any, bool) {
		switch v := v.(type) {
		case string:
			t, ok := parseTemporal(kind, v)
			return t, ok
		case temporal:
			if (kind == kindTime) != (v.kind == kindTime) {
				return nil, false
			}
			if kind == kindDate && v.prec > toDay {
				v = temporal{kind: kindDate, prec: toDay, fields: [6]int{v.fields[0], v.fields[1], v.fields[2]}}
			}
			v.kind = kind
			return v, true
		}
		return nil, false
	}
}
