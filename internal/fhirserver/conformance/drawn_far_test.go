package conformance

import (
	"iter"
	"maps"
	"slices"
)

// through asks what is true of the target of a reference, or of its target's target.
func (d draws) through(typ string) (condition, bool) { return d.chain(typ, 2) }

func (d draws) chain(typ string, hops int) (condition, bool) {
	p, target, ok := d.link(typ)
	if !ok {
		return condition{}, false
	}
	inner, ok := d.inner(target, hops, d.chain)
	if !ok {
		return condition{}, false
	}
	return condition{p.Code + ":" + target + "." + inner.name, inner.value, func(o *thing) truth {
		return anyOf(o.values[p.Code], func(v value) truth { return d.at(v, p, target, inner) })
	}}, true
}

// at is what a condition says of what a value refers to; what is not here says nothing.
func (d draws) at(v value, p parameter, target string, inner condition) truth {
	to, ok := d.byPlace[refers(v)]
	if !ok || to.typ != target {
		return no
	}
	return inner.holds(to)
}

// inner is a condition on the type, which may itself lead on.
func (d draws) inner(typ string, hops int, on func(string, int) (condition, bool)) (condition, bool) {
	if hops > 1 && d.IntN(3) == 0 {
		if far, ok := on(typ, hops-1); ok {
			return far, true
		}
	}
	params := d.asking(typ)
	if len(params) == 0 {
		return condition{}, false
	}
	return d.condition(typ, pick(d.Rand, params...))
}

// asking are the parameters that have values in resources of the type.
func (d draws) asking(typ string) (all []parameter) {
	for _, p := range d.params[typ] {
		if slices.ContainsFunc(d.byType[typ], func(o *thing) bool { return len(o.values[p.Code]) > 0 }) {
			all = append(all, p)
		}
	}
	return all
}

// link is a reference parameter of the type that leads to a resource that is here.
func (d draws) link(typ string) (parameter, string, bool) {
	ways := slices.Collect(d.matching(func(w *way) bool { return w.from == typ }))
	if len(ways) == 0 {
		return parameter{}, "", false
	}
	one := pick(d.Rand, ways...)
	return one.p, one.to, true
}

// behind asks for what others that refer to it say: _has, once or twice.
func (d draws) behind(typ string) (condition, bool) { return d.has(typ, 2) }

func (d draws) has(typ string, hops int) (condition, bool) {
	ways := slices.Collect(d.matching(func(w *way) bool { return w.to == typ }))
	if len(ways) == 0 {
		return condition{}, false
	}
	one := pick(d.Rand, ways...)
	inner, ok := d.inner(one.from, hops, d.has)
	if !ok {
		return condition{}, false
	}
	return condition{"_has:" + one.from + ":" + one.p.Code + ":" + inner.name, inner.value, func(o *thing) truth {
		return anyOf(one.referring[o.id], inner.holds)
	}}, true
}

// way is a reference parameter of a type that leads to resources of another; by
// the ids of these, those that refer to them.
type way struct {
	from, to  string
	p         parameter
	referring map[string][]*thing
}

func (c *corpus) matching(is func(*way) bool) iter.Seq[*way] {
	return func(yield func(*way) bool) {
		for _, w := range c.ways {
			if is(w) && !yield(w) {
				return
			}
		}
	}
}

// findWays lists all the ways between resources that are here.
func (c *corpus) findWays() {
	byName := map[string]*way{}
	for _, typ := range slices.Sorted(maps.Keys(c.byType)) {
		for _, o := range c.byType[typ] {
			for _, p := range c.params[typ] {
				for _, v := range o.values[p.Code] {
					if to, ok := c.byPlace[refers(v)]; ok && p.kind == "reference" && slices.Contains(p.types, to.typ) {
						name := typ + " " + p.Code + " " + to.typ
						if byName[name] == nil {
							byName[name] = &way{typ, to.typ, p, map[string][]*thing{}}
						}
						byName[name].referring[to.id] = append(byName[name].referring[to.id], o)
					}
				}
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		c.ways = append(c.ways, byName[name])
	}
}
