package profile

import (
	"strings"

	"tributary/fhir/tree"
)

// known is the profile of a canonical; what is not loaded is said once.
func (r *run) known(canonical string, at tree.Value) *Profile {
	p, why := r.defined(canonical)
	if p == nil {
		r.once("information", at, "nothing is held against the profile %.200s: %s", shown(canonical), why)
	}
	return p
}

// defined finds a profile, or says why there is none.
func (r *run) defined(canonical string) (p *Profile, why string) {
	if r.o.Definitions == nil {
		return nil, notLoaded
	}
	p, err := r.o.Definitions.Profile(canonical)
	switch {
	case err != nil:
		return nil, err.Error()
	case p == nil:
		return nil, notLoaded
	}
	return p, ""
}

const notLoaded = "it is not loaded; load it to have it validated"

// shown is a canonical without what might not be one.
func shown(canonical string) string {
	return strings.Map(func(c rune) rune {
		if c <= ' ' || c > '~' || c == '"' || c == '<' || c == '>' {
			return '?'
		}
		return c
	}, canonical)
}
