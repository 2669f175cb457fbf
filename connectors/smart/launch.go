package smart

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
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

func (c *Connector) discover(ctx context.Context, p connectors.Provider) (endpoints, error) {
	c.mu.Lock()
	e, ok := c.discovered[p.FHIRBase]
	c.mu.Unlock()
	if ok {
		return e, nil
	}
	body, err := c.get(ctx, p, strings.TrimRight(p.FHIRBase, "/")+"/.well-known/smart-configuration", "")
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return e, fail(connectors.BadAnswer, 0, "the SMART configuration is not JSON", err)
	}
	if err := e.check(p); err != nil {
		return e, err
	}
	c.mu.Lock()
	c.discovered[p.FHIRBase] = e
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

// tokenAnswer is a token response in all the shapes that providers give it.
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	IDToken string `json:"id_token"`
	Patient string `json:"patient"`
	Scope   list   `json:"scope"`
	Expires number `json:"expires_in"`
}

// list is a space-separated string, or, against RFC 6749, an array.
type list []string

func (l *list) UnmarshalJSON(b []byte) error {
	var text string
	if json.Unmarshal(b, &text) == nil {
		*l = strings.Fields(text)
		return nil
	}
	return json.Unmarshal(b, (*[]string)(l))
}

// number is a number, or, against RFC 6749, a string of digits.
type number float64

func (n *number) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*n = number(f)
	return err
}

func (t tokenAnswer) credentials(now time.Time) connectors.Credentials {
	c := connectors.Credentials{Access: t.Access, Refresh: t.Refresh, Patient: t.Patient, Scopes: t.Scope, Issued: now}
	if t.Expires > 0 {
		c.Expiry = now.Add(time.Duration(float64(t.Expires) * float64(time.Second)))
	}
	return c
}

// token asks the token endpoint (RFC 6749, section 4.1.3 and 6). It is no GET
// to be repeated: a code is good once, and so may be a refresh token.
func (c *Connector) token(ctx context.Context, p connectors.Provider, form url.Values) (tokenAnswer, error) {
	var t tokenAnswer
	e, err := c.discover(ctx, p)
	if err != nil {
		return t, err
	}
	if p.Secret == "" {
		form.Set("client_id", p.ClientID)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return t, fail(connectors.BadAnswer, 0, "the token endpoint is no URL", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if p.Secret != "" {
		req.SetBasicAuth(url.QueryEscape(p.ClientID), url.QueryEscape(p.Secret))
	}
	body, err := c.do(req)
	if err != nil {
		return t, tokenRefusal(err, form.Get("grant_type"))
	}
	if err := json.Unmarshal(body, &t); err != nil || t.Access == "" {
		return t, fail(connectors.BadAnswer, 0, "the token answer has no access token", nil)
	}
	return t, nil
}

// tokenRefusal says what a refusal means: of a code, that the launch must be
// made again; of a refresh token, that the person must connect again.
func tokenRefusal(err error, grant string) error {
	e, ok := err.(*connectors.Error)
	if !ok || e.Failure != connectors.Refused && e.Failure != connectors.Expired {
		return err
	}
	if grant == "refresh_token" {
		return fail(connectors.Reconnect, e.Status, "the provider no longer renews the access", nil)
	}
	return fail(connectors.Declined, e.Status, "the provider did not accept the code", nil)
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
