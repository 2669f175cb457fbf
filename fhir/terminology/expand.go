package terminology

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// Expansion asks for the codes of a value set.
type Expansion struct {
	Filter        string   // words that stand in the display or begin the code
	Offset, Count int      // a page of it; Count -1 asks for all, 0 for the total alone
	ActiveOnly    bool     // without inactive codes
	ForUser       bool     // without abstract codes
	Nested        bool     // in the hierarchy of the systems, when it is not paged
	Language      string   // of displays, where there is a designation in it
	Without       []string // canonicals of code systems whose codes are left out
	Pins          Pins
}

// Entry is one code of an expansion.
type Entry struct {
	System, Version, Code, Display string
	Abstract, Inactive             bool
	Designations                   []Designation
	Contains                       []Entry
	depth                          int32
	concept                        *Concept
}

// Expanded is the answer.
type Expanded struct {
	Total   int
	Entries []Entry
	Systems []string // url|version of the code systems that were used
	Stored  bool     // it is the one that was stored in the value set
}

// Expand lists the codes of a value set (R4, operation ValueSet-expand). The error
// is a *Fault when that cannot be worked out here, or would be too long a list.
func (s *Service) Expand(ctx context.Context, v *ValueSet, o Expansion) (Expanded, error) {
	w := s.walk(ctx)
	w.pins = o.Pins
	entries, stored, err := w.collect(v)
	if err != nil {
		return Expanded{}, err
	}
	entries = o.wanted(entries)
	out := Expanded{Total: len(entries), Stored: stored, Systems: w.used()}
	whole := o.Offset == 0 && o.Count < 0
	if whole && len(entries) > w.limits.Expansion {
		return out, fault(TooCostly, "the value set has %d codes, more than the %d of one answer; ask for a page with count and offset, or narrow it with filter", len(entries), w.limits.Expansion)
	}
	if o.Nested && whole && o.Filter == "" {
		out.Entries = w.nest(entries)
		return out, nil
	}
	from := min(max(o.Offset, 0), len(entries))
	to := len(entries)
	if o.Count >= 0 {
		to = from + min(o.Count, w.limits.Expansion, to-from)
	}
	if to-from > w.limits.Expansion {
		to = from + w.limits.Expansion
	}
	out.Entries = entries[from:to:to]
	return out, nil
}

// used are the code systems that were asked, with their versions.
func (w *walk) used() (list []string) {
	for _, s := range w.loaded {
		canonical := s.URL
		if s.Version != "" {
			canonical += "|" + s.Version
		}
		list = with(list, canonical)
	}
	slices.Sort(list)
	return list
}

// collect lists a value set from its definition, or as it is stored in it.
func (w *walk) collect(v *ValueSet) (entries []Entry, stored bool, err error) {
	if err := w.enter(v); err != nil {
		return nil, false, err
	}
	defer w.leave()
	why := error(fault(NotFound, "the value set %s has neither a definition nor an expansion", v.URL))
	if v.Composed() {
		entries, why = w.compose(v)
		if why == nil {
			return entries, false, nil
		}
	}
	var f *Fault
	if len(v.stored) == 0 || !errors.As(why, &f) || f.Reason == TooCostly || v.partial {
		return nil, false, why
	}
	return slices.Clone(v.stored), true, nil
}

func (w *walk) compose(v *ValueSet) ([]Entry, error) {
	var entries []Entry
	seen := map[codeKey]struct{}{}
	for i := range v.include {
		err := w.each(&v.include[i], func(e Entry) error {
			key := codeKey{e.System, e.Code}
			if _, twice := seen[key]; twice || v.onlyActive && e.Inactive {
				return nil
			}
			seen[key] = struct{}{}
			out, err := w.excluded(v, &e)
			if err == nil && !out {
				entries = append(entries, e)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func (w *walk) excluded(v *ValueSet, e *Entry) (bool, error) {
	if len(v.exclude) == 0 {
		return false, nil
	}
	out, err := w.anyPart(v.exclude, e.coding(), true)
	if err == nil && out == unknown {
		return false, w.why
	}
	return out == yes, err
}

func (e *Entry) coding() Coding { return Coding{System: e.System, Version: e.Version, Code: e.Code} }

// wanted are those that the question asks for, in its language.
func (o *Expansion) wanted(entries []Entry) []Entry {
	words := strings.Fields(strings.ToLower(o.Filter))
	return slices.DeleteFunc(entries, func(e Entry) bool {
		return o.ActiveOnly && e.Inactive || o.ForUser && e.Abstract || e.among(o.Without) || !e.has(words)
	})
}

// among reports whether the code is of one of the systems, or of that version of it.
func (e *Entry) among(canonicals []string) bool {
	return slices.ContainsFunc(canonicals, func(canonical string) bool {
		url, version := Canonical(canonical)
		return url == e.System && (version == "" || version == e.Version)
	})
}

// has reports whether each of the words stands in a name of the code, or begins it.
func (e *Entry) has(words []string) bool {
	for _, word := range words {
		named := strings.HasPrefix(strings.ToLower(e.Code), word) || strings.Contains(strings.ToLower(e.Display), word)
		if !named && !slices.ContainsFunc(e.Designations, func(d Designation) bool { return strings.Contains(strings.ToLower(d.Value), word) }) {
			return false
		}
	}
	return true
}
