package signin

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"tributary/internal/errs"
	"tributary/internal/session"
)

// cookieName is of the cookie that binds a sign-in to the browser. It holds a
// random token.
const cookieName = "tributary_signin"

// flowLife is how long the provider may keep somebody.
const flowLife = 10 * time.Minute

// flow is a sign-in that has begun.
type flow struct {
	Nonce, Verifier, Next string
}

// Begin notes that this browser signs in and returns where at the provider it
// goes; next comes back from Finish.
func (p *Provider) Begin(w http.ResponseWriter, r *http.Request, next string) (string, error) {
	m, err := p.discover(r.Context())
	if err != nil {
		return "", err
	}
	binding, err := p.bind(w, r)
	if err != nil {
		return "", err
	}
	var tokens [3]string
	for i := range tokens {
		if tokens[i], err = session.NewToken(p.Rand); err != nil {
			return "", err
		}
	}
	state, f := tokens[0], flow{Nonce: tokens[1], Verifier: tokens[2], Next: next}
	value, err := json.Marshal(f)
	if err != nil {
		return "", err
	}
	if err := p.States.Put(r.Context(), p.key(state, binding), value, flowLife); err != nil {
		return "", err
	}
	return p.oauth(m).AuthCodeURL(state, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), nil
}

// key is where a sign-in waits: for its state, its browser and its provider.
func (p *Provider) key(state, binding string) string {
	return session.Key("openid", strings.Join([]string{p.Redirect, state, binding}, "\x00"))
}

// bind gives the browser a token, unless it has one from a sign-in in another
// tab: both may be ended.
func (p *Provider) bind(w http.ResponseWriter, r *http.Request) (string, error) {
	if c, err := r.Cookie(p.cookie("").Name); err == nil && c.Value != "" {
		http.SetCookie(w, p.cookie(c.Value))
		return c.Value, nil
	}
	token, err := session.NewToken(p.Rand)
	if err == nil {
		http.SetCookie(w, p.cookie(token))
	}
	return token, err
}

func (p *Provider) cookie(token string) *http.Cookie {
	c := &http.Cookie{Name: cookieName, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(flowLife.Seconds())}
	if strings.HasPrefix(p.Redirect, "https://") {
		c.Name, c.Secure = "__Host-"+c.Name, true
	}
	return c
}

// errStray: nothing of what came tells why, for it may come from anybody.
func errStray() error {
	return errs.New(errs.Invalid, "this answer does not belong to a sign-in that began in this browser; please sign in again")
}

// Finish takes the provider's answer to what Begin began in this browser, once.
// Identity has no Grants where no role is configured for the person: whoever calls
// decides what that means.
func (p *Provider) Finish(r *http.Request) (id Identity, next string, err error) {
	f, err := p.take(r)
	if err != nil {
		return id, "", err
	}
	m, err := p.discover(r.Context())
	if err != nil {
		return id, "", err
	}
	answer := r.URL.Query()
	if err := p.answered(m, answer); err != nil {
		return id, "", err
	}
	id, err = p.exchange(r.Context(), m, f, answer.Get("code"))
	return id, f.Next, err
}

// take finds what Begin kept and deletes it.
func (p *Provider) take(r *http.Request) (f flow, err error) {
	c, err := r.Cookie(p.cookie("").Name)
	state := r.URL.Query().Get("state")
	if err != nil || c.Value == "" || state == "" {
		return f, errStray()
	}
	value, found, err := p.States.Take(r.Context(), p.key(state, c.Value))
	if err != nil {
		return f, err
	}
	if !found {
		return f, errStray()
	}
	return f, json.Unmarshal(value, &f)
}

// answered checks the parameters of the answer beside the state.
func (p *Provider) answered(m *metadata, answer url.Values) error {
	iss, given := answer["iss"]
	if given && (len(iss) != 1 || iss[0] != p.Issuer) || !given && m.GivesIss {
		return errs.Wrap(fmt.Errorf("signin: iss is %.200q", iss), errs.Invalid, "this answer is not from %s; please sign in again", p.Name)
	}
	if code := answer.Get("error"); code != "" {
		return errs.Wrap(fmt.Errorf("signin: the provider answered %.60q", code), errs.Forbidden, "%s did not sign you in", p.Name)
	}
	if answer.Get("code") == "" {
		return errs.New(errs.Invalid, "%s gave no code; please sign in again", p.Name)
	}
	return nil
}

// exchange gets the tokens for the code and checks them.
func (p *Provider) exchange(ctx context.Context, m *metadata, f flow, code string) (Identity, error) {
	conf := p.oauth(m)
	options, err := p.assert(conf.Endpoint.TokenURL)
	if err != nil {
		return Identity{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := conf.Exchange(ctx, code, append(options, oauth2.VerifierOption(f.Verifier))...)
	if err != nil {
		return Identity{}, errs.Wrap(told(err), errs.Unavailable, "%s gave no answer that can be used; please sign in again", p.Name)
	}
	id, err := p.identify(ctx, m, f.Nonce, tokens)
	if err != nil {
		return id, errs.Wrap(err, errs.Unauthorized, "%s’s answer does not hold; please sign in again", p.Name)
	}
	return id, nil
}

// told leaves of a refusal its code: the rest may repeat what we sent.
func told(err error) error {
	if refusal, ok := err.(*oauth2.RetrieveError); ok {
		return fmt.Errorf("signin: the token endpoint answered %d %.60q", refusal.Response.StatusCode, refusal.ErrorCode)
	}
	return err
}

// identify checks the id_token (OpenID Connect Core 1.0, section 3.1.3.7) and
// reads from it who it is.
func (p *Provider) identify(ctx context.Context, m *metadata, nonce string, tokens *oauth2.Token) (Identity, error) {
	raw, _ := tokens.Extra("id_token").(string)
	token, err := p.verify(ctx, m, raw)
	if err != nil {
		return Identity{}, err
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(nonce)) != 1 {
		return Identity{}, fmt.Errorf("signin: the nonce is not ours")
	}
	if token.AccessTokenHash != "" {
		if err := token.VerifyAccessToken(tokens.AccessToken); err != nil {
			return Identity{}, err
		}
	}
	id, err := p.identity(token)
	if err != nil || len(id.Grants) > 0 || len(p.Roles) == 0 || m.provider.UserInfoEndpoint() == "" {
		id.IDToken = raw
		return id, err
	}
	id.IDToken = raw
	return p.inform(ctx, m, id, tokens)
}
