package mail

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"tributary/internal/errs"
)

// stuck is a mail server that answers when it is told to.
type stuck struct {
	answer chan error
	sent   []Message
}

func (s *stuck) Send(_ context.Context, m Message) error {
	s.sent = append(s.sent, m)
	return <-s.answer
}

func TestQueueDoesNotWaitForTheServer(t *testing.T) {
	var log bytes.Buffer
	server := &stuck{answer: make(chan error)}
	q := NewQueue(server, slog.New(slog.NewTextHandler(&log, nil)))
	for _, to := range []string{"a@example.org", "b@example.org"} {
		if err := q.Send(t.Context(), Message{To: to}); err != nil {
			t.Fatal(err)
		}
	}
	server.answer <- errs.New(errs.Unavailable, "down")
	close(server.answer)
	if err := q.Close(t.Context()); err != nil || len(server.sent) != 2 {
		t.Errorf("%d of two were sent before the end (%v)", len(server.sent), err)
	}
	if text := log.String(); !strings.Contains(text, "could not be sent") || strings.Contains(text, "example.org") {
		t.Errorf("log %q", text)
	}
	if err := q.Send(t.Context(), Message{}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("after the end: %v", err)
	}
}

func TestQueueIsBounded(t *testing.T) {
	server := &stuck{answer: make(chan error)}
	q := NewQueue(server, slog.New(slog.DiscardHandler))
	var err error
	for range queueLength + 2 {
		if err = q.Send(t.Context(), Message{}); err != nil {
			break
		}
	}
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("no limit: %v", err)
	}
	close(server.answer)
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
