package records

import (
	"context"

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
