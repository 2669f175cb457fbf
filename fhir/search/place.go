package search

import (
	"slices"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// place is a spot in resources of a type that expressions lead to: what is
// emitted there, and where it goes on. All expressions of a type share one tree
// of places, so that one walk over the resource finds the values of them all.
type place struct {
	members map[string]*place // by JSON member name
	guarded []guarded         // the same value again, if the guard holds
	emits   []emit
}

// emit says that the value at a place belongs to a parameter.
type emit struct {
	param   *Param
	typ     string // FHIR type of the value
	convert converter
	parts   []*component // of a composite
}

// guarded is a where() step; its text tells equal guards.
type guarded struct {
	text  string
	holds func(tree.Value) bool
	then  *place
}

func (p *place) member(name string) *place {
	if next, ok := p.members[name]; ok {
		return next
	}
	if p.members == nil {
		p.members = map[string]*place{}
	}
	next := &place{}
	p.members[name] = next
	return next
}

func (p *place) guard(text string, holds func(tree.Value) bool) *place {
	for _, g := range p.guarded {
		if g.text == text {
			return g.then
		}
	}
	next := &place{}
	p.guarded = append(p.guarded, guarded{text, holds, next})
	return next
}

// prune drops the places at and below which nothing is emitted, such as the
// types of a choice that an "as" left out; it reports whether anything is left.
func (p *place) prune() bool {
	for name, next := range p.members {
		if !next.prune() {
			delete(p.members, name)
		}
	}
	p.guarded = slices.DeleteFunc(p.guarded, func(g guarded) bool { return !g.then.prune() })
	return len(p.emits)+len(p.members)+len(p.guarded) > 0
}

// walk visits the emits of the value and of all that is below it.
func (p *place) walk(v tree.Value, visit func(*emit, tree.Value)) {
	for i := range p.emits {
		visit(&p.emits[i], v)
	}
	for _, g := range p.guarded {
		if g.holds(v) {
			g.then.walk(v, visit)
		}
	}
	if len(p.members) == 0 || v.Kind() != tree.Object {
		return
	}
	for c := v.First(); c.Exists(); c = c.Next() {
		if next, ok := p.members[c.Key()]; ok {
			next.enter(c, visit)
		}
	}
}

// enter walks a member: the items of an array one by one.
func (p *place) enter(c tree.Value, visit func(*emit, tree.Value)) {
	switch c.Kind() {
	case tree.Null:
	case tree.Array:
		for item := c.First(); item.Exists(); item = item.Next() {
			p.enter(item, visit)
		}
	default:
		p.walk(c, visit)
	}
}

// spot is a place together with the type of the values there.
type spot struct {
	at       *place
	typ      *model.Type
	valueSet string // of the required binding that applies
}
