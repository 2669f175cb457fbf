package path

import (
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
		e, err := compileCall(input, right)
		return strictly(e, callFault(n.kids[0], right)), err
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
		return strictly(members(base, steps), stepFault(staticType(n), steps)), err
	}
	if typ, ok := model.TypeOf(n.text); ok && n.text[0] >= 'A' && n.text[0] <= 'Z' {
		return strictly(rooted(typ, steps), stepFault(typ, steps)), nil
	}
	return members(this, append([]string{n.text}, steps...)), nil
}

// rooted follows the steps from $this if it is of the type. A focus of unknown
// type may have a member of that name instead.
func rooted(typ *model.Type, steps []string) eval {
	typed := members(this, steps)
	untyped := members(this, append([]string{typ.Name}, steps...))
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		if s.this.typ == nil {
			return untyped(r, s, out)
		}
		if !s.this.typ.DerivesFrom(typ) {
			return out, r.otherType(s.this, typ)
		}
		return typed(r, s, out)
	}
}

// otherType is the fault, in strict evaluation, of a path that begins with another
// type than the focus has.
func (r *run) otherType(i Item, typ *model.Type) error {
	if r.env.Strict {
		return fail("the path begins at %s, there is %s", typ.Name, i.Type())
	}
	return nil
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
			if err = r.spend(len(in)); err == nil && r.env.Strict {
				err = r.known(in, step)
			}
			if n == len(steps)-1 {
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
