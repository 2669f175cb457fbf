package terminology

import "slices"

// each visits the codes of an include: those of its own that all its sets have.
func (w *walk) each(p *part, visit func(Entry) error) error {
	sets := make([]*ValueSet, len(p.sets))
	for i, canonical := range p.sets {
		set, err := w.set(canonical)
		if err != nil {
			return err
		}
		sets[i] = set
	}
	if p.system != "" {
		return w.candidates(p, w.inAll(sets, visit))
	}
	if len(sets) == 0 {
		return nil
	}
	entries, _, err := w.collect(sets[0])
	for _, e := range entries {
		if err != nil {
			return err
		}
		err = w.inAll(sets[1:], visit)(e)
	}
	return err
}

// inAll passes those on that are in all of the sets.
func (w *walk) inAll(sets []*ValueSet, visit func(Entry) error) func(Entry) error {
	return func(e Entry) error {
		if err := w.look(); err != nil {
			return err
		}
		for _, set := range sets {
			in, err := w.member(set, e.coding())
			switch {
			case err != nil:
				return err
			case in == unknown:
				return w.why
			case in == no:
				return nil
			}
		}
		return visit(e)
	}
}

// candidates visits the part's own codes, in the order of the definition.
func (w *walk) candidates(p *part, visit func(Entry) error) error {
	s, err := w.system(p.canonical())
	if err != nil {
		return err
	}
	for i := range p.listed {
		if err := visit(p.listed[i].entry(p, s)); err != nil {
			return err
		}
	}
	if len(p.listed) > 0 {
		return nil
	}
	if why := listable(s, p); why != nil {
		return why
	}
	among, held := p.start(s)
	for _, c := range among {
		if err := w.look(); err != nil {
			return err
		}
		if !p.passes(s, c, held) {
			continue
		}
		if err := visit(c.entry(s)); err != nil {
			return err
		}
	}
	return nil
}

// listable says why a part cannot be listed; nil when it can.
func listable(s *CodeSystem, p *part) *Fault {
	switch {
	case s == nil && grammars[p.system] != nil:
		return fault(TooCostly, "the codes of %s follow a grammar and cannot be listed", p.system)
	case s == nil:
		return notKnown(p.canonical())
	case !s.Whole():
		return fault(NotFound, "of the code system %s only a part is known here (content: %s)", s.URL, s.Content)
	}
	for i := range p.filters {
		if why := p.filters[i].check(s); why != nil {
			return why
		}
	}
	return nil
}

// start are the concepts among which the part's are: below the one that a filter
// names, if any does; that filter, the one at held, need not be asked again.
func (p *part) start(s *CodeSystem) (among []*Concept, held int) {
	for i := range p.filters {
		if op := p.filters[i].op; op == "is-a" || op == "descendent-of" {
			named, _ := s.Concept(p.filters[i].value)
			var list []*Concept
			if op == "is-a" {
				list = append(list, named)
			}
			s.descend(named, func(c *Concept) bool { list = append(list, c); return true })
			slices.SortFunc(list, func(a, b *Concept) int { return int(a.at - b.at) })
			return list, i
		}
	}
	list := make([]*Concept, len(s.concepts))
	for i := range s.concepts {
		list[i] = &s.concepts[i]
	}
	return list, -1
}

func (p *part) passes(s *CodeSystem, c *Concept, held int) bool {
	for i := range p.filters {
		if i != held && !p.filters[i].matches(s, c) {
			return false
		}
	}
	return true
}

func (c *Concept) entry(s *CodeSystem) Entry {
	return Entry{
		System: s.URL, Version: s.Version, Code: c.Code, Display: c.Display, Abstract: c.Abstract, Inactive: c.Inactive,
		Designations: c.Designations, concept: c,
	}
}

// entry of a listed concept: what the value set says of it, and else the system.
func (l *listed) entry(p *part, s *CodeSystem) Entry {
	e := Entry{System: p.system, Version: p.version, Code: l.code, Display: l.display, Designations: l.designations}
	if s == nil {
		return e
	}
	if c, ok := s.Concept(l.code); ok {
		e = c.entry(s)
		e.Code = l.code
		if l.display != "" {
			e.Display = l.display
		}
		if len(l.designations) > 0 {
			e.Designations = slices.Concat(l.designations, c.Designations)
		}
	}
	return e
}
