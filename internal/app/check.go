package app

import (
	"context"

	"tributary/internal/check"
	"tributary/internal/reindex"
)

// Check verifies the whole store, without changing it; a server may run beside it.
func (s *Service) Check(ctx context.Context, validity bool, tell func(check.Progress)) (*check.Report, error) {
	if err := s.index.Load(ctx); err != nil {
		return nil, err
	}
	return check.Run(ctx, check.Options{Store: s.store, Registry: s.index.Registry, Base: s.fhirBase(), Now: s.Now, Validity: validity, Tell: tell})
}

// Repair corrects the index rows that a check found wrong: those that it names, or,
// when there are more than it can name, all.
func (s *Service) Repair(ctx context.Context, found *check.Report, tell func(reindex.Summary)) (added, dropped int64, err error) {
	if found.More {
		sum, err := s.Reindex(ctx, nil, tell)
		return sum.Added, sum.Dropped, err
	}
	return s.index.Repair(ctx, found.Incomplete, found.Extra)
}
