package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/signin"
	"tributary/internal/signin/signintest"
)

// world is a provider and us as its client, with one browser.
type world struct {
	*signin.Provider
	t       *testing.T
	op      *signintest.Provider
	now     time.Time
	cookies []*http.Cookie
}

const callback = "http://study.example/signin/staff/callback"

func newWorld(t *testing.T, change ...func(*signin.Config)) *world {
	w := &world{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	w.op = signintest.New(t, clock)
	states, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { states.Close() })
	c := signin.Config{
		Name: "University", Issuer: w.op.URL, ClientID: signintest.ClientID, Secret: signintest.Secret, Redirect: callback,
		Development: true, States: states, Now: clock, AfterLogout: "http://study.example/staff/signin",
		Roles: []signin.Rule{
			{Claim: "groups", Value: "nurses", Role: "center", Site: "harbor-clinic"},
			{Claim: "realm_access.roles", Value: "study", Role: "study"},
			{Claim: "https://example.org/admin", Value: "true", Role: "study"},
		},
	}
	for _, f := range change {
		f(&c)
	}
	if w.Provider, err = signin.New(c); err != nil {
		t.Fatal(err)
	}
	w.op.Claims = map[string]any{"sub": "kim", "name": "Kim", "sid": "s1", "groups": []string{"staff", "nurses"}}
	return w
}

// leave begins a sign-in and returns the answer with which the provider sends the
// browser back.
func (w *world) leave() string {
	w.t.Helper()
	r, rec := httptest.NewRequest("POST", "/staff/openid", nil), httptest.NewRecorder()
	for _, c := range w.cookies {
		r.AddCookie(c)
	}
	to, err := w.Begin(rec, r, "/staff/held")
	if err != nil {
		w.t.Fatal(err)
	}
	w.cookies = rec.Result().Cookies()
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stay.Get(to)
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		w.t.Fatalf("the provider answers %d to %s", res.StatusCode, to)
	}
	return res.Header.Get("Location")
}

func (w *world) back(address string) (signin.Identity, string, error) {
	r := httptest.NewRequest("GET", address, nil)
	for _, c := range w.cookies {
		r.AddCookie(c)
	}
	return w.Finish(r)
}

// refused wants an answer to be refused, and nothing told of it but the kind.
func (w *world) refused(kind errs.Kind, address string) {
	w.t.Helper()
	id, _, err := w.back(address)
	if !errs.Is(err, kind) || id.Grants != nil {
		w.t.Fatalf("%+v, %v; want an error of kind %v", id, err, kind)
	}
}

func changed(address, name, value string) string {
	u, _ := url.Parse(address)
	q := u.Query()
	if q.Set(name, value); value == "" {
		q.Del(name)
	}
	u.RawQuery = q.Encode()
	return u.String()
}

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	id, next, err := w.back(w.leave())
	if err != nil {
		t.Fatal(err)
	}
	if id.Subject != "kim" || id.Issuer != w.op.URL || id.Session != "s1" || id.Name != "Kim" || next != "/staff/held" {
		t.Errorf("%+v to %q", id, next)
	}
	if !slices.Equal(id.Grants, []signin.Grant{{Role: "center", Site: "harbor-clinic"}}) {
		t.Errorf("granted %+v", id.Grants)
	}
}

func TestRolesComeFromTheConfigurationAlone(t *testing.T) {
	for name, c := range map[string]struct {
		claims map[string]any
		want   []signin.Grant
	}{
		"none":           {map[string]any{}, nil},
		"another group":  {map[string]any{"groups": []string{"nurse", "nurses2"}}, nil},
		"a role claimed": {map[string]any{"role": "study", "roles": []string{"study"}}, nil},
		"text":           {map[string]any{"groups": "nurses"}, []signin.Grant{{"center", "harbor-clinic"}}},
		"a path":         {map[string]any{"realm_access": map[string]any{"roles": []string{"study"}}}, []signin.Grant{{"study", ""}}},
		"a bool":         {map[string]any{"https://example.org/admin": true}, []signin.Grant{{"study", ""}}},
		"a number":       {map[string]any{"groups": 7}, nil},
		"both": {map[string]any{"groups": []string{"nurses"}, "realm_access": map[string]any{"roles": "study"}},
			[]signin.Grant{{"center", "harbor-clinic"}, {"study", ""}}},
	} {
		w := newWorld(t)
		w.op.Claims = c.claims
		c.claims["sub"] = "kim"
		if id, _, err := w.back(w.leave()); err != nil || !slices.Equal(id.Grants, c.want) {
			t.Errorf("%s: %+v, %v", name, id.Grants, err)
		}
	}
}

func TestGroupsFromUserInfo(t *testing.T) {
	w := newWorld(t)
	delete(w.op.Claims, "groups")
	w.op.UserInfo = map[string]any{"groups": []string{"nurses"}}
	if id, _, err := w.back(w.leave()); err != nil || len(id.Grants) != 1 {
		t.Errorf("%+v, %v", id, err)
	}
	w.op.UserInfo["sub"] = "somebody else"
	w.refused(errs.Unauthorized, w.leave())
}

func TestStateIsTakenOnceAndInItsBrowserOnly(t *testing.T) {
	w := newWorld(t)
	answer := w.leave()
	mine := w.cookies
	w.cookies = nil
	w.refused(errs.Invalid, answer) // login CSRF: the answer in a browser that asked nothing
	w.leave()
	w.refused(errs.Invalid, answer) // and in one that asked something else
	w.cookies = mine
	w.refused(errs.Invalid, changed(answer, "state", "x"))
	w.refused(errs.Invalid, changed(answer, "state", ""))
	if _, _, err := w.back(answer); err != nil {
		t.Fatal(err)
	}
	w.refused(errs.Invalid, answer) // replayed
	late := w.leave()
	w.now = w.now.Add(11 * time.Minute)
	w.refused(errs.Invalid, late)
}

func TestTwoTabs(t *testing.T) {
	w := newWorld(t)
	first, second := w.leave(), w.leave()
	for _, answer := range []string{first, second} {
		if _, _, err := w.back(answer); err != nil {
			t.Error(err)
		}
	}
}

// TestMixUp: RFC 9207; RFC 9700, section 4.4.
func TestMixUp(t *testing.T) {
	w := newWorld(t)
	for _, iss := range []string{"https://evil.example", w.op.URL + "/", ""} {
		w.refused(errs.Invalid, changed(w.leave(), "iss", iss))
	}
	if w.op.Exchanged != 0 {
		t.Error("a code was given away before the issuer was known")
	}
	other := newWorld(t, func(c *signin.Config) {
		c.Issuer, c.Redirect, c.States = w.op.URL, "http://study.example/signin/participant/callback", w.States
	})
	answer := w.leave()
	other.cookies = w.cookies
	other.refused(errs.Invalid, answer) // a state of one provider at the other's callback
	quiet := newWorld(t)
	quiet.op.GivesIss = false
	if _, _, err := quiet.back(quiet.leave()); err != nil {
		t.Errorf("a provider that gives no iss: %v", err)
	}
	quiet.refused(errs.Invalid, changed(quiet.leave(), "iss", "https://evil.example"))
}

func TestCodeInjection(t *testing.T) {
	w := newWorld(t)
	stolen, _ := url.Parse(w.leave())
	w.refused(errs.Unavailable, changed(w.leave(), "code", stolen.Query().Get("code"))) // PKCE: the verifier is another
	w.refused(errs.Forbidden, changed(changed(w.leave(), "code", ""), "error", "access_denied"))
	w.refused(errs.Invalid, changed(w.leave(), "code", ""))
}

// TestIDToken bends each claim that counts (OpenID Connect Core 1.0, section 3.1.3.7).
func TestIDToken(t *testing.T) {
	for name, bend := range map[string]func(map[string]any){
		"another nonce":     func(c map[string]any) { c["nonce"] = "x" },
		"no nonce":          func(c map[string]any) { delete(c, "nonce") },
		"another issuer":    func(c map[string]any) { c["iss"] = "https://evil.example" },
		"another audience":  func(c map[string]any) { c["aud"] = "other" },
		"audiences, no azp": func(c map[string]any) { c["aud"] = []string{signintest.ClientID, "other"} },
		"another azp":       func(c map[string]any) { c["azp"] = "other" },
		"expired":           func(c map[string]any) { c["exp"] = c["iat"].(int64) - 61 },
		"no expiry":         func(c map[string]any) { delete(c, "exp") },
		"not yet valid":     func(c map[string]any) { c["nbf"] = c["iat"].(int64) + 3600 },
		"no subject":        func(c map[string]any) { delete(c, "sub") },
		"a long subject":    func(c map[string]any) { c["sub"] = strings.Repeat("x", 256) },
		"another at_hash":   func(c map[string]any) { c["at_hash"] = "x" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.op.Bend = bend
			w.refused(errs.Unauthorized, w.leave())
		})
	}
	for name, bend := range map[string]func(map[string]any){
		"audiences and azp": func(c map[string]any) {
			c["aud"], c["azp"] = []string{signintest.ClientID, "other"}, signintest.ClientID
		},
		"expired by a moment":  func(c map[string]any) { c["exp"] = c["iat"].(int64) - 30 },
		"a clock that is fast": func(c map[string]any) { c["iat"], c["nbf"] = c["iat"].(int64)+40, c["iat"].(int64)+40 },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.op.Bend = bend
			if _, _, err := w.back(w.leave()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestForgedSignatures: RFC 8725, sections 2.1 and 3.1 to 3.10.
func TestForgedSignatures(t *testing.T) {
	w := newWorld(t)
	evil, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	fetched := 0
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched++ }))
	defer trap.Close()
	der, err := x509.MarshalPKIXPublicKey(w.op.Key.Public())
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	es := func(kid string) jose.SigningKey {
		return jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: evil, KeyID: kid}}
	}
	part := func(v any) string {
		raw, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	for name, forge := range map[string]func(map[string]any) string{
		"alg none": func(c map[string]any) string { return part(map[string]string{"alg": "none"}) + "." + part(c) + "." },
		"alg None": func(c map[string]any) string {
			return part(map[string]string{"alg": "None", "kid": "k1"}) + "." + part(c) + "."
		},
		"HS256, public key": func(c map[string]any) string {
			return signintest.Sign(jose.SigningKey{Algorithm: jose.HS256, Key: public}, c, "kid", "k1")
		},
		"HS256, client secret": func(c map[string]any) string {
			return signintest.Sign(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(strings.Repeat(signintest.Secret, 2))}, c)
		},
		"another key":    func(c map[string]any) string { return signintest.Sign(es("k1"), c) },
		"an unknown kid": func(c map[string]any) string { return signintest.Sign(es("../../k1"), c) },
		"jku":            func(c map[string]any) string { return signintest.Sign(es("k2"), c, "jku", trap.URL+"/keys") },
		"x5u":            func(c map[string]any) string { return signintest.Sign(es("k2"), c, "x5u", trap.URL+"/chain") },
		"its own key": func(c map[string]any) string {
			s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: evil}, &jose.SignerOptions{EmbedJWK: true})
			if err != nil {
				t.Fatal(err)
			}
			raw, _ := json.Marshal(c)
			o, err := s.Sign(raw)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := o.CompactSerialize()
			return text
		},
		"no signature": func(c map[string]any) string {
			raw := w.op.Sign(c)
			return raw[:strings.LastIndexByte(raw, '.')+1]
		},
		"no token": func(map[string]any) string { return "" },
	} {
		t.Run(name, func(t *testing.T) {
			w.t, w.op.Forge = t, forge
			w.refused(errs.Unauthorized, w.leave())
		})
	}
	if fetched != 0 {
		t.Error("a key was fetched from where a token said")
	}
}

func TestDiscovery(t *testing.T) {
	for name, said := range map[string]map[string]any{
		"another issuer": {"issuer": "https://evil.example"},
		"a plain scheme": {"token_endpoint": "gopher://x/token"},
	} {
		w := newWorld(t)
		w.op.Metadata = said
		if _, err := w.Begin(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), "/"); !errs.Is(err, errs.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	strict := newWorld(t, func(c *signin.Config) { c.Development = false })
	if _, err := strict.Begin(httptest.NewRecorder(), httptest.NewRequest("POST", "/", nil), "/"); !errs.Is(err, errs.Unavailable) {
		t.Errorf("plain http in production: %v", err)
	}
	if _, err := signin.New(signin.Config{Algorithms: []string{"HS256"}}); err == nil {
		t.Error("a shared secret may sign")
	}
}

func TestWaysToSayWhoWeAre(t *testing.T) {
	w := newWorld(t)
	w.op.Metadata = map[string]any{"token_endpoint_auth_methods_supported": []string{"client_secret_post"}}
	if _, _, err := w.back(w.leave()); err != nil {
		t.Errorf("client_secret_post: %v", err)
	}
	key := func(k *ecdsa.PrivateKey) []byte {
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	}
	signed, err := signin.New(signin.Config{Issuer: w.op.URL, ClientID: signintest.ClientID, Key: key(w.op.Key), Redirect: callback, Development: true, States: w.States, Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.Provider = signed
	if _, _, err := w.back(w.leave()); err != nil {
		t.Errorf("private_key_jwt: %v", err)
	}
	w.Provider, err = signin.New(signin.Config{Issuer: w.op.URL, ClientID: signintest.ClientID, Secret: "wrong", Redirect: callback, Development: true, States: w.States, Now: w.Now})
	if err != nil {
		t.Fatal(err)
	}
	w.refused(errs.Unavailable, w.leave())
}

// TestBackChannelLogout: OpenID Connect Back-Channel Logout 1.0, section 2.6.
func TestBackChannelLogout(t *testing.T) {
	w := newWorld(t)
	out, err := w.LoggedOut(t.Context(), w.op.LogoutToken(func(c map[string]any) { c["sid"] = "s1" }))
	if err != nil || out != (signin.Logout{Issuer: w.op.URL, Subject: "kim", Session: "s1"}) {
		t.Fatalf("%+v, %v", out, err)
	}
	for name, change := range map[string]func(map[string]any){
		"an id_token":   func(c map[string]any) { c["nonce"] = "n"; delete(c, "events") },
		"a nonce":       func(c map[string]any) { c["nonce"] = "n" },
		"no events":     func(c map[string]any) { delete(c, "events") },
		"another event": func(c map[string]any) { c["events"] = map[string]any{"x": map[string]any{}} },
		"no object of event": func(c map[string]any) {
			c["events"] = map[string]any{"http://schemas.openid.net/event/backchannel-logout": "x"}
		},
		"nobody":           func(c map[string]any) { delete(c, "sub") },
		"no jti":           func(c map[string]any) { delete(c, "jti") },
		"expired":          func(c map[string]any) { c["exp"] = c["iat"].(int64) - 61 },
		"old":              func(c map[string]any) { c["iat"] = c["iat"].(int64) - 600 },
		"another audience": func(c map[string]any) { c["aud"] = "other" },
		"another issuer":   func(c map[string]any) { c["iss"] = "https://evil.example" },
	} {
		if _, err := w.LoggedOut(t.Context(), w.op.LogoutToken(change)); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestLogoutTokenIsTakenOnce by two processes with one store.
func TestLogoutTokenIsTakenOnce(t *testing.T) {
	w := newWorld(t)
	second, err := signin.New(w.Config)
	if err != nil {
		t.Fatal(err)
	}
	raw := w.op.LogoutToken(nil)
	if _, err := w.LoggedOut(t.Context(), raw); err != nil {
		t.Fatal(err)
	}
	if _, err := second.LoggedOut(t.Context(), raw); !errs.Is(err, errs.Invalid) {
		t.Errorf("replayed at the other process: %v", err)
	}
}

func TestEndSession(t *testing.T) {
	w := newWorld(t)
	id, _, err := w.back(w.leave())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(w.EndSession(t.Context(), id.IDToken))
	if err != nil || u.Path != "/logout" || u.Query().Get("id_token_hint") != id.IDToken || u.Query().Get("post_logout_redirect_uri") != w.AfterLogout {
		t.Errorf("%v, %v", u, err)
	}
	plain := newWorld(t)
	plain.op.Metadata = map[string]any{"end_session_endpoint": ""}
	if to := plain.EndSession(t.Context(), id.IDToken); to != "" {
		t.Errorf("a provider without the endpoint: %q", to)
	}
}

var _ session.Store = (*embedded.Store)(nil)
