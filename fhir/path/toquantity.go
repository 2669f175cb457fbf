package path

import (
	"regexp"
)

var quantityText = regexp.MustCompile(`^([+-]?\d+(?:\.\d+)?)\s*(?:'([^']+)'|([a-zA-Z]+))?$`)

func asQuantity(v any) (quantity, bool) {
	switch v := v.(type) {
	case quantity:
		return v, true
	case bool:
		return quantity{fromInt(map[bool]int64{true: 1}[v]), "1", false}, true
	case int64, long, decimal:
		d, _ := numeric(v)
		return quantity{d, "1", false}, true
	case string:
		return readQuantity(v)
	}
	return quantity{}, false
}

// readQuantity reads a number with a UCUM code in quotes or a calendar word.
func readQuantity(s string) (quantity, bool) {
	m := quantityText.FindStringSubmatch(s)
	if m == nil {
		return quantity{}, false
	}
	d, err := parseDecimal(m[1])
	switch {
	case err != nil:
		return quantity{}, false
	case m[3] != "":
		word, ok := calendar[m[3]]
		return quantity{d, word, true}, ok
	case m[2] != "":
		return quantity{d, m[2], false}, true
	}
	return quantity{d, "1", false}, true
}

// wanted converts the input to a Quantity, of the unit of the argument if
// there is one.
func wanted(r *run, s *scope, in []Item, args []eval) (q quantity, ok bool, err error) {
	v, ok, err := convertible(in)
	if err != nil || !ok {
		return q, false, err
	}
	if q, ok = asQuantity(v); !ok || len(args) == 0 {
		return q, ok, nil
	}
	code, given, err := r.text(s, args[0])
	if err != nil || !given {
		return q, err == nil, err
	}
	target := quantity{fromInt(1), code, false}
	if word, ok := calendar[code]; ok {
		target.unit, target.calendar = word, true
	}
	if target.code() == q.code() {
		return q, true, nil
	}
	q, ok = q.in(target)
	return q, ok, nil
}

func toQuantity(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	q, ok, err := wanted(r, s, in, args)
	if ok && err == nil {
		out = append(out, computed(q))
	}
	return out, err
}

func convertsToQuantity(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	if len(in) == 0 {
		return out, nil
	}
	_, ok, err := wanted(r, s, in, args)
	return boolean(out, ok), err
}
