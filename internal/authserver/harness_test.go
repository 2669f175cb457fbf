package authserver_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/access"
	"tributary/internal/authserver"
	"tributary/internal/session/embedded"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const (
	redirectURI = "https://app.example.org/callback?tenant=1"
	verifier    = "0123456789-0123456789-0123456789-0123456789"
	appScopes   = "openid fhirUser launch launch/patient offline_access patient/*.rs patient/*.read user/Practitioner.rs"
)

// harness is an authorization server over HTTP with a clock that stands still.
type harness struct {
	*authserver.Server
	t     testing.TB
	store store.Store
	base  string // issuer
	fhir  string
	now   time.Time
	http  *http.Client // follows no redirect

	accessTTL time.Duration
	secret    string // of the client "symmetric"
}

// plainSealer stands in for the encryption at rest: it binds to aad, readably.
type plainSealer struct{}

func (plainSealer) Seal(plain, aad []byte) ([]byte, error) {
	return append(bytes.Clone(aad), plain...), nil
}
func (plainSealer) Open(sealed, aad []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(sealed, aad)
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	return plain, nil
}

func newHarness(t testing.TB) *harness {
	return newHarnessOn(t, storetest.SQLite(t, storetest.Options{}))
}

func newHarnessOn(t testing.TB, s store.Store) *harness {
	h := &harness{t: t, store: s, now: time.Now().UTC().Truncate(time.Second), accessTTL: time.Hour}
	h.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	server := httptest.NewUnstartedServer(nil)
	h.base = "http://" + server.Listener.Addr().String()
	h.fhir = h.base + "/fhir/R4"
	h.Server = h.compose()
	server.Config.Handler = h.mux()
	server.Start()
	t.Cleanup(server.Close)
	h.registerAll()
	return h
}

func (h *harness) compose() *authserver.Server {
	sessions, err := embedded.Open(h.t.Context(), filepath.Join(h.t.TempDir(), "session.db"), h.clock)
	h.must(err)
	h.t.Cleanup(func() { sessions.Close() })
	server, err := authserver.New(authserver.Config{
		Issuer: h.base, FHIRBase: h.fhir, LoginURL: func(id string) string { return "/login?id=" + id },
		Store: h.store, Sessions: sessions, Sealer: plainSealer{},
		CheckQuery: onlyCategory, ManagementURL: h.base + "/apps",
		Now: h.clock, AccessTTL: func() time.Duration { return h.accessTTL },
	})
	h.must(err)
	return server
}

func onlyCategory(_, query string) error {
	if !strings.HasPrefix(query, "category=") {
		return errors.New("not a query of this server")
	}
	return nil
}

func (h *harness) clock() time.Time { return h.now }

func (h *harness) mux() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", h.Handler())
	mux.Handle("/fhir/R4/.well-known/smart-configuration", h.SmartConfiguration())
	return mux
}

func (h *harness) registerAll() {
	h.register(store.Client{ID: "public", Name: "Public", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI, "http://127.0.0.1:9999/cb"}, Scopes: appScopes})
	h.secret = h.register(store.Client{ID: "symmetric", Name: "Symmetric", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI}, Scopes: appScopes, SecretHash: authserver.MakeSecret})
	h.register(store.Client{ID: "asymmetric", Name: "Asymmetric", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI}, Scopes: appScopes, JWKS: keySet(keys().ec, keys().rsa)})
	h.register(store.Client{ID: "warehouse", Name: "Warehouse", Purpose: store.PurposeResearch,
		Scopes: "system/Group.rs system/Observation.rs system/Patient.rs", Groups: []string{"cohort"},
		JWKS: keySet(keys().ec, keys().rsa)})
}

func (h *harness) register(c store.Client) (secret string) {
	h.t.Helper()
	c.CreatedAt = h.now
	secret, err := authserver.Register(h.t.Context(), h.store, c)
	h.must(err)
	return secret
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// keys are the private keys of asymmetric clients, made once.
var keys = sync.OnceValue(func() (k struct{ ec, rsa, other jose.JSONWebKey }) {
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		panic(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		panic(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	k.ec = jose.JSONWebKey{Key: ec, KeyID: "ec", Algorithm: "ES384", Use: "sig"}
	k.other = jose.JSONWebKey{Key: other, KeyID: "ec", Algorithm: "ES384", Use: "sig"}
	k.rsa = jose.JSONWebKey{Key: rsaKey, KeyID: "rsa", Algorithm: "RS384", Use: "sig"}
	return k
})

func keySet(private ...jose.JSONWebKey) string {
	var set jose.JSONWebKeySet
	for _, k := range private {
		set.Keys = append(set.Keys, k.Public())
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// authorization is a correct authorization request of a client.
func (h *harness) authorization(client string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"response_type": {"code"}, "client_id": {client}, "redirect_uri": {redirectURI},
		"scope": {"openid fhirUser launch/patient offline_access patient/*.rs"}, "state": {"s t/a+t%e"},
		"aud": {h.fhir}, "nonce": {"n-1"},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
}

// with returns values changed: "name=value" sets, "-name" removes.
func with(values url.Values, changes ...string) url.Values {
	changed := url.Values{}
	for name, v := range values {
		changed[name] = v
	}
	for _, change := range changes {
		if name, ok := strings.CutPrefix(change, "-"); ok {
			changed.Del(name)
			continue
		}
		name, value, _ := strings.Cut(change, "=")
		changed.Set(name, value)
	}
	return changed
}

// authorize sends a browser to the authorize endpoint; where it is sent on to.
func (h *harness) authorize(q url.Values) *url.URL {
	h.t.Helper()
	response, err := h.http.Get(h.base + "/auth/authorize?" + q.Encode())
	h.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusFound {
		body, _ := io.ReadAll(response.Body)
		h.t.Fatalf("authorize: status %d: %s", response.StatusCode, body)
	}
	to, err := response.Location()
	h.must(err)
	return to
}

// requestID is the id that the login page gets for a correct request.
func (h *harness) requestID(q url.Values) string {
	h.t.Helper()
	to := h.authorize(q)
	if to.Path != "/login" {
		h.t.Fatalf("sent to %s, not to the login page", to)
	}
	return to.Query().Get("id")
}

func (h *harness) approval(scopes ...string) authserver.Grant {
	return authserver.Grant{Subject: "account-1", Patient: "p1", FHIRUser: "Patient/p1", Role: access.Participant, Scopes: scopes}
}

// code is a code for all that the request asked for.
func (h *harness) code(q url.Values) string {
	h.t.Helper()
	id := h.requestID(q)
	info, err := h.Request(h.t.Context(), id)
	h.must(err)
	back, err := h.Complete(h.t.Context(), id, h.approval(info.Scopes...))
	h.must(err)
	u, err := url.Parse(back)
	h.must(err)
	return u.Query().Get("code")
}

// answer is a response of a JSON endpoint.
type answer struct {
	status int
	header http.Header
	body   map[string]any
}

func (a answer) text(name string) string {
	s, _ := a.body[name].(string)
	return s
}

// basic is HTTP Basic authentication; the zero value sends none.
type basic struct{ id, secret string }

func (h *harness) post(path string, form url.Values, auth basic) answer {
	h.t.Helper()
	r, err := http.NewRequest(http.MethodPost, h.base+path, strings.NewReader(form.Encode()))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if auth != (basic{}) {
		r.SetBasicAuth(url.QueryEscape(auth.id), url.QueryEscape(auth.secret))
	}
	return h.send(r)
}

func (h *harness) send(r *http.Request) answer {
	h.t.Helper()
	response, err := h.http.Do(r)
	h.must(err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	h.must(err)
	a := answer{status: response.StatusCode, header: response.Header}
	if err := json.Unmarshal(text, &a.body); err != nil {
		h.t.Fatalf("%s: status %d, not JSON: %.200q", r.URL.Path, a.status, text)
	}
	return a
}

// exchange is the form that turns a public client's code into tokens.
func exchange(code string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI},
		"client_id": {"public"}, "code_verifier": {verifier}}
}

// tokens runs the whole flow for the public client.
func (h *harness) tokens(changes ...string) answer {
	h.t.Helper()
	a := h.post("/auth/token", exchange(h.code(with(h.authorization("public"), changes...))), basic{})
	if a.status != http.StatusOK {
		h.t.Fatalf("token: status %d: %v", a.status, a.body)
	}
	return a
}

// refuses checks the shape of an OAuth error (RFC 6749, section 5.2).
func (h *harness) refuses(a answer, code string, statuses ...int) {
	h.t.Helper()
	ok := false
	for _, s := range statuses {
		ok = ok || a.status == s
	}
	if !ok || a.text("error") != code || a.body["access_token"] != nil {
		h.t.Fatalf("status %d, %v; want %v %s", a.status, a.body, statuses, code)
	}
	if a.header.Get("Cache-Control") != "no-store" || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		h.t.Errorf("headers %v", a.header)
	}
}

func (h *harness) resolves(token string, want bool) {
	h.t.Helper()
	if _, err := h.Resolve(h.t.Context(), token); (err == nil) != want {
		h.t.Fatalf("token resolves: %v; want %v", err, want)
	}
}

// claims are those of a correct assertion of a client.
func (h *harness) claims(client string) jwt.Claims {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		h.t.Fatal(err)
	}
	return jwt.Claims{Issuer: client, Subject: client, Audience: jwt.Audience{h.base + "/auth/token"},
		Expiry: jwt.NewNumericDate(h.now.Add(5 * time.Minute)), ID: base64.RawURLEncoding.EncodeToString(id)}
}

func (h *harness) sign(key jose.JSONWebKey, claims any, headers ...string) string {
	h.t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	for i := 0; i < len(headers); i += 2 {
		options.WithHeader(jose.HeaderKey(headers[i]), headers[i+1])
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, options)
	h.must(err)
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	h.must(err)
	return text
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// backend is the form of a client_credentials request.
func backend(assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {"system/Patient.rs system/Observation.rs"},
		"client_assertion_type": {assertionType}, "client_assertion": {assertion}}
}
