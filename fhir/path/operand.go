package path

// collect evaluates an argument into a buffer, which the caller puts back.
func (r *run) collect(s *scope, e eval) ([]Item, error) { return e(r, s, r.get()) }

// single evaluates an argument that is at most one item.
func (r *run) single(s *scope, e eval) (Item, bool, error) {
	items, err := r.collect(s, e)
	defer r.put(items)
	switch {
	case err != nil || len(items) == 0:
		return Item{}, false, err
	case len(items) > 1:
		return Item{}, false, fail("one item is expected, there are %d", len(items))
	}
	return items[0], true, nil
}

// truth is the singleton evaluation of a collection as a boolean (FHIRPath,
// section 4.5): known is false when it is empty.
func truth(items []Item) (value, known bool, err error) {
	switch len(items) {
	case 0:
		return false, false, nil
	case 1:
		if b, ok := items[0].value().(bool); ok {
			return b, true, nil
		}
		return true, true, nil
	}
	return false, false, fail("one boolean is expected, there are %d items", len(items))
}

func (r *run) truth(s *scope, e eval) (value, known bool, err error) {
	items, err := r.collect(s, e)
	if err == nil {
		value, known, err = truth(items)
	}
	r.put(items)
	return value, known, err
}

// argument evaluates to one System value of type T; ok is false when it is empty.
func argument[T any](r *run, s *scope, e eval, what string) (value T, ok bool, err error) {
	i, ok, err := r.single(s, e)
	if err != nil || !ok {
		return value, false, err
	}
	if value, ok = i.value().(T); !ok {
		return value, false, fail("%s is expected", what)
	}
	return value, true, nil
}

func (r *run) integer(s *scope, e eval) (int64, bool, error) {
	return argument[int64](r, s, e, "an integer")
}

func (r *run) text(s *scope, e eval) (string, bool, error) {
	return argument[string](r, s, e, "a string")
}

// input is the one System value of type T that a function works on; ok is
// false when there is none.
func input[T any](in []Item, what string) (value T, ok bool, err error) {
	switch len(in) {
	case 0:
		return value, false, nil
	case 1:
		if in[0].value() == nil {
			return value, false, nil
		}
		if value, ok = in[0].value().(T); ok {
			return value, true, nil
		}
		return value, false, fail("%s is expected", what)
	}
	return value, false, fail("%s is expected, there are %d items", what, len(in))
}

// numeric is a value as a decimal.
func numeric(v any) (decimal, bool) {
	switch v := v.(type) {
	case int64:
		return fromInt(v), true
	case long:
		return fromInt(int64(v)), true
	case decimal:
		return v, true
	}
	return decimal{}, false
}

func boolean(out []Item, b bool) []Item { return append(out, computed(b)) }
