package app

import (
	"context"

	"tributary/internal/fulltext"
	"tributary/internal/store"
)

// followTexts keeps the full text behind the writes until ctx ends; closing waits for it.
func (s *Service) followTexts(ctx context.Context) {
	versions, able := s.store.(store.Feed)
	if !able || !s.config.Search.FullText {
		return
	}
	texts := fulltext.New(fulltext.Config{Store: versions, Registry: s.index.Registry, Owner: s.Owner, Now: s.Now, Logger: s.Logger})
	done := make(chan struct{})
	go func() {
		defer close(done)
		texts.Run(ctx)
	}()
	s.add(func(ctx context.Context) error {
		select {
		case <-done:
		case <-ctx.Done():
		}
		return nil
	})
}
