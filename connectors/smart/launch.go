package smart

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tributary/connectors"
)

// endpoints is what .well-known/smart-configuration says (SMART App Launch 2.2,
// "Conformance").
type endpoints struct {
	Authorize string   `json:"authorization_endpoint"`
	Token     string   `json:"token_endpoint"`
	Issuer    string   `json:"issuer"`
	Keys      string   `json:"jwks_uri"`
	Methods   []string `json:"code_challenge_methods_supported"`
}

// discovery is what was discovered, and when.
type discovery struct {
	endpoints
	at time.Time
}

// discoveryAge is how long endpoints are taken to stay as they are.
const discoveryAge = time.Hour

func (c *Connector) discover(ctx context.Context, p connectors.Provider) (endpoints, error) {
	c.mu.Lock()
	known, ok := c.discovered[p.FHIRBase]
	c.mu.Unlock()
	if ok && c.now().Sub(known.at) < discoveryAge {
		return known.endpoints, nil
	}
	var e endpoints
	a, err := c.get(ctx, p, strings.TrimRight(p.FHIRBase, "/")+"/.well-known/smart-configuration", "")
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(a.body, &e); err != nil {
		return e, fail(connectors.BadAnswer, 0, "the SMART configuration is not JSON", err)
	}
	if err := e.check(p); err != nil {
		return e, err
	}
	c.mu.Lock()
	c.discovered[p.FHIRBase] = discovery{e, c.now()}
	c.mu.Unlock()
	return e, nil
}

func (e endpoints) check(p connectors.Provider) error {
	if e.Authorize == "" || e.Token == "" {
		return fail(connectors.BadAnswer, 0, "the SMART configuration names no authorization or token endpoint", nil)
	}
	if len(e.Methods) > 0 && !slices.Contains(e.Methods, "S256") {
		return fail(connectors.BadAnswer, 0, "the provider does not support PKCE with S256", nil)
	}
	for _, u := range []string{e.Authorize, e.Token, e.Keys} {
		if u == "" {
			continue
		}
		if err := allowed(p, u); err != nil {
			return err
		}
	}
	return nil
}

// Begin implements connectors.Connector.
func (c *Connector) Begin(ctx context.Context, p connectors.Provider, redirect string) (connectors.Authorization, error) {
	e, err := c.discover(ctx, p)
	if err != nil {
		return connectors.Authorization{}, err
	}
	a := connectors.Authorization{State: random(), Verifier: random(), Nonce: random(), Redirect: redirect}
	challenge := sha256.Sum256([]byte(a.Verifier))
	query := url.Values{
		"response_type":         {"code"},
		"client_id":             {p.ClientID},
		"redirect_uri":          {redirect},
		"scope":                 {strings.Join(scopes(p), " ")},
		"state":                 {a.State},
		"nonce":                 {a.Nonce},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	if aud := audience(p); aud != "" {
		query.Set("aud", aud)
	}
	a.URL = e.Authorize + separator(e.Authorize) + query.Encode()
	return a, nil
}

func separator(endpoint string) string {
	if strings.Contains(endpoint, "?") {
		return "&"
	}
	return "?"
}

// Complete implements connectors.Connector.
func (c *Connector) Complete(ctx context.Context, p connectors.Provider, a connectors.Authorization, params url.Values) (connectors.Credentials, error) {
	if subtle.ConstantTimeCompare([]byte(params.Get("state")), []byte(a.State)) != 1 {
		return connectors.Credentials{}, fail(connectors.BadState, 0, "the answer belongs to another launch", nil)
	}
	if params.Get("error") != "" {
		return connectors.Credentials{}, fail(connectors.Declined, 0, "the provider did not grant access", nil)
	}
	if params.Get("code") == "" {
		return connectors.Credentials{}, fail(connectors.BadAnswer, 0, "the provider sent no code", nil)
	}
	t, err := c.token(ctx, p, url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {params.Get("code")},
		"redirect_uri":  {a.Redirect},
		"code_verifier": {a.Verifier},
	})
	if err != nil {
		return connectors.Credentials{}, err
	}
	creds := t.credentials(c.now())
	if creds.Patient == "" {
		return creds, fail(connectors.BadAnswer, 0, "the provider named no patient", nil)
	}
	creds.Lacking = lacking(scopes(p), creds)
	creds.Subject, err = c.subject(ctx, p, t.IDToken, a.Nonce)
	return creds, err
}

// Refresh implements connectors.Connector.
func (c *Connector) Refresh(ctx context.Context, p connectors.Provider, old connectors.Credentials) (connectors.Credentials, error) {
	if old.Refresh == "" {
		return old, fail(connectors.Reconnect, 0, "the access has ended and the provider gave no way to renew it", nil)
	}
	t, err := c.token(ctx, p, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {old.Refresh}})
	if err != nil {
		return old, err
	}
	fresh := t.credentials(c.now())
	fresh.Subject = old.Subject
	if fresh.Refresh == "" {
		fresh.Refresh = old.Refresh
	}
	if fresh.Patient == "" {
		fresh.Patient = old.Patient
	}
	if len(fresh.Scopes) == 0 {
		fresh.Scopes = old.Scopes
	}
	if fresh.Patient != old.Patient {
		return old, fail(connectors.BadAnswer, 0, "the renewed token is for another patient", nil)
	}
	return fresh, nil
}

// subject verifies an id_token, when one came, and returns its subject.
func (c *Connector) subject(ctx context.Context, p connectors.Provider, raw, nonce string) (string, error) {
	if raw == "" {
		return "", nil
	}
	e, err := c.discover(ctx, p)
	if err != nil {
		return "", err
	}
	if e.Issuer == "" || e.Keys == "" {
		return "", fail(connectors.BadAnswer, 0, "an id_token came from a provider that names no issuer", nil)
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.client)
	verifier := oidc.NewVerifier(e.Issuer, oidc.NewRemoteKeySet(ctx, e.Keys), &oidc.Config{
		ClientID: p.ClientID, Now: c.now, SupportedSigningAlgs: []string{oidc.RS256, oidc.RS384, oidc.ES256, oidc.ES384},
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return "", fail(connectors.BadAnswer, 0, "the id_token does not hold", err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return "", fail(connectors.BadAnswer, 0, "the id_token belongs to another launch", nil)
	}
	return token.Subject, nil
}
