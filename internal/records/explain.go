package records

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Explain tells how a search would be answered, of one type or, without one, of
// several, narrowed as it is for the actor, without running it. It is for maintenance clients.
func (s *Service) Explain(ctx context.Context, actor access.Actor, q Search) (store.Plan, error) {
	plan, err := s.explain(ctx, actor, q)
	if err != nil {
		return plan, s.refuse(ctx, actor, access.Search, q.Type, "", err)
	}
	return plan, nil
}

func (s *Service) explain(ctx context.Context, actor access.Actor, q Search) (plan store.Plan, err error) {
	if !access.Operates(actor) {
		return plan, errs.New(errs.Forbidden, "only a maintenance client learns how a search is answered")
	}
	backend, able := s.store.(store.Explainer)
	if !able || q.Type == auditEvent {
		return plan, errs.New(errs.Invalid, "what can be explained is the search of types other than AuditEvent")
	}
	query, err := s.planned(ctx, actor, q)
	if err != nil {
		return plan, err
	}
	return backend.Explain(ctx, s.inCourse(query))
}

// planned is the query that a search becomes.
func (s *Service) planned(ctx context.Context, actor access.Actor, q Search) (search.Query, error) {
	if q.Type == "" {
		_, _, all, err := s.planAll(ctx, s.store, actor, q)
		return all, err
	}
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: q.Type})
	if err != nil {
		return search.Query{}, err
	}
	parsed, err := s.parse(ctx, s.store, actor, q)
	if err != nil {
		return search.Query{}, err
	}
	parsed.Query.Where, err = s.narrow(ctx, actor, &d, parsed.Query.Where)
	return parsed.Query, err
}
