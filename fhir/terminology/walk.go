package terminology

import (
	"context"
	"slices"
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
