package path

// setFunctions work on whole collections (FHIRPath, sections 5.1, 5.3 and 5.4).
var setFunctions = map[string]function{
	"first":      {0, 0, first, nil},
	"last":       {0, 0, last, nil},
	"tail":       {0, 0, tail, nil},
	"skip":       {1, 1, skip, nil},
	"take":       {1, 1, take, nil},
	"single":     {0, 0, only, nil},
	"distinct":   {0, 0, distinct, nil},
	"union":      {1, 1, union, nil},
	"combine":    {1, 2, combine, nil},
	"intersect":  {1, 1, intersect, nil},
	"exclude":    {1, 1, exclude, nil},
	"subsetOf":   {1, 1, subsetOf, nil},
	"supersetOf": {1, 1, supersetOf, nil},
}

func first(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return append(out, in[:min(1, len(in))]...), nil
}

func last(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return append(out, in[max(0, len(in)-1):]...), nil
}

func tail(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return append(out, in[min(1, len(in)):]...), nil
}

// cut is an argument as a number of items, between none and all of them.
func (r *run) cut(s *scope, arg eval, in []Item) (int, error) {
	n, ok, err := r.integer(s, arg)
	if err == nil && !ok {
		err = fail("a number of items is expected")
	}
	return int(min(max(n, 0), int64(len(in)))), err
}

func skip(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	n, err := r.cut(s, args[0], in)
	return append(out, in[n:]...), err
}

func take(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	n, err := r.cut(s, args[0], in)
	return append(out, in[:n]...), err
}

func only(_ *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	if len(in) > 1 {
		return out, fail("single() finds %d items", len(in))
	}
	return append(out, in...), nil
}

func distinct(r *run, _ *scope, in []Item, _ []eval, out []Item) ([]Item, error) {
	return r.distinct(append(out, in...), len(out))
}

func union(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	start := len(out)
	out, err := args[0](r, s, append(out, in...))
	if err != nil {
		return out, err
	}
	return r.distinct(out, start)
}

func combine(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	return args[0](r, s, append(out, in...))
}

// against evaluates an argument and hands it to fn.
func (r *run) against(s *scope, in []Item, arg eval, fn func(other []Item) []Item) ([]Item, error) {
	other, err := r.collect(s, arg)
	defer r.put(other)
	if err == nil {
		err = r.spend(len(in) * len(other))
	}
	if err != nil {
		return nil, err
	}
	return fn(other), nil
}

func intersect(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	start := len(out)
	out, err := r.against(s, in, args[0], func(other []Item) []Item {
		for _, i := range in {
			if contains(other, i) {
				out = append(out, i)
			}
		}
		return out
	})
	if err != nil {
		return out, err
	}
	return r.distinct(out, start)
}

func exclude(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	return r.against(s, in, args[0], func(other []Item) []Item {
		for _, i := range in {
			if !contains(other, i) {
				out = append(out, i)
			}
		}
		return out
	})
}

func subset(small, large []Item) bool {
	for _, i := range small {
		if !contains(large, i) {
			return false
		}
	}
	return true
}

func subsetOf(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	return r.against(s, in, args[0], func(other []Item) []Item { return boolean(out, subset(in, other)) })
}

func supersetOf(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	return r.against(s, in, args[0], func(other []Item) []Item { return boolean(out, subset(other, in)) })
}
