package authserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"tributary/internal/store"
)

// TestChecklist_9_2_OAuth2Library gets tokens with golang.org/x/oauth2.
func TestChecklist_9_2_OAuth2Library(t *testing.T) {
	h := newHarness(t)
	for _, key := range []jose.JSONWebKey{keys().ec, keys().rsa} {
		config := clientcredentials.Config{
			ClientID: "warehouse", TokenURL: h.base + "/auth/token", AuthStyle: oauth2.AuthStyleInParams,
			Scopes:         []string{"system/Patient.rs"},
			EndpointParams: url.Values{"client_assertion_type": {assertionType}, "client_assertion": {h.sign(key, h.claims("warehouse"))}},
		}
		token, err := config.Token(t.Context())
		h.must(err)
		if token.Type() != "Bearer" || token.RefreshToken != "" || token.Extra("expires_in") != 300.0 || token.Extra("scope") != "system/Patient.rs" {
			t.Errorf("checklist 9.9: %+v", token)
		}
		actor, err := h.Resolve(t.Context(), token.AccessToken)
		if err != nil || actor.Role != "research" || actor.Client != "warehouse" || len(actor.Groups) != 1 ||
			actor.Purpose != "HRESCH" || actor.Patient != "" || actor.Unscoped {
			t.Errorf("actor %+v, %v", actor, err)
		}
	}
}

func TestChecklist_9_10_ScopesAreLimitedAndUnknownTypesDropped(t *testing.T) {
	h := newHarness(t)
	for asked, want := range map[string]string{
		"system/Patient.read system/Nonsense.read system/Condition.read": "system/Patient.read",
		"system/*.rs":                           "system/Group.rs system/Observation.rs system/Patient.rs",
		"system/Observation.cruds":              "system/Observation.rs",
		"system/Observation.rs?category=a":      "system/Observation.rs?category=a",
		"patient/Patient.rs system/Patient.rs":  "system/Patient.rs",
		"system/Patient.rs offline_access":      "system/Patient.rs",
		"system/Patient.rs   system/Patient.rs": "system/Patient.rs",
	} {
		form := with(backend(h.sign(keys().ec, h.claims("warehouse"))), "scope="+asked)
		if a := h.post("/auth/token", form, basic{}); a.status != 200 || a.text("scope") != want {
			t.Errorf("%q: %d %v; want %q", asked, a.status, a.body, want)
		}
	}
	for _, scope := range []string{"", "system/Condition.rs", "patient/*.rs", "introspect", "openid", "system/Patient.rs?nonsense=1"} {
		form := with(backend(h.sign(keys().ec, h.claims("warehouse"))), "scope="+scope)
		h.refuses(h.post("/auth/token", form, basic{}), "invalid_scope", 400)
	}
}

func TestChecklist_9_AssertionsRefused(t *testing.T) {
	h := newHarness(t)
	change := func(f func(*jwt.Claims)) string {
		c := h.claims("warehouse")
		f(&c)
		return h.sign(keys().ec, c)
	}
	noKid := keys().ec
	noKid.KeyID = ""
	rs256 := keys().rsa
	rs256.Algorithm = "RS256"
	mismatched := keys().rsa
	mismatched.KeyID = "ec"
	hmac := jose.JSONWebKey{Key: []byte(keySet(keys().rsa)), KeyID: "rsa", Algorithm: "HS256"}
	for name, assertion := range map[string]string{
		"9.2 none":              "eyJhbGciOiJub25lIiwia2lkIjoiZWMifQ.e30.",
		"9.2 HS256":             h.sign(hmac, h.claims("warehouse")),
		"9.2 RS256":             h.sign(rs256, h.claims("warehouse")),
		"9.3 not a JWT":         "nonsense",
		"9.3 typ":               h.sign(keys().ec, h.claims("warehouse"), "typ", "logout+jwt"),
		"9.3 iss":               change(func(c *jwt.Claims) { c.Issuer = "asymmetric" }),
		"9.3 iss unknown":       change(func(c *jwt.Claims) { c.Issuer = "nobody" }),
		"9.3 iss missing":       change(func(c *jwt.Claims) { c.Issuer = "" }),
		"9.3 sub":               change(func(c *jwt.Claims) { c.Subject = "asymmetric" }),
		"9.3 sub missing":       change(func(c *jwt.Claims) { c.Subject = "" }),
		"9.3 aud":               change(func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://evil.example.org/token"} }),
		"9.3 aud missing":       change(func(c *jwt.Claims) { c.Audience = nil }),
		"9.3 aud of FHIR":       change(func(c *jwt.Claims) { c.Audience = jwt.Audience{h.fhir} }),
		"9.3 exp missing":       change(func(c *jwt.Claims) { c.Expiry = nil }),
		"9.3 exp past":          change(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(-2 * time.Minute)) }),
		"9.3 exp far":           change(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(10 * time.Minute)) }),
		"9.3 nbf future":        change(func(c *jwt.Claims) { c.NotBefore = jwt.NewNumericDate(h.now.Add(2 * time.Minute)) }),
		"9.3 iat future":        change(func(c *jwt.Claims) { c.IssuedAt = jwt.NewNumericDate(h.now.Add(2 * time.Minute)) }),
		"9.3 jti missing":       change(func(c *jwt.Claims) { c.ID = "" }),
		"9.5 kid missing":       h.sign(noKid, h.claims("warehouse")),
		"9.5 kid unknown":       h.sign(jose.JSONWebKey{Key: keys().ec.Key, KeyID: "x", Algorithm: "ES384"}, h.claims("warehouse")),
		"9.5 kid of other kty":  h.sign(mismatched, h.claims("warehouse")),
		"9.5 jku":               h.sign(keys().ec, h.claims("warehouse"), "jku", "https://evil.example.org/keys"),
		"9.7 another's key":     h.sign(keys().other, h.claims("warehouse")),
		"9.7 of another client": h.sign(keys().other, h.claims("asymmetric")),
	} {
		t.Run(name, func(t *testing.T) {
			h.refuses(h.post("/auth/token", backend(assertion), basic{}), "invalid_client", 400, 401)
		})
	}
	good := h.sign(keys().ec, h.claims("warehouse"))
	h.refuses(h.post("/auth/token", with(backend(good), "client_assertion_type=x"), basic{}), "invalid_request", 400)
	h.refuses(h.post("/auth/token", with(backend(good), "-client_assertion_type"), basic{}), "invalid_request", 400)
	h.refuses(h.post("/auth/token", with(backend(good), "client_id=asymmetric"), basic{}), "invalid_client", 400, 401)
	h.refuses(h.post("/auth/token", with(backend(good), "grant_type=not_a_grant"), basic{}), "unsupported_grant_type", 400)
	if a := h.post("/auth/token", backend(good), basic{}); a.status != 200 {
		t.Fatalf("the good one: %d %v", a.status, a.body)
	}
}

func TestChecklist_9_3_AssertionsAccepted(t *testing.T) {
	h := newHarness(t)
	for name, f := range map[string]func(*jwt.Claims){
		"aud the issuer":    func(c *jwt.Claims) { c.Audience = jwt.Audience{h.base} },
		"aud of several":    func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://x/", h.base + "/auth/token"} },
		"clocks apart":      func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(5*time.Minute + 30*time.Second)) },
		"just over":         func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(-30 * time.Second)) },
		"jku not mentioned": func(*jwt.Claims) {},
	} {
		c := h.claims("warehouse")
		f(&c)
		if a := h.post("/auth/token", backend(h.sign(keys().rsa, c)), basic{}); a.status != 200 {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}

func TestChecklist_9_4_AssertionIsUsedOnce(t *testing.T) {
	h := newHarness(t)
	claims := h.claims("warehouse")
	statuses := make(chan int, 8)
	assertion := h.sign(keys().ec, claims)
	for range cap(statuses) {
		go func() { statuses <- h.post("/auth/token", backend(assertion), basic{}).status }()
	}
	accepted := 0
	for range cap(statuses) {
		if <-statuses == http.StatusOK {
			accepted++
		}
	}
	if accepted != 1 {
		t.Errorf("%d of %d accepted", accepted, cap(statuses))
	}
	other := h.sign(keys().rsa, claims) // the same jti, signed anew
	h.refuses(h.post("/auth/token", backend(other), basic{}), "invalid_client", 400, 401)
	h.now = h.now.Add(5*time.Minute + 59*time.Second) // the last moment at which its exp passes
	h.refuses(h.post("/auth/token", backend(assertion), basic{}), "invalid_client", 400, 401)
}

func TestDisabledBackendIsCutOff(t *testing.T) {
	h := newHarness(t)
	token := h.post("/auth/token", backend(h.sign(keys().ec, h.claims("warehouse"))), basic{}).text("access_token")
	h.resolves(token, true)
	h.disable("warehouse")
	h.now = h.now.Add(time.Second)
	h.resolves(token, false)
	h.refuses(h.post("/auth/token", backend(h.sign(keys().ec, h.claims("warehouse"))), basic{}), "invalid_client", 400, 401)
}

// keyServer serves a client's key set, counting the fetches.
type keyServer struct {
	*httptest.Server
	fetches atomic.Int64
	control string
	set     atomic.Value
}

func newKeyServer(t *testing.T, set string) *keyServer {
	k := &keyServer{}
	k.set.Store(set)
	k.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.fetches.Add(1)
		w.Header().Set("Cache-Control", k.control)
		switch {
		case r.URL.Path == "/redirect":
			http.Redirect(w, r, "/keys", http.StatusFound)
		case r.Header.Get("Accept") != "application/json":
			http.Error(w, "Accept", http.StatusNotAcceptable)
		default:
			fmt.Fprint(w, k.set.Load())
		}
	}))
	t.Cleanup(k.Close)
	return k
}

func (h *harness) backendWithKeysAt(id, u string) func(key jose.JSONWebKey, headers ...string) int {
	h.register(store.Client{ID: id, Name: id, Purpose: store.PurposeEHR, Scopes: "system/*.cruds", JWKSURL: u})
	return func(key jose.JSONWebKey, headers ...string) int {
		h.t.Helper()
		return h.post("/auth/token", backend(h.sign(key, h.claims(id), headers...)), basic{}).status
	}
}

func TestChecklist_9_6_KeysByURL(t *testing.T) {
	h, k := newHarness(t), newKeyServer(t, keySet(keys().ec))
	k.control = "public, max-age=120"
	ask := h.backendWithKeysAt("ehr", k.URL+"/keys")
	expect := func(what string, status, wantStatus int, fetches int64) {
		t.Helper()
		if status != wantStatus || k.fetches.Load() != fetches {
			t.Errorf("%s: status %d after %d fetches; want %d after %d", what, status, k.fetches.Load(), wantStatus, fetches)
		}
	}
	expect("first", ask(keys().ec), 200, 1)
	expect("9.5 jku as registered", ask(keys().ec, "jku", k.URL+"/keys"), 200, 1)
	expect("9.5 jku another", ask(keys().ec, "jku", k.URL+"/other"), 401, 1)
	k.set.Store(keySet(keys().ec, keys().rsa))
	expect("unknown key at once", ask(keys().rsa), 401, 1)
	h.now = h.now.Add(11 * time.Second)
	expect("unknown key: asked again", ask(keys().rsa), 200, 2)
	h.now = h.now.Add(119 * time.Second)
	expect("still fresh", ask(keys().rsa), 200, 2)
	h.now = h.now.Add(2 * time.Second)
	k.set.Store(keySet(keys().rsa))
	expect("stale, and the key was withdrawn", ask(keys().ec), 401, 3)
}

func TestChecklist_9_6_NoStoreIsObeyed(t *testing.T) {
	h, k := newHarness(t), newKeyServer(t, keySet(keys().ec))
	k.control = "no-store"
	ask := h.backendWithKeysAt("ehr", k.URL+"/keys")
	if a, b := ask(keys().ec), ask(keys().ec); a != 200 || b != 200 || k.fetches.Load() != 2 {
		t.Errorf("%d, %d after %d fetches", a, b, k.fetches.Load())
	}
}

func TestKeysByURLAreBounded(t *testing.T) {
	h, k := newHarness(t), newKeyServer(t, keySet(keys().ec))
	if status := h.backendWithKeysAt("redirected", k.URL+"/redirect")(keys().ec); status != 401 || k.fetches.Load() != 1 {
		t.Errorf("a redirect was followed: %d, %d fetches", status, k.fetches.Load())
	}
	k.set.Store(`{"keys":[],"x":"` + strings.Repeat("x", 300<<10) + `"}`)
	if status := h.backendWithKeysAt("long", k.URL+"/keys")(keys().ec); status != 401 {
		t.Errorf("too long a set: %d", status)
	}
	k.set.Store(keySet(keys().ec, keys().other)) // two keys of one kid
	if status := h.backendWithKeysAt("twice", k.URL+"/keys")(keys().ec); status != 401 {
		t.Errorf("two keys fit: %d", status)
	}
	k.Close()
	if status := h.backendWithKeysAt("gone", k.URL+"/keys")(keys().ec); status != 401 {
		t.Errorf("no key server: %d", status)
	}
}

func TestKeyServerThatFailsIsLeftAlone(t *testing.T) {
	h, k := newHarness(t), newKeyServer(t, "no key set")
	ask := h.backendWithKeysAt("ehr", k.URL+"/keys")
	for range 5 {
		if status := ask(keys().ec); status != 401 {
			t.Errorf("no keys: %d", status)
		}
	}
	if n := k.fetches.Load(); n != 1 {
		t.Errorf("%d fetches for five assertions", n)
	}
	k.set.Store(keySet(keys().ec))
	h.now = h.now.Add(11 * time.Second)
	if status := ask(keys().ec); status != 200 {
		t.Errorf("when it is back: %d", status)
	}
}

func TestBackendLifetimeIsConfigurable(t *testing.T) {
	h := newHarness(t)
	token := h.post("/auth/token", backend(h.sign(keys().ec, h.claims("warehouse"))), basic{})
	if token.body["expires_in"] != 300.0 {
		t.Errorf("expires_in %v", token.body["expires_in"])
	}
	h.now = h.now.Add(301 * time.Second)
	if _, err := h.Resolve(context.Background(), token.text("access_token")); err == nil {
		t.Error("still good after five minutes")
	}
}
