// Package signintest is an OpenID provider over HTTP for tests: a whole one
// (discovery, keys, authorization with PKCE, tokens, userinfo, logout), whose answers
// a test can bend to attack whoever trusts it.
package signintest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// ClientID and Secret are of the one client.
const (
	ClientID = "tributary"
	Secret   = "a secret of the client"
)

// Provider is the provider. The exported fields are for a test to set between
// requests.
type Provider struct {
	*httptest.Server
	Claims   map[string]any                     // of whoever signs in; sub among them
	UserInfo map[string]any                     // what userinfo says beside sub
	Metadata map[string]any                     // instead of what discovery would say
	GivesIss bool                               // answers carry iss (RFC 9207)
	Bend     func(map[string]any)               // changes the claims of an id_token
	Forge    func(claims map[string]any) string // makes the id_token in place of the provider
	Now      func() time.Time
	Key      *ecdsa.PrivateKey // signs with kid "k1"

	mu    sync.Mutex
	codes map[string]url.Values // what was asked, by code
	// Exchanged counts the requests for tokens that were granted.
	Exchanged int
}

// New starts a provider.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Claims: map[string]any{"sub": "u1"}, GivesIss: true, Now: now, Key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", p.userinfo)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"userinfo_endpoint": p.URL + "/userinfo", "end_session_endpoint": p.URL + "/logout",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported":          []string{"ES256"},
		"authorization_response_iss_parameter_supported": p.GivesIss, "backchannel_logout_supported": true,
	}
	maps.Copy(d, p.Metadata)
	answer(w, http.StatusOK, d)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: p.Key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}})
}

// authorize signs whoever comes in at once.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "what is asked is not a request for a code with PKCE", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.codes[code] = q
	back := url.Values{"code": {code}, "state": {q.Get("state")}}
	if p.GivesIss {
		back.Set("iss", p.URL)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	asked, found := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	switch {
	case !p.knows(r):
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
	case !found || asked.Get("redirect_uri") != r.PostFormValue("redirect_uri") || asked.Get("code_challenge") != base64.RawURLEncoding.EncodeToString(sum[:]):
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
	default:
		p.Exchanged++
		answer(w, http.StatusOK, map[string]any{"access_token": "a1", "token_type": "Bearer", "expires_in": 300, "id_token": p.idToken(asked.Get("nonce"))})
	}
}

// knows takes the secret, or an assertion signed by the key K1 of the client.
func (p *Provider) knows(r *http.Request) bool {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	if raw := r.PostFormValue("client_assertion"); raw != "" {
		return p.asserted(raw)
	}
	if text, err := url.QueryUnescape(secret); ok && err == nil {
		secret = text
	}
	return id == ClientID && secret == Secret
}

func (p *Provider) asserted(raw string) bool {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return false
	}
	var c jwt.Claims
	if err := token.Claims(p.Key.Public(), &c); err != nil {
		return false
	}
	return c.ValidateWithLeeway(jwt.Expected{Issuer: ClientID, Subject: ClientID, AnyAudience: jwt.Audience{p.URL + "/token"}, Time: p.Now()}, 0) == nil
}

func (p *Provider) idToken(nonce string) string {
	c := maps.Clone(p.Claims)
	maps.Copy(c, map[string]any{"iss": p.URL, "aud": ClientID, "nonce": nonce, "iat": p.Now().Unix(), "exp": p.Now().Add(5 * time.Minute).Unix()})
	if p.Bend != nil {
		p.Bend(c)
	}
	if p.Forge != nil {
		return p.Forge(c)
	}
	return p.Sign(c)
}

// Sign makes a token of the provider's.
func (p *Provider) Sign(claims map[string]any) string {
	return Sign(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: p.Key, KeyID: "k1"}}, claims)
}

// Sign makes a token of any key's, with headers beside.
func Sign(key jose.SigningKey, claims map[string]any, headers ...string) string {
	o := &jose.SignerOptions{}
	for i := 0; i+1 < len(headers); i += 2 {
		o = o.WithHeader(jose.HeaderKey(headers[i]), headers[i+1])
	}
	signer, err := jose.NewSigner(key, o)
	if err != nil {
		panic(err)
	}
	raw, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		panic(err)
	}
	return raw
}

// LogoutToken makes a logout token; change bends its claims and may be nil.
func (p *Provider) LogoutToken(change func(map[string]any)) string {
	p.mu.Lock()

	c := map[string]any{"iss": p.URL, "aud": ClientID, "iat": p.Now().Unix(), "exp": p.Now().Add(2 * time.Minute).Unix(), "jti": rand.Text(),
		"sub": p.Claims["sub"], "events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}}}
	p.mu.Unlock()
	if change != nil {
		change(c)
	}
	return p.Sign(c)
}

func (p *Provider) userinfo(w http.ResponseWriter, _ *http.Request) {
	info := map[string]any{"sub": p.Claims["sub"]}
	maps.Copy(info, p.UserInfo)
	answer(w, http.StatusOK, info)
}
