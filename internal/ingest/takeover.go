package ingest

import "context"

// TakeOver makes every running pull abandoned, so that Watch takes it up at
// once. It is for a process that knows that it is the only one: the one that
// serves an embedded database.
func (s *Service) TakeOver(ctx context.Context) error { return s.pulls.Disown(ctx, s.Store) }
