package records

import (
	"context"
	"errors"

	"tributary/internal/access"
	"tributary/internal/errs"
)

// bounded finds for as long as a search may take, over all its queries: of each
// type, of includes, of what it is sorted by. What the database was doing is stopped,
// also when the client has gone.
func (s *Service) bounded(ctx context.Context, from reader, actor access.Actor, q Search) (Page, error) {
	if s.limit <= 0 {
		return s.find(ctx, from, actor, q)
	}
	within, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	page, err := s.find(within, from, actor, q)
	if err != nil && errors.Is(within.Err(), context.DeadlineExceeded) && !errs.Is(err, errs.TooCostly) {
		err = errs.Wrap(err, errs.TooCostly, "the search took longer than the %v that it may; name one type, narrow it, or ask without _include, _total and _sort", s.limit)
	}
	return page, err
}
