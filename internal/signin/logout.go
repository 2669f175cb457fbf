package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"tributary/internal/errs"
	"tributary/internal/session"
)

// logoutEvent is the member of events that makes a token a logout token.
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout"

// logoutAge is how old a logout token may be, and how long its jti is remembered
// at least.
const logoutAge = 5 * time.Minute

// Logout says whose sessions end: of the provider's session if it has one, else
// all of the subject.
type Logout struct{ Issuer, Subject, Session string }

type logoutClaims struct {
	Session string                     `json:"sid"`
	ID      string                     `json:"jti"`
	Nonce   *string                    `json:"nonce"`
	Events  map[string]json.RawMessage `json:"events"`
}

// LoggedOut checks a logout token (OpenID Connect Back-Channel Logout 1.0, section
// 2.6). Each is taken once, by any of the processes.
func (p *Provider) LoggedOut(ctx context.Context, raw string) (Logout, error) {
	m, err := p.discover(ctx)
	if err != nil {
		return Logout{}, err
	}
	token, err := p.verify(ctx, m, raw)
	if err != nil {
		return Logout{}, errs.Wrap(err, errs.Invalid, "the logout token does not hold")
	}
	var c logoutClaims
	if err := token.Claims(&c); err != nil {
		return Logout{}, errs.Wrap(err, errs.Invalid, "the logout token cannot be read")
	}
	out := Logout{Issuer: token.Issuer, Subject: token.Subject, Session: c.Session}
	if err := c.check(out, p.Now().Sub(token.IssuedAt)); err != nil {
		return Logout{}, errs.Wrap(err, errs.Invalid, "this is no logout token")
	}
	first, err := p.States.PutNew(ctx, session.Key("logout", p.Issuer+"\x00"+c.ID), []byte("1"), max(token.Expiry.Sub(p.Now()), 0)+2*logoutAge)
	if err == nil && !first {
		err = errs.New(errs.Invalid, "this logout token was used before")
	}
	return out, err
}

func (c logoutClaims) check(out Logout, age time.Duration) error {
	var event map[string]any
	switch {
	case json.Unmarshal(c.Events[logoutEvent], &event) != nil || event == nil:
		return errors.New("signin: no logout event")
	case c.Nonce != nil:
		return errors.New("signin: a logout token has no nonce")
	case out.Subject == "" && out.Session == "":
		return errors.New("signin: neither sub nor sid")
	case c.ID == "":
		return errors.New("signin: no jti")
	case age > logoutAge || age < -skew:
		return errors.New("signin: issued too long ago, or in the future")
	}
	return nil
}

// EndSession is where the browser goes to end the provider's session as well
// (OpenID Connect RP-Initiated Logout 1.0); "" where the provider has no such place,
// or cannot be asked.
func (p *Provider) EndSession(ctx context.Context, idToken string) string {
	m, err := p.discover(ctx)
	if err != nil || m.EndSession == "" || idToken == "" {
		return ""
	}
	u, err := url.Parse(m.EndSession)
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("id_token_hint", idToken)
	if p.AfterLogout != "" {
		q.Set("post_logout_redirect_uri", p.AfterLogout)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
