package terminology

import (
	"context"
	"errors"
)

// Codes lists a value set for a search: its codes, or for a system of which all
// codes are in it, the system with the code "". ok is false where the codes are
// not to be had, or are more than limit.
func (s *Service) Codes(ctx context.Context, valueSet string, limit int) (codes []Coding, ok bool, err error) {
	v, err := s.From.ValueSet(ctx, valueSet)
	if err != nil || v == nil {
		return nil, false, err
	}
	w := s.walk(ctx)
	codes, err = w.list(v)
	var f *Fault
	if errors.As(err, &f) {
		return nil, false, nil
	}
	return codes, err == nil && len(codes) <= limit, err
}

// list is collect, where whole systems need not be listed unless something is
// taken from them.
func (w *walk) list(v *ValueSet) (codes []Coding, err error) {
	if systems, ok := v.systems(); ok {
		return systems, nil
	}
	if w.simple(v) {
		if codes, err = w.union(v); err == nil {
			return codes, nil
		}
	}
	codes = nil
	entries, _, err := w.collect(v)
	for i := range entries {
		codes = append(codes, Coding{System: entries[i].System, Code: entries[i].Code})
	}
	return codes, err
}

// systems are those of a value set that is made of whole ones only.
func (v *ValueSet) systems() (codes []Coding, ok bool) {
	for i := range v.include {
		if !v.include[i].whole() || v.include[i].version != "" {
			return nil, false
		}
		codes = append(codes, Coding{System: v.include[i].system})
	}
	return codes, len(codes) > 0 && len(v.exclude) == 0 && !v.onlyActive
}

// simple: the parts can be listed one by one and put together.
func (w *walk) simple(v *ValueSet) bool {
	whole := false
	for i := range v.include {
		p := &v.include[i]
		whole = whole || p.whole() && p.version == "" || p.system == "" && len(p.sets) == 1
	}
	return whole && len(v.exclude) == 0 && !v.onlyActive
}

// union lists the parts of a value set that excludes nothing.
func (w *walk) union(v *ValueSet) (codes []Coding, err error) {
	if err := w.enter(v); err != nil {
		return nil, err
	}
	defer w.leave()
	for i := range v.include {
		more, err := w.unionPart(&v.include[i])
		if err != nil {
			return nil, err
		}
		codes = append(codes, more...)
	}
	return codes, nil
}

func (w *walk) unionPart(p *part) (codes []Coding, err error) {
	switch {
	case p.whole() && p.version == "":
		return []Coding{{System: p.system}}, nil
	case p.system == "" && len(p.sets) == 1:
		set, err := w.set(p.sets[0])
		if err != nil {
			return nil, err
		}
		return w.list(set)
	}
	err = w.each(p, func(e Entry) error {
		codes = append(codes, Coding{System: e.System, Code: e.Code})
		return nil
	})
	return codes, err
}
