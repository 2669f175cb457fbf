package records

import (
	"context"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Explain tells how a search of one type would be answered, narrowed as it is for
// the actor, without running it. It is for maintenance clients.
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
	if !able || q.Type == "" || q.Type == auditEvent {
		return plan, errs.New(errs.Invalid, "what can be explained is the search of one type, other than AuditEvent")
	}
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: q.Type})
	if err != nil {
		return plan, err
	}
	parsed, err := s.parse(ctx, s.store, actor, q)
	if err != nil {
		return plan, err
	}
	if parsed.Query.Where, err = s.narrow(ctx, actor, &d, parsed.Query.Where); err != nil {
		return plan, err
	}
	return backend.Explain(ctx, parsed.Query)
}
