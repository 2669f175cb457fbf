package main

import (
	"log/slog"
	"os"
)

// quiet logs only what went wrong: the demo tells its own story.
func quiet() *slog.Logger {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	slog.SetDefault(logger)
	return logger
}
