package authserver_test

import (
	"slices"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/store"
)

// kids are the ids of the published keys.
func (h *harness) kids() (ids []string) {
	h.t.Helper()
	for _, k := range h.send(httpGet(h.t.(*testing.T), h.base+"/auth/jwks")).body["keys"].([]any) {
		ids = append(ids, k.(map[string]any)["kid"].(string))
	}
	return ids
}

// kid is the key that signs now.
func (h *harness) kid() string {
	h.t.Helper()
	token, err := jwt.ParseSigned(h.tokens().text("id_token"), []jose.SignatureAlgorithm{jose.RS256})
	h.must(err)
	return token.Headers[0].KeyID
}

// TestKeysRotateOnSchedule: a new key is published a day before it signs, and the
// old one for a day after, so that a client that keeps the key set for an hour
// verifies every id_token.
func TestKeysRotateOnSchedule(t *testing.T) {
	h := newHarness(t)
	h.kids() // both are made
	first := h.kid()
	step := func(after time.Duration, keys int) {
		t.Helper()
		h.now = h.now.Add(after)
		h.must(h.RotateKeys(t.Context()))
		h.must(h.RotateKeys(t.Context())) // another process
		if got := h.kids(); len(got) != keys {
			t.Fatalf("after %v: %d keys, want %d", after, len(got), keys)
		}
	}
	step(89*24*time.Hour, 2)
	if h.kid() != first {
		t.Fatal("another key signs before it is due")
	}
	step(25*time.Hour, 4) // the next of each algorithm
	if h.kid() != first {
		t.Fatal("a key signs at once when it is published")
	}
	step(23*time.Hour, 4)
	if h.kid() != first {
		t.Fatal("a key signs before clients can know it")
	}
	step(2*time.Hour, 4)
	second := h.kid()
	if second == first || !slices.Contains(h.kids(), first) {
		t.Fatal("the new key does not sign, or the old one is gone")
	}
	step(25*time.Hour, 2)
	if got := h.kids(); slices.Contains(got, first) || !slices.Contains(got, second) {
		t.Fatal("the old key is still published, or the new one is not")
	}
}

// TestKeysAreReplacedAtOnce: for keys that somebody else may have.
func TestKeysAreReplacedAtOnce(t *testing.T) {
	h := newHarness(t)
	h.kids()
	first := h.kid()
	h.must(h.ReplaceKeys(t.Context()))
	if h.kid() == first || !slices.Contains(h.kids(), first) {
		t.Fatal("the key signs still, or id_tokens of a minute ago are worth nothing")
	}
	h.now = h.now.Add(25 * time.Hour)
	h.must(h.RotateKeys(t.Context()))
	if got := h.kids(); slices.Contains(got, first) || len(got) != 2 {
		t.Fatalf("keys %v", got)
	}
}

func TestIDTokensByES384(t *testing.T) {
	h := newHarness(t)
	h.register(store.Client{ID: "elliptic", Name: "Elliptic", Purpose: store.PurposeApp, RedirectURIs: []string{redirectURI}, Scopes: appScopes, IDTokenAlg: "ES384"})
	a := h.post("/auth/token", with(exchange(h.code(h.authorization("elliptic"))), "client_id=elliptic"), basic{})
	provider, err := oidc.NewProvider(t.Context(), h.base)
	h.must(err)
	id, err := provider.Verifier(&oidc.Config{ClientID: "elliptic", Now: h.clock, SupportedSigningAlgs: []string{"ES384"}}).Verify(t.Context(), a.text("id_token"))
	h.must(err)
	h.must(id.VerifyAccessToken(a.text("access_token")))
}
