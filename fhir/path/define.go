package path

import "slices"

// binding is a variable that defineVariable() has made, in front of those made before.
type binding struct {
	name  string
	items []Item
	next  *binding
}

func (b *binding) find(name string) *binding {
	for ; b != nil; b = b.next {
		if b.name == name {
			return b
		}
	}
	return nil
}

// reserved names have a meaning already.
var reserved = []string{"context", "resource", "rootResource", "terminologies", "ucum", "loinc", "sct"}

// defineVariable keeps the input, or what the second argument makes of it, under
// a name for what follows in the chain (FHIRPath 3 draft). The second argument
// has $this if the input is one item.
func defineVariable(r *run, s *scope, in []Item, args []eval, out []Item) ([]Item, error) {
	name, ok, err := r.text(s, args[0])
	if err != nil {
		return out, err
	}
	if _, defined := r.env.Vars[name]; !ok || name == "" || defined || slices.Contains(reserved, name) || s.vars.find(name) != nil {
		return out, fail("defineVariable() expects a name that is not taken")
	}
	items := slices.Clone(in)
	if len(args) > 1 {
		inner := *s
		if len(in) == 1 {
			inner.this = in[0]
		}
		found, err := r.collect(&inner, args[1])
		items = slices.Clone(found)
		if r.put(found); err != nil {
			return out, err
		}
	}
	s.vars = &binding{name, items, s.vars}
	return append(out, in...), nil
}

// compileScoped compiles an argument or operand: what it defines ends with it.
func compileScoped(n *node) (eval, error) {
	e, err := compile(n)
	if err != nil || !n.defines() {
		return e, err
	}
	return func(r *run, s *scope, out []Item) ([]Item, error) {
		before := s.vars
		out, err := e(r, s, out)
		s.vars = before
		return out, err
	}, nil
}

// defines tells that a variable is made in the chain of the node.
func (n *node) defines() bool {
	return n.kind == nodeCall && n.text == "defineVariable" || slices.ContainsFunc(n.kids, (*node).defines)
}
