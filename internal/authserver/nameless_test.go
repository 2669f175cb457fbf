package authserver_test

import (
	"net/http"
	"net/url"
	"testing"
)

// A public client's refresh token says who brings it (RFC 6749, section 6); that of
// a client that authenticates is worth nothing without.
func TestRefreshWithoutClientID(t *testing.T) {
	h := newHarness(t)
	refresh := func(token string, more ...string) answer {
		form := with(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, more...)
		return h.post("/auth/token", form, basic{})
	}
	first := h.tokens()
	next := refresh(first.text("refresh_token"))
	if next.status != http.StatusOK || next.text("access_token") == "" || next.text("refresh_token") == first.text("refresh_token") {
		t.Fatalf("status %d: %v", next.status, next.body)
	}
	h.refuses(refresh(next.text("refresh_token"), "client_id=symmetric"), "invalid_client", http.StatusUnauthorized)
	h.refuses(refresh(next.text("refresh_token"), "client_secret=x"), "invalid_request", http.StatusBadRequest)
	h.refuses(refresh(next.text("access_token")), "invalid_request", http.StatusBadRequest)
	h.refuses(refresh("nothing"), "invalid_request", http.StatusBadRequest)

	form := with(exchange(h.code(h.authorization("symmetric"))), "-client_id")
	confidential := h.post("/auth/token", form, basic{"symmetric", h.secret})
	if confidential.text("refresh_token") == "" {
		t.Fatalf("status %d: %v", confidential.status, confidential.body)
	}
	h.refuses(refresh(confidential.text("refresh_token")), "invalid_request", http.StatusBadRequest)
	h.resolves(confidential.text("access_token"), true)
}
