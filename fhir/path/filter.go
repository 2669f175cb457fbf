package path

import "slices"

// filterFunctions evaluate an argument for each item of their input
// (FHIRPath, section 5.2).
var filterFunctions = map[string]function{
	"where":     {1, 1, where, nil},
	"select":    {1, 1, project, nil},
	"repeat":    {1, 1, repeat, nil},
	"repeatAll": {1, 1, repeatAll, nil},
	"all":       {1, 1, all, nil},
	"aggregate": {1, 2, aggregate, nil},
	"iif":       {2, 3, iif, nil},
	"trace":     {1, 2, trace, nil},
	"coalesce":  {1, 9, coalesce, nil},
	"sort":      {0, 9, nil, sorting},

	"defineVariable": {1, 2, defineVariable, nil},
}

// each evaluates an argument with every item in turn as $this.
func each(r *run, s *scope, in []Item, arg eval, visit func(i Item, result []Item) error) error {
	inner := scope{total: s.total, vars: s.vars}
	for n, i := range in {
		inner.this, inner.index = i, n
		result, err := r.collect(&inner, arg)
		if err == nil {
			err = visit(i, result)
		}
		r.put(result)
		if err != nil {
			return err
		}
	}
	return nil
}

func where(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	inner := scope{total: s.total, vars: s.vars}
	for n, i := range in {
		inner.this, inner.index = i, n
		keep, _, err := r.truth(&inner, args[0])
		if err != nil {
			return out, err
		}
		if keep {
			out = append(out, i)
		}
	}
	return out, nil
}

func project(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	inner := scope{total: s.total, vars: s.vars}
	for n, i := range in {
		inner.this, inner.index = i, n
		var err error
		if out, err = args[0](r, &inner, out); err != nil {
			return out, err
		}
	}
	return out, nil
}

// repeat projects again and again what was not there before.
func repeat(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	start := len(out)
	out, err := project(r, s, in, args, out)
	if err == nil {
		out, err = r.distinct(out, start)
	}
	for done := start; err == nil && done < len(out); {
		end := len(out)
		fresh := append(r.get(), out[done:end]...)
		if out, err = project(r, s, fresh, args, out); err == nil {
			out, err = r.distinct(out, start)
		}
		r.put(fresh)
		done = end
	}
	return out, err
}

// repeatAll is repeat without the look for duplicates; the bound on work ends
// what would never end.
func repeatAll(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	start := len(out)
	out, err := project(r, s, in, args, out)
	for done := start; err == nil && done < len(out); {
		end := len(out)
		fresh := append(r.get(), out[done:end]...)
		if err = r.spend(len(fresh)); err == nil {
			out, err = project(r, s, fresh, args, out)
		}
		r.put(fresh)
		done = end
	}
	return out, err
}

func all(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	result := true
	err := each(r, s, in, args[0], func(_ Item, found []Item) error {
		value, known, err := truth(found)
		result = result && known && value
		return err
	})
	return boolean(out, result), err
}

func aggregate(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	var total []Item
	if len(args) > 1 {
		start, err := r.collect(s, args[1])
		total = slices.Clone(start)
		r.put(start)
		if err != nil {
			return out, err
		}
	}
	for n, i := range in {
		next, err := r.collect(&scope{i, n, total, s.vars}, args[0])
		total = slices.Clone(next)
		r.put(next)
		if err != nil {
			return out, err
		}
	}
	return append(out, total...), nil
}

// iif evaluates only the branch that is taken.
func iif(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	if len(in) > 1 {
		return out, fail("iif() expects at most one item")
	}
	inner := *s
	if len(in) == 1 {
		inner.this = in[0]
	}
	i, ok, err := r.single(&inner, args[0])
	if err != nil {
		return out, err
	}
	yes, isBoolean := i.value().(bool)
	switch {
	case ok && !isBoolean:
		return out, fail("the criterion of iif() is no boolean")
	case yes:
		return args[1](r, &inner, out)
	case len(args) == 3:
		return args[2](r, &inner, out)
	}
	return out, nil
}

// coalesce is the first of its arguments that is not empty.
func coalesce(r *run, s *scope, _ []Item, args []eval, out []Item) ([]Item, error) {
	start := len(out)
	for _, arg := range args {
		var err error
		if out, err = arg(r, s, out); err != nil || len(out) > start {
			return out, err
		}
	}
	return out, nil
}

func trace(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	name, _, err := r.text(s, args[0])
	if err != nil {
		return out, err
	}
	if r.env.Trace != nil {
		shown := slices.Clone(in)
		if len(args) > 1 {
			if shown, err = project(r, s, in, args[1:], nil); err != nil {
				return out, err
			}
		}
		r.env.Trace(name, shown)
	}
	return append(out, in...), nil
}
