package authserver_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// lockedBuffer is written by the server's goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// TestNothingSecretIsLogged goes through what succeeds and what fails with the
// log at its most talkative.
func TestNothingSecretIsLogged(t *testing.T) {
	log, old := &lockedBuffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(old)

	h := newHarness(t)
	code := h.code(h.authorization("public"))
	tokens := h.post("/auth/token", exchange(code), basic{})
	h.post("/auth/token", exchange(code), basic{})
	h.refresh(tokens.text("refresh_token"))
	h.post("/auth/token", with(exchange(code), "-client_id"), basic{"symmetric", h.secret + "x"})
	assertion := h.sign(keys().ec, h.claims("warehouse"))
	for range 2 {
		h.post("/auth/token", backend(assertion), basic{})
	}
	h.post("/auth/introspect", with(exchange(code), "token="+tokens.text("access_token")), basic{"symmetric", "wrong"})
	h.authorize(with(h.authorization("public"), "aud=https://evil.example.org"))

	log.mu.Lock()
	defer log.mu.Unlock()
	if !strings.Contains(log.String(), "invalid_grant") {
		t.Fatal("failures are not logged")
	}
	for name, secret := range map[string]string{"code": code, "access token": tokens.text("access_token"), "account": "account-1",
		"refresh token": tokens.text("refresh_token"), "secret": h.secret, "verifier": verifier, "assertion": assertion[:60]} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the %s is in the log", name)
		}
	}
}
