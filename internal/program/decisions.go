package program

import "tributary/internal/consent"

// agreed reports whether an agreement of the kind is in force.
func (f facts) agreed(kind string) bool {
	switch consent.Kind(kind) {
	case consent.Research:
		return f.now.Research
	case consent.EHR:
		return f.now.EHR
	}
	return false
}

// decided reports whether yes or no was said about the kind.
func (f facts) decided(kind string) bool {
	return consent.Kind(kind) == consent.EHR && f.now.EHRAsked || f.agreed(kind)
}

// expired: there was an agreement, and its term is over.
func (f facts) expired(kind string) bool {
	return consent.Kind(kind) == consent.EHR && !f.now.EHR && !f.now.EHRUntil.IsZero()
}

// left reports whether the person has left in a way.
func (f facts) left(way string) bool { return way == "withdrawn" && f.now.Withdrawn }
