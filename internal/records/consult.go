package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/fhir/terminology"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
)

// Consult answers an operation on the terminology of a type (CodeSystem, ValueSet,
// ConceptMap) for an actor who may search it, and records what was asked.
func (s *Service) Consult(ctx context.Context, actor access.Actor, typ, asked string, answer func(*terminology.Service) error) error {
	_, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: typ})
	if err == nil {
		err = answer(s.Vocabulary(actor))
	}
	if err != nil {
		return s.refuse(ctx, actor, access.Search, typ, "", err)
	}
	return s.audit.Record(ctx, actor, audit.PurposeOf(actor), audit.Event{Interaction: access.Search, Type: typ, Query: asked})
}

// Compiled reads a CodeSystem, ValueSet or ConceptMap by its id, ready to be asked:
// a *terminology.CodeSystem, and so on.
func (s *Service) Compiled(ctx context.Context, actor access.Actor, typ, id string) (any, error) {
	r, err := s.Read(ctx, actor, typ, id)
	if err != nil {
		return nil, err
	}
	if compile[typ] == nil {
		return nil, errs.New(errs.Invalid, "%s is no terminology", typ)
	}
	terms, err := s.terms.renew(termKey{typ, search.ID, id}, s.now(), func(known []*term) ([]*term, error) {
		t, err := newTerm(&r, known)
		return []*term{t}, err
	})
	if err != nil {
		return nil, err
	}
	return terms[0].compiled, nil
}
