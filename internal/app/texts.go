package app

import (
	"context"
	"math"

	"tributary/internal/fulltext"
	"tributary/internal/parts"
	"tributary/internal/store"
)

// followTexts keeps the full text behind the writes until ctx ends; closing waits for it.
func (s *Service) followTexts(ctx context.Context) {
	versions, able := s.store.(store.Feed)
	if !able || !s.config.Search.FullText {
		return
	}
	s.texts = fulltext.New(fulltext.Config{Store: versions, Registry: s.index.Registry, Owner: s.Owner, Now: s.Now, Logger: s.Logger})
	s.beside(ctx, s.texts.Run)
}

// followStrings keeps the strings in parts behind the writes until ctx ends; closing waits for it.
func (s *Service) followStrings(ctx context.Context) {
	if versions, able := s.store.(store.Feed); able {
		s.beside(ctx, parts.New(parts.Config{Store: versions, Owner: s.Owner, Now: s.Now, Logger: s.Logger}).Run)
	}
}

// beside runs work that ends with ctx; closing waits for it.
func (s *Service) beside(ctx context.Context, run func(context.Context)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		run(ctx)
	}()
	s.add(func(ctx context.Context) error {
		select {
		case <-done:
		case <-ctx.Done():
		}
		return nil
	})
}

// health is what /healthz says beside the status: how far the background index is and, while
// the full text is followed here, how many seconds it is behind the writes.
func (s *Service) health(ctx context.Context) map[string]any {
	answer := map[string]any{"version": s.Version, "index": s.indexed(ctx)}
	if s.texts == nil {
		return answer
	}
	behind, err := s.texts.Behind(ctx)
	if err != nil {
		s.Logger.Warn("how far the full text is behind could not be read", "error", err)
		return answer
	}
	answer["full_text_behind_seconds"] = math.Round(behind.Seconds()*10) / 10
	return answer
}
