package terminology

import (
	"context"
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

// walk is one question as it goes through value sets that draw in others.
type walk struct {
	*Service
	ctx    context.Context
	limits Limits
	within []*ValueSet // those that are being worked out
	sets   map[*ValueSet]bool
	looked int    // steps so far
	why    *Fault // of the last answer that is unknown
	pins   Pins
	loaded map[string]*CodeSystem
}

func (s *Service) walk(ctx context.Context) *walk {
	return &walk{Service: s, ctx: ctx, limits: s.Limits.orDefault(), sets: map[*ValueSet]bool{}}
}

// look counts a step: a code that is looked at, or a part that it is held against.
func (w *walk) look() error {
	w.looked++
	switch {
	case w.looked > w.limits.Scan:
		return fault(TooCostly, "to work this out takes more than %d steps", w.limits.Scan)
	case w.looked%4096 == 0:
		return w.ctx.Err()
	}
	return nil
}

// enter goes into a value set; leave comes back.
func (w *walk) enter(v *ValueSet) error {
	if slices.Contains(w.within, v) {
		return fault(Unsupported, "the value set %s draws in itself", v.URL)
	}
	if w.sets[v] = true; len(w.sets) > w.limits.Sets {
		return fault(TooCostly, "the value set draws in more than %d others", w.limits.Sets)
	}
	w.within = append(w.within, v)
	return nil
}

func (w *walk) leave() { w.within = w.within[:len(w.within)-1] }

// unsure notes why something is not known.
func (w *walk) unsure(why *Fault) answer {
	w.why = why
	return unknown
}

// system finds the code system of a part, in the version that the question pins.
func (w *walk) system(canonical string) (*CodeSystem, error) {
	canonical, err := w.pins.apply(canonical)
	if err != nil {
		return nil, err
	}
	if s := w.carried(canonical); s != nil {
		w.use("contained "+canonical, s)
		return s, nil
	}
	if s, ok := w.loaded[canonical]; ok {
		return s, nil
	}
	s, err := w.From.CodeSystem(w.ctx, canonical)
	if err != nil || s == nil {
		return s, err
	}
	if err := w.pins.check(s); err != nil {
		return nil, err
	}
	w.use(canonical, s)
	return s, nil
}

// carried is a code system that is contained in a value set that is being worked out.
func (w *walk) carried(canonical string) *CodeSystem {
	url, version := Canonical(canonical)
	for _, v := range slices.Backward(w.within) {
		if s := v.contained[url]; s != nil && (version == "" || version == s.Version) {
			return s
		}
	}
	return nil
}

func (w *walk) use(key string, s *CodeSystem) {
	if w.loaded == nil {
		w.loaded = map[string]*CodeSystem{}
	}
	w.loaded[key] = s
}

// set finds a value set that another draws in.
func (w *walk) set(canonical string) (*ValueSet, error) {
	v, err := w.From.ValueSet(w.ctx, canonical)
	if err == nil && v == nil {
		err = fault(NotFound, "the value set %.200s is not known here", canonical)
	}
	return v, err
}

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
