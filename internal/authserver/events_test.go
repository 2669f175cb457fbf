package authserver_test

import (
	"context"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// deeds are the AuditEvents so far, the oldest first.
func (h *harness) deeds() (all []string) {
	h.t.Helper()
	h.must(h.log.Flush(h.t.Context()))
	found, err := h.log.Find(h.t.Context(), h.store, store.AuditFilter{Limit: 1000})
	h.must(err)
	for i := range found {
		body := string(found[len(found)-1-i].Body)
		_, after, _ := strings.Cut(body, `"query":"`)
		coded, _, _ := strings.Cut(after, `"`)
		query, err := base64.StdEncoding.DecodeString(coded)
		h.must(err)
		all = append(all, body+string(query))
	}
	return all
}

// TestDeedsAreAudited: each deed leaves its event, with who and whereto, and nothing
// that could be used.
func TestDeedsAreAudited(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		h := newHarnessOn(t, s)
		h.open()
		secrets := []string{"account-1@", verifier}
		deed := func(what string, do func(), want ...string) {
			t.Helper()
			before := len(h.deeds())
			h.now = h.now.Add(time.Millisecond)
			do()
			fresh := strings.Join(h.deeds()[before:], "\n")
			for _, w := range want {
				if !strings.Contains(fresh, w) {
					t.Errorf("%s: no %s in %s", what, w, fresh)
				}
			}
		}
		var tokens answer
		var code string
		deed("let in", func() { code = h.code(h.authorization("public")) }, "authorization", "account-1", `"action":"C"`, "public", `"reference":"Patient/p1"`)
		deed("tokens", func() { tokens = h.post("/auth/token", exchange(code), basic{}) }, "token", `"action":"C"`, "127.0.0.1")
		first := tokens.text("refresh_token")
		deed("refreshed", func() { tokens = h.refresh(first) }, "token", `"action":"U"`)
		deed("reused", func() { h.now = h.now.Add(time.Minute); h.refresh(first) }, `"action":"D"`, "a refresh token was used again")
		deed("declined", func() { _, err := h.Deny(t.Context(), h.requestID(h.authorization("public"))); h.must(err) }, "declined", `"outcome":"4"`)
		deed("code replayed", func() {
			c := h.code(h.authorization("public"))
			h.post("/auth/token", exchange(c), basic{})
			h.post("/auth/token", exchange(c), basic{})
		}, "a code was used again")
		deed("ended by the person", func() { h.tokens(); h.must(h.EndAuthorization(t.Context(), "account-1", h.only("account-1"))) }, "the person ended it")
		deed("all ended", func() {
			h.tokens()
			h.must(s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				return h.RevokeSubject(ctx, tx, "account-1", "the person left the study")
			}))
		}, "the person left the study", `"action":"D"`, `"reference":"Patient/p1"`)
		deed("key", func() { h.asks(nil) }, "token", "warehouse")
		var registered answer
		deed("registered", func() {
			registered = h.call("POST", h.base+"/auth/register", initial, app(fields{"token_endpoint_auth_method": "client_secret_basic"}))
		}, "client", `"action":"C"`)
		deed("deregistered", func() {
			h.call("DELETE", registered.text("registration_client_uri"), registered.text("registration_access_token"), nil)
		}, "client", `"action":"D"`)
		secrets = append(secrets, code, first, tokens.text("access_token"), registered.text("client_secret"), registered.text("registration_access_token"), initial)
		all := strings.Join(h.deeds(), "")
		for i, secret := range secrets {
			if secret == "" || strings.Contains(all, secret) {
				t.Errorf("secret %d is in the audit, or was not made", i)
			}
		}
	})
}
