package path

import (
	"fmt"
)

// apply evaluates the input and hands it to the method.
func apply(input eval, m method, args []eval) eval {
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		in, err := input(r, s, r.get())
		if err == nil {
			err = r.spend(len(in))
		}
		if err == nil {
			out, err = m(r, s, in, args, out)
		}
		r.put(in)
		return out, err
	}
}

func compileCall(input eval, n *node) (eval, error) {
	if of, ok := typeMethods[n.text]; ok {
		spec, err := argumentType(n)
		return apply(input, of(spec), nil), err
	}
	f, ok := functions[n.text]
	if !ok {
		return nil, &SyntaxError{n.pos, unknown(n.text)}
	}
	if len(n.kids) < f.min || len(n.kids) > f.max {
		return nil, &SyntaxError{n.pos, n.text + "() has the wrong number of arguments"}
	}
	args := make([]eval, len(n.kids))
	for i, kid := range n.kids {
		var err error
		if args[i], err = compileScoped(kid); err != nil {
			return nil, err
		}
	}
	if f.prepare != nil {
		m, err := f.prepare(n)
		return apply(input, m, args), err
	}
	return apply(input, f.run, args), nil
}

func unknown(name string) string {
	if why, ok := missing[name]; ok {
		return fmt.Sprintf("the function %s() is not supported: %s", name, why)
	}
	return fmt.Sprintf("there is no function %s()", name)
}

// argumentType reads the argument of is(), as() and ofType(), which is a type.
func argumentType(n *node) (typeSpec, error) {
	if len(n.kids) != 1 {
		return typeSpec{}, &SyntaxError{n.pos, n.text + "() expects one type"}
	}
	arg, spec := n.kids[0], typeSpec{}
	switch {
	case arg.kind == nodeName:
		spec.name = arg.text
	case arg.kind == nodeDot && arg.kids[0].kind == nodeName && arg.kids[1].kind == nodeName:
		spec = typeSpec{arg.kids[0].text, arg.kids[1].text}
	default:
		return spec, &SyntaxError{arg.pos, n.text + "() expects a type"}
	}
	if reason := spec.fault(); reason != "" {
		return spec, &SyntaxError{arg.pos, reason}
	}
	return spec, nil
}

func compileType(n *node) (eval, error) {
	left, err := compile(n.kids[0])
	return apply(left, typeMethods[n.text](n.spec), nil), err
}

func compileIndex(n *node) (eval, error) {
	left, err := compile(n.kids[0])
	if err != nil {
		return nil, err
	}
	index, err := compileScoped(n.kids[1])
	return apply(left, at, []eval{index}), err
}

// at is the indexer: the item at a position, counted from 0.
func at(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	n, ok, err := r.integer(s, args[0])
	if err == nil && ok && n >= 0 && n < int64(len(in)) {
		out = append(out, in[n])
	}
	return out, err
}
