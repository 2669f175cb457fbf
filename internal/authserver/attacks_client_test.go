package authserver_test

import (
	"log/slog"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// TestAttackUnsignedAndConfusedAssertions: alg none, and HS256 with the public key as
// the secret. The line: assertionAlgorithms in byAssertion, assertion.go.
func TestAttackUnsignedAndConfusedAssertions(t *testing.T) {
	h := newHarness(t)
	parts := strings.Split(h.sign(keys().ec, h.claims("warehouse")), ".")
	hmac := jose.JSONWebKey{Key: []byte(keySet(keys().rsa)), KeyID: "rsa", Algorithm: "HS256"}
	rs256 := keys().rsa
	rs256.Algorithm = "RS256"
	for name, assertion := range map[string]string{
		"RS256":      h.sign(rs256, h.claims("warehouse")),
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

// TestAttackKeyOfAnotherKind: of two keys with one name, that which fits the algorithm
// is taken, and no other. The line: fits in clientKey's condition, assertion.go.
func TestAttackKeyOfAnotherKind(t *testing.T) {
	h := newHarness(t)
	ec, rsa := keys().ec, keys().rsa
	ec.KeyID, rsa.KeyID = "one", "one"
	h.register(store.Client{ID: "twins", Name: "Twins", Purpose: store.PurposeResearch, Scopes: "system/Patient.rs", Groups: []string{"cohort"}, JWKS: keySet(ec, rsa)})
	for _, key := range []jose.JSONWebKey{ec, rsa} {
		if a := h.post("/auth/token", with(backend(h.sign(key, h.claims("twins"))), "scope=system/Patient.rs"), basic{}); a.status != 200 {
			t.Errorf("%s: %d %v", key.Algorithm, a.status, a.body)
		}
	}
}

// TestAttackSomebodyElsesLaunch: an app that one account opened is let in by no other.
// The line: Launch.By in Grant.check, interaction.go.
func TestAttackSomebodyElsesLaunch(t *testing.T) {
	h := newHarness(t)
	launch, err := h.NewLaunch(t.Context(), authserver.Launch{Client: "public", Patient: "p1", By: "account-1"})
	h.must(err)
	id := h.requestID(with(h.authorization("public"), "launch="+launch))
	g := h.approval("patient/*.rs")
	g.Subject = "account-2"
	if _, err := h.Complete(t.Context(), id, g); errs.Of(err).Kind != errs.Conflict {
		t.Errorf("somebody else: %v", err)
	}
	g.Subject = "account-1"
	if _, err := h.Complete(t.Context(), id, g); err != nil {
		t.Errorf("who opened it: %v", err)
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
	h.addsNoParameters()
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

// addsNoParameters sends a state that would be parameters of its own, and a fragment.
func (h *harness) addsNoParameters() {
	h.t.Helper()
	state := "s&code=stolen&iss=https://evil.example#x"
	back, err := h.Deny(h.t.Context(), h.requestID(with(h.authorization("public"), "state="+state)))
	h.must(err)
	to, err := url.Parse(back)
	h.must(err)
	if q := to.Query(); q.Get("state") != state || q.Has("code") || len(q["iss"]) != 1 || to.Fragment != "" {
		h.t.Errorf("the state became parameters: %s", back)
	}
}

// TestAttackSecretByTiming: a wrong secret and an unknown client are answered alike,
// and secrets are compared as hashes of one length. The line: ConstantTimeCompare in
// checkSecret, authenticate.go.
func TestAttackSecretByTiming(t *testing.T) {
	h := newHarness(t)
	form := with(exchange("x"), "-client_id")
	other := "x" // a secret may begin with it
	if h.secret[:1] == other {
		other = "y"
	}
	wrong := h.post("/auth/token", form, basic{"symmetric", other + h.secret[1:]})
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
