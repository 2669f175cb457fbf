package path

import "math"

// mathFunctions are those of FHIRPath, section 5.7.
var mathFunctions = map[string]function{
	"abs":      {0, 0, abs, nil},
	"ceiling":  {0, 0, whole(func(d decimal) decimal { return d.neg().floor().neg() }), nil},
	"floor":    {0, 0, whole(decimal.floor), nil},
	"truncate": {0, 0, whole(truncated), nil},
	"round":    {0, 1, round, nil},
	"exp":      {0, 0, float(math.Exp), nil},
	"ln":       {0, 0, float(math.Log), nil},
	"sqrt":     {0, 0, float(math.Sqrt), nil},
	"log":      {1, 1, log, nil},
	"power":    {1, 1, power, nil},
}

func truncated(d decimal) decimal {
	if d.unscaled.Sign() < 0 {
		return d.neg().floor().neg()
	}
	return d.floor()
}

// inputNumber is the one number that a function works on.
func inputNumber(in []Item) (decimal, bool, error) {
	v, ok, err := input[any](in, "a number")
	if err != nil || !ok {
		return decimal{}, false, err
	}
	d, ok := numeric(v)
	if !ok {
		return d, false, fail("a number is expected, there is %s", in[0].Type())
	}
	return d, true, nil
}

func abs(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	if len(in) == 1 && in[0].isQuantity() {
		if q, ok := in[0].quantity(); ok {
			out = append(out, computed(quantity{q.value.abs(), q.unit, q.calendar}))
		}
		return out, nil
	}
	d, ok, err := inputNumber(in)
	if err != nil || !ok {
		return out, err
	}
	return append(out, computed(likeInput(in[0], d.abs()))), nil
}

// likeInput is an Integer or Long again where the input was one.
func likeInput(i Item, d decimal) any {
	n, whole := d.integer()
	switch v := i.value(); {
	case whole && isInteger(v):
		return n
	case whole && isLong(v):
		return long(n)
	}
	return d
}

// whole is a function from numbers to integers.
func whole(fn func(decimal) decimal) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		d, ok, err := inputNumber(in)
		if err != nil || !ok {
			return out, err
		}
		if n, ok := fn(d).integer(); ok {
			out = append(out, computed(n))
		}
		return out, nil
	}
}

func round(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	d, ok, err := inputNumber(in)
	if err != nil || !ok {
		return out, err
	}
	digits := int64(0)
	if len(args) > 0 {
		if digits, _, err = r.integer(s, args[0]); err != nil {
			return out, err
		}
	}
	if digits < 0 || digits > maxDigits {
		return out, fail("round() expects a number of digits")
	}
	return append(out, computed(d.round(int(digits)))), nil
}

// float is a function of real numbers, computed in floating point.
func float(fn func(float64) float64) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		d, ok, err := inputNumber(in)
		if err != nil || !ok {
			return out, err
		}
		if result, ok := fromFloat(fn(d.float())); ok {
			out = append(out, computed(result))
		}
		return out, nil
	}
}

// numberAndArgument is the input and the argument as numbers.
func numberAndArgument(r *run, s *scope, in []Item, arg eval) (d, e decimal, ok bool, err error) {
	d, ok, err = inputNumber(in)
	if err != nil || !ok {
		return d, e, false, err
	}
	i, ok, err := r.single(s, arg)
	if err != nil || !ok {
		return d, e, false, err
	}
	e, ok, err = inputNumber([]Item{i})
	return d, e, ok, err
}

func log(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	d, base, ok, err := numberAndArgument(r, s, in, args[0])
	if err != nil || !ok {
		return out, err
	}
	if result, ok := fromFloat(logarithm(d.float(), base.float())); ok {
		out = append(out, computed(result))
	}
	return out, nil
}

// logarithm is exact for the powers of 2 and 10.
func logarithm(x, base float64) float64 {
	switch base {
	case 2:
		return math.Log2(x)
	case 10:
		return math.Log10(x)
	}
	return math.Log(x) / math.Log(base)
}

func power(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	d, exponent, ok, err := numberAndArgument(r, s, in, args[0])
	if err != nil || !ok {
		return out, err
	}
	if n, ok := exponent.integer(); ok && n >= 0 && n <= maxDigits {
		if result := raised(d, int(n)); !result.tooLong() {
			out = append(out, computed(likeInput(in[0], result)))
		}
		return out, nil
	}
	if result, ok := fromFloat(math.Pow(d.float(), exponent.float())); ok {
		out = append(out, computed(result))
	}
	return out, nil
}

func raised(d decimal, n int) decimal {
	result := fromInt(1)
	for range n {
		if result = result.mul(d); result.tooLong() {
			break
		}
	}
	return result
}
