package authserver_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Each of these is an attack on the protocol (RFC 9700 and RFC 6819 describe most),
// and names the line whose loss lets it through.

// TestAttackCodeInjection: somebody's stolen code is put into the attacker's own flow.
// The line: verifies(r.Data.CodeVerifier, code.Challenge) in code.go.
func TestAttackCodeInjection(t *testing.T) {
	h := newHarness(t)
	stolen := h.code(h.authorization("public"))
	other := strings.Repeat("another-verifier-", 3)
	h.refuses(h.post("/auth/token", with(exchange(stolen), "code_verifier="+other), basic{}), "invalid_grant", 400)
	h.refuses(h.post("/auth/token", exchange(stolen), basic{}), "invalid_grant", 400) // nor is it good for anybody any more
}

// TestAttackCodeOfAnotherClient. The line: code.Client != r.Client.GetID() in code.go.
func TestAttackCodeOfAnotherClient(t *testing.T) {
	h := newHarness(t)
	stolen := h.code(h.authorization("public"))
	h.refuses(h.post("/auth/token", with(exchange(stolen), "-client_id"), basic{"symmetric", h.secret}), "invalid_grant", 400)
}

// TestAttackCodeReplay: what came of a code that is used twice ends. The line:
// s.revoke in replayedCode, code.go.
func TestAttackCodeReplay(t *testing.T) {
	eachStores(t, func(h *harness, t *testing.T) {
		code := h.code(h.authorization("public"))
		first := h.post("/auth/token", exchange(code), basic{})
		h.resolves(first.text("access_token"), true)
		h.Server = h.compose() // the replay reaches another process
		h.refuses(h.post("/auth/token", exchange(code), basic{}), "invalid_grant", 400)
		h.resolves(first.text("access_token"), false)
		h.refuses(h.refresh(first.text("refresh_token")), "invalid_grant", 400)
	})
}

// TestAttackPKCEDowngrade: no challenge, plain, or S256 whose verifier is left out.
// The lines: the check of CodeChallengeMethod in authorize.go, and verifies' of the
// length in code.go.
func TestAttackPKCEDowngrade(t *testing.T) {
	h := newHarness(t)
	for _, changes := range [][]string{{"-code_challenge", "-code_challenge_method"}, {"-code_challenge_method"}, {"code_challenge_method=plain", "code_challenge=" + verifier},
		{"code_challenge="}, {"code_challenge_method=s256"}} {
		if to := h.authorize(with(h.authorization("public"), changes...)); to.Query().Get("error") != "invalid_request" {
			t.Errorf("%v: %s", changes, to)
		}
	}
	h.refuses(h.post("/auth/token", with(exchange(h.code(h.authorization("public"))), "-code_verifier"), basic{}), "invalid_grant", 400)
	for _, weak := range []string{"", "a", verifier[:42], strings.Repeat("a", 129), verifier + "%"} { // whose challenge is right
		sum := sha256.Sum256([]byte(weak))
		asked := with(h.authorization("public"), "code_challenge="+base64.RawURLEncoding.EncodeToString(sum[:]))
		h.refuses(h.post("/auth/token", with(exchange(h.code(asked)), "code_verifier="+weak), basic{}), "invalid_grant", 400)
	}
}

// TestAttackMixUp: an app that speaks to several servers is told which one answers
// (RFC 9207). The lines: parameters.Set("iss", …) in interaction.go, and named in
// refused_page.go.
func TestAttackMixUp(t *testing.T) {
	h := newHarness(t)
	approved, err := h.Complete(t.Context(), h.requestID(h.authorization("public")), h.approval("patient/*.rs"))
	h.must(err)
	denied, err := h.Deny(t.Context(), h.requestID(h.authorization("public")))
	h.must(err)
	refused := h.authorize(with(h.authorization("public"), "-aud")).String()
	for what, to := range map[string]string{"approved": approved, "denied": denied, "refused": refused} {
		if u, err := url.Parse(to); err != nil || u.Query().Get("iss") != h.base || len(u.Query()["iss"]) != 1 {
			t.Errorf("%s: %s", what, to)
		}
	}
	if to := h.authorize(h.authorization("public")); to.Query().Has("iss") {
		t.Errorf("our own login page: %s", to)
	}
}

// TestAttackRedirectURI: nothing but the registered URI, to the byte. The line:
// DevMode in client.go, whose true lets only exact comparison stand, together with
// RedirectURIs that hold no globs.
func TestAttackRedirectURI(t *testing.T) {
	h := newHarness(t)
	for name, uri := range map[string]string{
		"prefix": redirectURI + "x", "path below": "https://app.example.org/callback/x?tenant=1", "case of the host": "https://APP.example.org/callback?tenant=1",
		"case of the path": "https://app.example.org/Callback?tenant=1", "fragment": redirectURI + "#x", "userinfo": "https://app.example.org@evil.example.org/callback?tenant=1",
		"user before": "https://evil@app.example.org/callback?tenant=1", "wildcard": "https://*.example.org/callback?tenant=1", "port": "https://app.example.org:444/callback?tenant=1",
		"default port": "https://app.example.org:443/callback?tenant=1", "traversal": "https://app.example.org/x/../callback?tenant=1",
		"escaped": "https://app.example.org/%63allback?tenant=1", "scheme": "http://app.example.org/callback?tenant=1", "host suffix": "https://app.example.org.evil.example.org/callback?tenant=1",
		"without query": "https://app.example.org/callback", "more query": redirectURI + "&x=y", "backslash": `https://evil.example.org\@app.example.org/callback?tenant=1`,
		"space": redirectURI + " ", "newline": redirectURI + "\r\nX: y", "loopback port": "http://127.0.0.1:9998/cb", "localhost": "http://localhost:9999/cb", "protocol relative": "//app.example.org/callback?tenant=1",
	} {
		response, err := h.http.Get(h.base + "/auth/authorize?" + with(h.authorization("public"), "redirect_uri="+uri).Encode())
		h.must(err)
		response.Body.Close()
		if response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
			t.Errorf("%s: %d, to %s", name, response.StatusCode, response.Header.Get("Location"))
		}
	}
}

// TestRefusalIsAPage for a browser: nothing of the request is in it, nothing runs,
// and no other page frames it. The line: refusedPolicy in refused_page.go.
func TestRefusalIsAPage(t *testing.T) {
	h := newHarness(t)
	r := httpGet(t, h.base+"/auth/authorize?"+with(h.authorization("public"), "redirect_uri=https://evil.example.org/<script>").Encode())
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	response, err := h.http.Do(r)
	h.must(err)
	defer response.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(response.Body)
	h.must(err)
	policy := response.Header.Get("Content-Security-Policy")
	if response.StatusCode != 400 || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") || strings.Contains(body.String(), "evil") ||
		!strings.Contains(body.String(), "Tributary Study") || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("%d %v %s", response.StatusCode, response.Header, body.String())
	}
}
