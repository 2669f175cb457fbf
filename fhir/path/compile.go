package path

import (
	"fmt"

	"tributary/fhir/model"
)

// method is a function applied to its input; it appends its result to out,
// which never shares memory with in.
type method func(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error)

func compile(n *node) (eval, error) { return compilers[n.kind](n) }

// compilers turn each kind of node into a closure.
var compilers [nodeThis + 1]func(*node) (eval, error)

func init() {
	compilers = [...]func(*node) (eval, error){
		nodeLiteral:  compileLiteral,
		nodeEmpty:    func(*node) (eval, error) { return nothing, nil },
		nodeName:     compilePath,
		nodeCall:     func(n *node) (eval, error) { return compileCall(this, n) },
		nodeDot:      compileDot,
		nodeIndex:    compileIndex,
		nodeBinary:   compileBinary,
		nodePolarity: compilePolarity,
		nodeType:     compileType,
		nodeVariable: compileVariable,
		nodeThis:     compileThis,
	}
}

func nothing(_ *run, _ *scope, out []Item) ([]Item, error) { return out, nil }

func this(_ *run, s *scope, out []Item) ([]Item, error) { return append(out, s.this), nil }

func compileLiteral(n *node) (eval, error) {
	item := computed(n.value)
	return func(_ *run, _ *scope, out []Item) ([]Item, error) { return append(out, item), nil }, nil
}

func compileThis(n *node) (eval, error) {
	switch n.text {
	case "$index":
		return func(_ *run, s *scope, out []Item) ([]Item, error) {
			return append(out, computed(int64(s.index))), nil
		}, nil
	case "$total":
		return func(_ *run, s *scope, out []Item) ([]Item, error) { return append(out, s.total...), nil }, nil
	}
	return this, nil
}

// compileDot fuses a run of member names; a call takes what stands before it
// as its input.
func compileDot(n *node) (eval, error) {
	right := n.kids[1]
	switch right.kind {
	case nodeName:
		return compilePath(n)
	case nodeCall:
		input, err := compile(n.kids[0])
		if err != nil {
			return nil, err
		}
		return compileCall(input, right)
	}
	return nil, &SyntaxError{right.pos, right.text + " cannot follow a point"}
}

// compilePath takes a.b.c, with whatever a is, as one closure. A first step
// with the name of a type keeps a focus of that type (FHIRPath, section 3.2).
func compilePath(n *node) (eval, error) {
	var steps []string
	for n.kind == nodeDot && n.kids[1].kind == nodeName {
		steps = append([]string{n.kids[1].text}, steps...)
		n = n.kids[0]
	}
	if n.kind != nodeName {
		base, err := compile(n)
		return members(base, steps), err
	}
	if _, ok := model.TypeOf(n.text); ok && n.text[0] >= 'A' && n.text[0] <= 'Z' {
		return members(rooted(n.text), steps), nil
	}
	return members(this, append([]string{n.text}, steps...)), nil
}

// rooted keeps $this if it is of the type; a member of that name otherwise.
func rooted(name string) eval {
	return func(_ *run, s *scope, out []Item) ([]Item, error) {
		if s.this.form != formValue && s.this.typ != nil {
			if s.this.typ.Is(name) {
				out = append(out, s.this)
			}
			return out, nil
		}
		return s.this.member(name, out), nil
	}
}

func members(base eval, steps []string) eval {
	if len(steps) == 0 {
		return base
	}
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		in, err := base(r, s, r.get())
		for n, step := range steps {
			if err != nil || len(in) == 0 {
				break
			}
			if err = r.spend(len(in)); n == len(steps)-1 {
				out = follow(in, step, out)
				break
			}
			next := follow(in, step, r.get())
			r.put(in)
			in = next
		}
		r.put(in)
		return out, err
	}
}

func follow(in []Item, step string, out []Item) []Item {
	for _, i := range in {
		out = i.member(step, out)
	}
	return out
}

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
		if args[i], err = compile(kid); err != nil {
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
	index, err := compile(n.kids[1])
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
