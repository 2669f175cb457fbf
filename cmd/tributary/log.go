package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
)

// newLogger logs to w what is of the level or above it.
func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(calm{slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})})
}

// logTo makes the logger that everything uses; zitadel/oidc logs to the default one.
func logTo(level slog.Level) *slog.Logger {
	logger := newLogger(os.Stderr, level)
	slog.SetDefault(logger)
	return logger
}

// quiet logs only what went wrong: the demo tells its own story.
func quiet() *slog.Logger { return logTo(slog.LevelError) }

// levelOf reads a level's name, "" standing for the other one.
func levelOf(name string, otherwise slog.Level) (level slog.Level, err error) {
	err = level.UnmarshalText([]byte(cmp.Or(name, otherwise.String())))
	return level, err
}

// noise is how messages end that libraries log as Info, and that tell an operator
// nothing: zitadel/oidc's routes, River's counts every few seconds.
var noise = []string{"registered route", "Producer job counts", "No migrations to apply"}

// calm is a handler to which noise is of the level Debug.
type calm struct{ slog.Handler }

// Handle implements slog.Handler.
func (h calm) Handle(ctx context.Context, r slog.Record) error {
	if r.Level == slog.LevelInfo && isNoise(r.Message) {
		if !h.Enabled(ctx, slog.LevelDebug) {
			return nil
		}
		r.Level = slog.LevelDebug
	}
	return h.Handler.Handle(ctx, r)
}

func isNoise(message string) bool {
	for _, end := range noise {
		if strings.HasSuffix(message, end) {
			return true
		}
	}
	return false
}

// WithAttrs implements slog.Handler.
func (h calm) WithAttrs(attrs []slog.Attr) slog.Handler { return calm{h.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (h calm) WithGroup(name string) slog.Handler { return calm{h.Handler.WithGroup(name)} }
