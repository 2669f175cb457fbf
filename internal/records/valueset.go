package records

import (
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
)

// maxCodes bounds the codes that :in, :not-in, :above and :below of a search stand for.
const maxCodes = 5000

// valueSets tells a search about codes, as far as its actor reaches them.
type valueSets struct {
	service *Service
	from    reader
	actor   access.Actor
	words   *vocabulary
	failed  error // of the store: not the client's
}

// valueSets lets the query ask about codes, where it has a modifier or a filter in
// which it could; nil for any other.
func (s *Service) valueSets(ctx context.Context, from reader, actor access.Actor, query []search.Pair, o *search.Options) *valueSets {
	if !slices.ContainsFunc(query, func(p search.Pair) bool { return p.Name == "_filter" || strings.Contains(p.Name, ":") }) {
		return nil
	}
	sets := &valueSets{service: s, from: from, actor: actor}
	o.ValueSet = func(canonical string) ([]search.Code, bool) { return sets.codes(ctx, canonical) }
	o.Subsumed = func(system, code string, below bool) ([]search.Code, bool) {
		return sets.subsumed(ctx, system, code, below)
	}
	return sets
}

// vocabulary is made for the searches that ask.
func (v *valueSets) vocabulary() *vocabulary {
	if v.words == nil {
		v.words = v.service.vocabulary(v.from, v.actor)
	}
	return v.words
}

// codes are those of a value set; ok is false where they are not to be had.
func (v *valueSets) codes(ctx context.Context, canonical string) (list []search.Code, ok bool) {
	codes, ok, err := v.vocabulary().ask().Codes(ctx, canonical, maxCodes)
	if err != nil {
		v.failed = err
		return nil, false
	}
	for _, c := range codes {
		list = append(list, search.Code{System: c.System, Code: c.Code})
	}
	return list, ok
}

// subsumed are a code and those below it, or above it.
func (v *valueSets) subsumed(ctx context.Context, system, code string, below bool) (list []search.Code, ok bool) {
	codes, ok, err := v.vocabulary().ask().Subsumed(ctx, system, code, below, maxCodes)
	if err != nil {
		v.failed = err
		return nil, false
	}
	for _, c := range codes {
		list = append(list, search.Code{System: system, Code: c})
	}
	return list, ok
}
