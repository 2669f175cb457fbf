package path

// existenceFunctions are those of FHIRPath, section 5.1.
var existenceFunctions = map[string]function{
	"empty":      {0, 0, empty, nil},
	"exists":     {0, 1, exists, nil},
	"not":        {0, 0, not, nil},
	"count":      {0, 0, count, nil},
	"isDistinct": {0, 0, isDistinct, nil},
	"allTrue":    {0, 0, every(true), nil},
	"allFalse":   {0, 0, every(false), nil},
	"anyTrue":    {0, 0, some(true), nil},
	"anyFalse":   {0, 0, some(false), nil},
}

func empty(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return boolean(out, len(in) == 0), nil
}

func exists(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	if len(args) == 0 {
		return boolean(out, len(in) > 0), nil
	}
	found, err := where(r, s, in, args, r.get())
	out = boolean(out, len(found) > 0)
	r.put(found)
	return out, err
}

func not(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	value, known, err := truth(in)
	if err == nil && known {
		out = boolean(out, !value)
	}
	return out, err
}

func count(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return append(out, computed(int64(len(in)))), nil
}

func isDistinct(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	left, err := r.distinct(append(r.get(), in...), 0)
	out = boolean(out, len(left) == len(in))
	r.put(left)
	return out, err
}

// every tells whether all items are want, some whether one is.
func every(want bool) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		return booleans(in, out, want, true)
	}
}

func some(want bool) method {
	return func(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
		return booleans(in, out, !want, false)
	}
}

// booleans is the result while all items are want, its opposite otherwise.
func booleans(in, out []Item, want, result bool) ([]Item, error) {
	verdict := result
	for _, i := range in {
		b, ok := i.value().(bool)
		if !ok {
			return out, fail("a boolean is expected, there is %s", i.Type())
		}
		if b != want {
			verdict = !result
		}
	}
	return boolean(out, verdict), nil
}
