package terminology

import (
	"slices"
	"strings"

	"tributary/fhir/ucum"
)

// answer tells whether a code is in something. Its order is that of certainty for
// an exclusion: what is not known is never taken for a no.
type answer uint8

const (
	no answer = iota
	unknown
	yes
)

// member tells whether a code, with its system, is in the value set.
func (w *walk) member(v *ValueSet, c Coding) (answer, error) {
	if err := w.enter(v); err != nil {
		return no, err
	}
	defer w.leave()
	if !v.Composed() {
		return w.storedMember(v, c), nil
	}
	in, err := w.composed(v, c)
	if err == nil && in != unknown {
		return in, nil
	}
	if f, isFault := err.(*Fault); err != nil && (!isFault || f.Reason == TooCostly) {
		return no, err
	} else if isFault {
		w.why = f
	}
	if len(v.stored) > 0 {
		return w.storedMember(v, c), nil
	}
	return unknown, nil
}

func (w *walk) storedMember(v *ValueSet, c Coding) answer {
	at, ok := v.storedAt[codeKey{c.System, c.Code}]
	switch {
	case ok && (c.Version == "" || v.stored[at].Version == "" || v.stored[at].Version == c.Version):
		return yes
	case v.partial || len(v.stored) == 0:
		return w.unsure(fault(NotFound, "the value set %s does not list its codes here", v.URL))
	}
	return no
}

func (w *walk) composed(v *ValueSet, c Coding) (answer, error) {
	in, err := w.anyPart(v.include, c, false)
	if err != nil || in == no {
		return in, err
	}
	if out, err := w.anyPart(v.exclude, c, true); err != nil || out == yes {
		return no, err
	} else if out == unknown {
		in = unknown
	}
	if in == yes && v.onlyActive {
		if s, err := w.system(c.System); err != nil || s != nil && s.inactive(c.Code) {
			return no, err
		}
	}
	return in, nil
}

func (s *CodeSystem) inactive(code string) bool {
	c, ok := s.Concept(code)
	return ok && c.Inactive
}

func (w *walk) anyPart(parts []part, c Coding, excluding bool) (best answer, err error) {
	for i := range parts {
		if err := w.look(); err != nil {
			return no, err
		}
		in, err := w.inPart(&parts[i], c, excluding)
		if err != nil || in == yes {
			return in, err
		}
		best = max(best, in)
	}
	return best, nil
}

// inPart: in the part's own codes, and in all of its value sets.
func (w *walk) inPart(p *part, c Coding, excluding bool) (answer, error) {
	in, err := w.own(p, c, excluding)
	for _, canonical := range p.sets {
		if err != nil || in == no {
			return in, err
		}
		set, err := w.set(canonical)
		if err != nil {
			return no, err
		}
		also, err := w.member(set, c)
		if err != nil {
			return no, err
		}
		in = min(in, also)
	}
	return in, err
}

func (w *walk) own(p *part, c Coding, excluding bool) (answer, error) {
	switch {
	case p.system == "":
		if len(p.sets) == 0 {
			return no, nil
		}
		return yes, nil
	case p.system != c.System, p.version != "" && c.Version != "" && p.version != c.Version:
		return no, nil
	case p.whole() && excluding:
		return yes, nil // whichever its codes are
	}
	if _, ok := p.at[c.Code]; ok {
		return yes, nil
	}
	return w.ask(p, c)
}

// ask asks the code system.
func (w *walk) ask(p *part, c Coding) (answer, error) {
	s, err := w.system(p.canonical())
	switch {
	case err != nil:
		return no, err
	case s == nil && len(p.listed) > 0:
		return no, nil
	case s == nil:
		return w.grammatical(p, c), nil
	case len(p.listed) > 0:
		return listedFolded(s, p, c), nil
	}
	for i := range p.filters {
		if why := p.filters[i].check(s); why != nil {
			return w.unsure(why), nil
		}
	}
	return w.concept(s, p, c), nil
}

func (w *walk) concept(s *CodeSystem, p *part, c Coding) answer {
	concept, ok := s.Concept(c.Code)
	if !ok && s.Whole() {
		return no
	}
	if !ok {
		return w.unsure(fault(NotFound, "of the code system %s only a part is known here, without the code %.60q", s.URL, c.Code))
	}
	for i := range p.filters {
		if !p.filters[i].matches(s, concept) {
			return no
		}
	}
	return yes
}

// grammatical asks the grammar of a system that is no list.
func (w *walk) grammatical(p *part, c Coding) answer {
	valid := grammars[p.system]
	if valid == nil {
		return w.unsure(notKnown(p.canonical()))
	}
	for i := range p.filters {
		in, ok := commensurable(&p.filters[i], c.Code)
		if !ok || p.system != ucum.System {
			return w.unsure(fault(Unsupported, "the codes of %s follow a grammar; a filter on %.60q is not supported", p.system, p.filters[i].property))
		}
		if !in {
			return no
		}
	}
	if valid(c.Code) {
		return yes
	}
	return no
}

func notKnown(system string) *Fault {
	return fault(NotFound, "the code system %.200s is not known here", system)
}

// listedFolded looks for a listed code where case does not matter.
func listedFolded(s *CodeSystem, p *part, c Coding) answer {
	if !s.CaseSensitive && slices.ContainsFunc(p.listed, func(l listed) bool { return strings.EqualFold(l.code, c.Code) }) {
		return yes
	}
	return no
}

// systems are those that a value set's codes may have.
func (w *walk) systems(v *ValueSet, found []string) ([]string, error) {
	if err := w.enter(v); err != nil {
		return nil, err
	}
	defer w.leave()
	for i := range v.stored {
		found = with(found, v.stored[i].System)
	}
	for i := range v.include {
		p := &v.include[i]
		if p.system != "" {
			found = with(found, p.system)
			continue
		}
		for _, canonical := range p.sets {
			set, err := w.set(canonical)
			if err == nil {
				found, err = w.systems(set, found)
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func with(list []string, text string) []string {
	if slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}
