package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"

	"tributary/config"
	"tributary/internal/app"
)

func TestNoiseIsForDebugging(t *testing.T) {
	for level, want := range map[slog.Level]int{slog.LevelDebug: 3, slog.LevelInfo: 1, slog.LevelWarn: 0} {
		var b bytes.Buffer
		log := newLogger(&b, level).With("part", "x").WithGroup("g")
		for _, message := range []string{"registered route", "producer: Producer job counts", "serving"} {
			log.Info(message)
		}
		if got := strings.Count(b.String(), "\n"); got != want {
			t.Errorf("at %v: %d lines, want %d:\n%s", level, got, want, b.String())
		}
	}
}

// stderr is what fn writes there.
func stderr(t *testing.T, fn func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old, logger := os.Stderr, slog.Default()
	defer func() { os.Stderr = old; slog.SetDefault(logger) }()
	os.Stderr = w
	done := make(chan string)
	go func() {
		text, _ := io.ReadAll(r)
		done <- string(text)
	}()
	fn()
	w.Close()
	return <-done
}

// Commands on fresh data say what they did and no more, unless they are asked.
func TestCommandsAreQuiet(t *testing.T) {
	for level, talks := range map[string]bool{"": false, "info": true} {
		text := stderr(t, func() {
			dir := t.TempDir()
			c := commands{Log: level, Config: ""}
			t.Setenv("TRIBUTARY_DATA_DIR", dir)
			e, err := c.environment(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			if err := e.offline(func(*app.Service) error { return nil }); err != nil {
				t.Fatal(err)
			}
		})
		if (text != "") != talks {
			t.Errorf("with --log=%q: %s", level, text)
		}
	}
}

func TestServersTellThatTheyServe(t *testing.T) {
	text := stderr(t, func() {
		t.Setenv("TRIBUTARY_DATA_DIR", t.TempDir())
		e, err := (&commands{}).environment(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		e.options.Logger.Info("serving")
		if e.config.Environment != config.Development {
			t.Error("not the default")
		}
	})
	if !strings.Contains(text, "serving") {
		t.Errorf("said: %q", text)
	}
}
