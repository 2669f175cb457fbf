package mydata

import (
	"context"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Query says what of a timeline is wanted.
type Query struct {
	Kind  string // key of a Kind; "" of all
	Words string // as typed
	After *store.Cursor
	Count int
}

// Page is a part of a timeline.
type Page struct {
	Entries []Entry
	Next    *store.Cursor // nil at the end
}

// maxWords bounds the words that are looked for.
const maxWords = 10

// Searches tells whether words can be looked for.
func (s *Service) Searches() bool { return s.Records.FullText() }

// Timeline is a page of what is kept about the participant, the newest first. What
// goes on is the first of all, what has no date the last.
func (s *Service) Timeline(ctx context.Context, who access.Actor, q Query) (Page, error) {
	t := records.Timeline{Patient: who.Patient, Parts: everyType(), Words: sought(q.Words), Count: q.Count, After: q.After}
	if q.Kind != "" {
		kind, ok := KindOf(q.Kind)
		if !ok {
			return Page{}, errs.New(errs.NotFound, "there is no such kind of data")
		}
		t.Parts = kind.parts
	}
	if strings.TrimSpace(q.Words) != "" && t.Words == "" {
		return Page{}, nil // signs alone stand nowhere
	}
	found, err := s.Records.Timeline(ctx, who, t)
	if err != nil {
		return Page{}, err
	}
	entries, err := s.entries(ctx, who, found.Resources)
	return Page{entries, found.Next}, err
}

// sought are the beginnings of words that must all stand in a record.
func sought(typed string) string {
	words := search.Words(nil, typed)
	words = words[:min(len(words), maxWords)]
	for i := range words {
		words[i] += "*"
	}
	return strings.Join(words, " ")
}
