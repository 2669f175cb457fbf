package program

import "tributary/internal/consent"

// agreed reports whether an agreement of the kind is in force.
func (f facts) agreed(kind string) bool { return f.now.Has(consent.Kind(kind)) }

// decided reports whether yes or no was said about the kind.
func (f facts) decided(kind string) bool {
	_, known := f.last(kind)
	return known
}

// expired: the last word about the kind was yes, and it holds no longer, because its
// term is over or the text has changed.
func (f facts) expired(kind string) bool {
	e, known := f.last(kind)
	return known && e.Decision == consent.Agree && !f.agreed(kind)
}

// last is the latest decision about a kind; of several at an instant, one that
// permits less.
func (f facts) last(kind string) (last consent.Event, known bool) {
	for _, e := range f.Consents {
		if string(e.Kind) != kind || e.At.After(f.at) {
			continue
		}
		if !known || e.At.After(last.At) || e.At.Equal(last.At) && last.Decision == consent.Agree {
			last, known = e, true
		}
	}
	return last, known
}

// left reports whether the person has left in a way.
func (f facts) left(way string) bool {
	return map[string]bool{"withdrawn": f.now.Withdrawn, "deactivated": f.now.Deactivated, "deceased": f.now.Deceased}[way]
}
