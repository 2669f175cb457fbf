package authserver_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/authserver"
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

// TestAttackUnsignedAndConfusedAssertions: alg none, and HS256 with the public key as
// the secret. The line: assertionAlgorithms in byAssertion, assertion.go.
func TestAttackUnsignedAndConfusedAssertions(t *testing.T) {
	h := newHarness(t)
	parts := strings.Split(h.sign(keys().ec, h.claims("warehouse")), ".")
	hmac := jose.JSONWebKey{Key: []byte(keySet(keys().rsa)), KeyID: "rsa", Algorithm: "HS256"}
	for name, assertion := range map[string]string{
		"none":       "eyJhbGciOiJub25lIiwia2lkIjoiZWMiLCJ0eXAiOiJKV1QifQ." + parts[1] + ".",
		"HS256":      h.sign(hmac, h.claims("warehouse")),
		"kid climbs": h.sign(jose.JSONWebKey{Key: keys().other.Key, KeyID: "../../ec", Algorithm: "ES384"}, h.claims("warehouse")),
		"jku":        h.sign(keys().other, h.claims("warehouse"), "jku", "https://evil.example.org/keys"),
		"x5u":        h.sign(keys().other, h.claims("warehouse"), "x5u", "https://evil.example.org/cert"),
		"no dots":    strings.Join(parts, ""),
	} {
		t.Run(name, func(t *testing.T) {
			h.refuses(h.post("/auth/token", backend(assertion), basic{}), "invalid_client", 400, 401)
		})
	}
}

// TestAttackKeyInHeader: the key that verifies comes along in the header. The line:
// s.assertionKey, which asks for the registered keys only, in assertion.go.
func TestAttackKeyInHeader(t *testing.T) {
	h := newHarness(t)
	options := (&jose.SignerOptions{EmbedJWK: true}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES384, Key: keys().other.Key}, options)
	h.must(err)
	text, err := jwt.Signed(signer).Claims(h.claims("warehouse")).Serialize()
	h.must(err)
	h.refuses(h.post("/auth/token", backend(text), basic{}), "invalid_client", 400, 401)
}

// TestAttackAssertionReplayInAnotherProcess. The line: firstUse's PutNew, assertion.go.
func TestAttackAssertionReplayInAnotherProcess(t *testing.T) {
	eachStores(t, func(h *harness, t *testing.T) {
		form, here, there := backend(h.sign(keys().ec, h.claims("warehouse"))), h.Server, h.compose()
		statuses := make(chan int, 2)
		for _, s := range []*authserver.Server{here, there} {
			go func() { statuses <- serve(s, "/auth/token", form) }()
		}
		if a, b := <-statuses, <-statuses; a+b != 200+401 {
			t.Errorf("%d and %d: exactly one is accepted", a, b)
		}
	})
}

// TestAttackRefreshReuse: both sides lose a stolen refresh token, in whichever order
// and process they use it. The line: s.revoke in replay, refresh.go.
func TestAttackRefreshReuse(t *testing.T) {
	eachStores(t, func(h *harness, t *testing.T) {
		stolen := h.tokens().text("refresh_token")
		thief := h.refresh(stolen)
		h.refresh(thief.text("refresh_token")) // the grace does not hold once the successor is used
		h.Server = h.compose()
		h.refuses(h.refresh(stolen), "invalid_grant", 400)
		h.resolves(thief.text("access_token"), false)
	})
}

// TestAttackScopeWideningOnRefresh. The line: codeFlow.within in refreshScopes, refresh.go.
func TestAttackScopeWideningOnRefresh(t *testing.T) {
	h := newHarness(t)
	token := h.tokens("scope=offline_access patient/Observation.rs?category=laboratory").text("refresh_token")
	for _, scope := range []string{"patient/Observation.rs", "patient/*.rs", "patient/Observation.rs?category=vital-signs", "patient/Observation.cruds?category=laboratory", "openid", "user/Observation.rs?category=laboratory"} {
		h.refuses(h.refresh(token, "scope="+scope), "invalid_scope", 400)
	}
}

// TestAttackTokenInTheQuery: what logs would keep is refused. The line: r.URL.RawQuery
// in formOnly, routes.go.
func TestAttackTokenInTheQuery(t *testing.T) {
	h := newHarness(t)
	token := h.tokens().text("access_token")
	for _, path := range []string{"/auth/token", "/auth/introspect", "/auth/revoke"} {
		if a := h.post(path+"?token="+token, url.Values{"client_id": {"public"}}, basic{}); a.status != 400 {
			t.Errorf("%s: %d %v", path, a.status, a.body)
		}
	}
	h.resolves(token, true) // it was not revoked either
	a := h.send(httpGet(t, h.base+"/auth/userinfo?access_token="+token))
	if a.status != 401 {
		t.Errorf("userinfo: %d", a.status)
	}
}

// TestAttackHeaderAndLogInjection: what a client sends breaks out of no header and no
// line of the log. The line: url.Values' Encode in back, interaction.go; slog's quoting.
func TestAttackHeaderAndLogInjection(t *testing.T) {
	log, old := &lockedBuffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, nil)))
	defer slog.SetDefault(old)
	h := newHarness(t)
	evil := "x\r\nSet-Cookie: a=b\r\n\r\nlevel=INFO msg=forged"
	for _, changes := range [][]string{{"state=" + evil, "-aud"}, {"state=" + evil, "scope=" + evil}, {"client_id=" + evil}, {"redirect_uri=" + evil}, {"nonce=" + evil, "prompt=none"}} {
		response, err := h.http.Get(h.base + "/auth/authorize?" + with(h.authorization("public"), changes...).Encode())
		h.must(err)
		response.Body.Close()
		if response.Header.Get("Set-Cookie") != "" {
			t.Errorf("%v: a header was injected", changes[0][:8])
		}
	}
	h.post("/auth/token", with(exchange(evil), "grant_type="+evil), basic{})
	h.post("/auth/token", with(exchange("x"), "client_id="+evil), basic{})
	log.mu.Lock()
	defer log.mu.Unlock()
	for line := range strings.SplitSeq(log.String(), "\n") {
		if strings.HasPrefix(line, "level=INFO msg=forged") || strings.HasPrefix(line, "Set-Cookie") {
			t.Errorf("a line was forged: %s", line)
		}
	}
}

// TestAttackSecretByTiming: a wrong secret and an unknown client are answered alike,
// and secrets are compared as hashes of one length. The line: ConstantTimeCompare in
// checkSecret, authenticate.go.
func TestAttackSecretByTiming(t *testing.T) {
	h := newHarness(t)
	form := with(exchange("x"), "-client_id")
	wrong := h.post("/auth/token", form, basic{"symmetric", "x" + h.secret[1:]})
	for name, a := range map[string]answer{
		"unknown client": h.post("/auth/token", form, basic{"nobody", h.secret}), "first letter": h.post("/auth/token", form, basic{"symmetric", h.secret[:1]}),
		"empty": h.post("/auth/token", form, basic{"symmetric", ""}), "of an asymmetric": h.post("/auth/token", form, basic{"asymmetric", h.secret}),
	} {
		if a.status != wrong.status || a.text("error") != wrong.text("error") || a.text("error_description") != wrong.text("error_description") {
			t.Errorf("%s: %d %v; a wrong secret: %d %v", name, a.status, a.body, wrong.status, wrong.body)
		}
	}
}

// TestPromptAndMaxAge: OpenID Connect Core, section 3.1.2.1. The line: signInSince in
// Grant.check, interaction.go.
func TestPromptAndMaxAge(t *testing.T) {
	for name, row := range map[string]struct {
		change string
		ago    time.Duration
		good   bool
	}{
		"long ago": {"x=y", time.Hour, true}, "login": {"prompt=login", time.Minute, false}, "login, just now": {"prompt=login", 0, true},
		"max_age": {"max_age=60", 2 * time.Minute, false}, "within max_age": {"max_age=60", 30 * time.Second, true}, "select_account": {"prompt=select_account", time.Minute, false},
	} {
		h := newHarness(t)
		id := h.requestID(with(h.authorization("public"), row.change, "login_hint=ada@example.org"))
		info, err := h.Request(t.Context(), id)
		h.must(err)
		g := h.approval("openid", "patient/*.rs")
		g.AuthTime = h.now.Add(-row.ago)
		back, err := h.Complete(t.Context(), id, g)
		if (err == nil) != row.good || info.LoginHint != "ada@example.org" || g.AuthTime.Before(info.SignInSince) == row.good {
			t.Errorf("%s: %v, %+v", name, err, info)
		}
		if err == nil {
			u, _ := url.Parse(back)
			claims := payload(t, h.post("/auth/token", exchange(u.Query().Get("code")), basic{}).text("id_token"))
			if !strings.Contains(claims, `"auth_time":`+strconv.FormatInt(g.AuthTime.Unix(), 10)) {
				t.Errorf("%s: %s", name, claims)
			}
		}
	}
}
