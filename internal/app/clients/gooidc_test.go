package clients

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tributary/internal/store"
)

const redirect = "http://127.0.0.1:9/callback" // nobody listens: the browser is stopped before it

// provider discovers the service as go-oidc does.
func (w *world) provider() *oidc.Provider {
	w.Helper()
	p, err := oidc.NewProvider(w.Context(), w.base)
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// TestGoOIDC goes through the code flow with go-oidc and x/oauth2, as a public and
// as a symmetric client.
func TestGoOIDC(t *testing.T) {
	for name, open := range map[string]func(*testing.T) *world{
		"embedded": func(t *testing.T) *world { return newWorld(t) }, "postgres": grown,
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			p := w.join("Ida")
			w.registerApp("public", redirect, nil)
			secret := w.registerApp("symmetric", redirect, func(c *store.Client) { c.SecretHash = "new" })
			goOIDC(p, &oauth2.Config{ClientID: "public", Endpoint: w.endpoint(oauth2.AuthStyleInParams)})
			goOIDC(p, &oauth2.Config{ClientID: "symmetric", ClientSecret: secret, Endpoint: w.endpoint(oauth2.AuthStyleAutoDetect)})
		})
	}
}

func (w *world) endpoint(style oauth2.AuthStyle) oauth2.Endpoint {
	e := w.provider().Endpoint()
	e.AuthStyle = style
	return e
}

func goOIDC(p *person, c *oauth2.Config) {
	p.Helper()
	c.RedirectURL, c.Scopes = redirect, strings.Fields("openid fhirUser launch/patient offline_access patient/Patient.rs patient/Observation.rs")
	verifier := oauth2.GenerateVerifier()
	back := p.allows(c.AuthCodeURL("st/a te", oauth2.S256ChallengeOption(verifier), oidc.Nonce("n-"+c.ClientID), oauth2.SetAuthURLParam("aud", p.fhir)))
	if got := back.Query().Get("state"); got != "st/a te" || back.Query().Get("iss") != p.base && back.Query().Has("iss") {
		p.Errorf("%s: the browser comes back with %v", c.ClientID, back.Query())
	}
	token, err := c.Exchange(p.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		p.Fatalf("%s: exchange: %v", c.ClientID, err)
	}
	if token.Extra("patient") != p.patient || token.RefreshToken == "" || token.Expiry.IsZero() {
		p.Errorf("%s: the answer lacks patient, refresh_token or expires_in", c.ClientID)
	}
	subject := identified(p, c, token)
	if status, body := p.read("Patient/"+p.patient, token.AccessToken); status != http.StatusOK || body["id"] != p.patient {
		p.Errorf("%s: their Patient: HTTP %d", c.ClientID, status)
	}
	refreshed(p, c, token, subject)
	if _, err := c.Exchange(p.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier)); err == nil {
		p.Errorf("%s: the code was good twice", c.ClientID)
	}
}

// identified holds the id_token to what go-oidc asks of it; who it is about.
func identified(p *person, c *oauth2.Config, token *oauth2.Token) (subject string) {
	p.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := p.provider().Verifier(&oidc.Config{ClientID: c.ClientID}).Verify(p.Context(), raw)
	if err != nil {
		p.Fatalf("%s: id_token: %v", c.ClientID, err)
	}
	var claims struct {
		FHIRUser string `json:"fhirUser"`
	}
	if err := id.Claims(&claims); err != nil || !strings.HasSuffix(claims.FHIRUser, "Patient/"+p.patient) {
		p.Errorf("%s: fhirUser %q, %v", c.ClientID, claims.FHIRUser, err)
	}
	if id.Nonce != "n-"+c.ClientID {
		p.Errorf("%s: nonce %q", c.ClientID, id.Nonce)
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			p.Errorf("%s: at_hash: %v", c.ClientID, err)
		}
	}
	if _, err := p.provider().Verifier(&oidc.Config{ClientID: "another"}).Verify(p.Context(), raw); err == nil {
		p.Errorf("%s: the id_token is good for another client", c.ClientID)
	}
	told(p, token, id.Subject)
	return id.Subject
}

// told asks for userinfo where discovery offers it.
func told(p *person, token *oauth2.Token, subject string) {
	p.Helper()
	provider := p.provider()
	if provider.UserInfoEndpoint() == "" {
		return
	}
	info, err := provider.UserInfo(p.Context(), oauth2.StaticTokenSource(token))
	if err != nil || info.Subject != subject {
		p.Errorf("userinfo: %v, %v", info, err)
	}
}

// refreshed lets x/oauth2 refresh, and reads with what came.
func refreshed(p *person, c *oauth2.Config, token *oauth2.Token, subject string) {
	p.Helper()
	next, err := c.TokenSource(p.Context(), &oauth2.Token{RefreshToken: token.RefreshToken}).Token()
	if err != nil {
		p.Fatalf("%s: refresh: %v", c.ClientID, err)
	}
	if next.AccessToken == token.AccessToken || next.RefreshToken == token.RefreshToken || next.Extra("patient") != p.patient {
		p.Errorf("%s: the refreshed tokens are the old ones, or without context", c.ClientID)
	}
	if raw, ok := next.Extra("id_token").(string); ok {
		id, err := p.provider().Verifier(&oidc.Config{ClientID: c.ClientID}).Verify(p.Context(), raw)
		if err != nil || id.Subject != subject {
			p.Errorf("%s: id_token of a refresh: %v", c.ClientID, err)
		}
	}
	if status, _ := p.read("Patient/"+p.patient, next.AccessToken); status != http.StatusOK {
		p.Errorf("%s: after a refresh: HTTP %d", c.ClientID, status)
	}
}

// A code is of no use without the verifier, and a refusal comes back as an error.
func TestGoOIDCRefused(t *testing.T) {
	w := newWorld(t)
	p := w.join("Ida")
	w.registerApp("public", redirect, nil)
	c := &oauth2.Config{ClientID: "public", Endpoint: w.endpoint(oauth2.AuthStyleInParams), RedirectURL: redirect, Scopes: []string{"launch/patient", "patient/*.rs"}}
	sum := sha256.Sum256([]byte(oauth2.GenerateVerifier()))
	query := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("aud", w.fhir), oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(sum[:]))}
	if _, err := c.Exchange(t.Context(), p.allows(c.AuthCodeURL("s", query...)).Query().Get("code"), oauth2.VerifierOption(oauth2.GenerateVerifier())); refusal(err) != "invalid_grant" {
		t.Errorf("another verifier: %v", err)
	}
	if back := p.decides(c.AuthCodeURL("s", query...), "deny"); back.Query().Get("error") != "access_denied" || back.Query().Get("state") != "s" {
		t.Errorf("denied: %v", back)
	}
	back, err := url.Parse(redirect)
	if err != nil {
		t.Fatal(err)
	}
	res, err := p.browser.Get(c.AuthCodeURL("s", oauth2.SetAuthURLParam("aud", w.fhir)))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if to, err := res.Location(); err != nil || to.Host != back.Host || to.Query().Get("error") != "invalid_request" {
		t.Errorf("without PKCE: HTTP %d, %v, %v", res.StatusCode, to, err)
	}
}

// refusal is the code of an OAuth error.
func refusal(err error) string {
	if e, ok := err.(*oauth2.RetrieveError); ok {
		return e.ErrorCode
	}
	return ""
}
