package smart

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tributary/connectors"
)

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

// bareRetries is how often a token request is made again that was refused
// without an OAuth error: some providers do so in passing.
const bareRetries = 2

// token asks the token endpoint (RFC 6749, section 4.1.3 and 6). Only a refusal
// without a reason is asked again: a code is good once, and so may be a refresh token.
func (c *Connector) token(ctx context.Context, p connectors.Provider, form url.Values) (tokenAnswer, error) {
	var t tokenAnswer
	e, err := c.discover(ctx, p)
	if err != nil {
		return t, err
	}
	if p.Secret == "" {
		form.Set("client_id", p.ClientID)
	}
	a, err := c.post(ctx, p, e.Token, form)
	for n := 1; n <= bareRetries && bare(a, err) && c.wait(ctx, time.Duration(n)*time.Second) == nil; n++ {
		a, err = c.post(ctx, p, e.Token, form)
	}
	if err != nil {
		return t, tokenRefusal(err, a, form.Get("grant_type"))
	}
	if err := json.Unmarshal(a.body, &t); err != nil || t.Access == "" {
		return t, fail(connectors.BadAnswer, 0, "the token answer has no access token", nil)
	}
	return t, nil
}

func (c *Connector) post(ctx context.Context, p connectors.Provider, endpoint string, form url.Values) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return answer{}, fail(connectors.BadAnswer, 0, "the token endpoint is no URL", withoutURL(err))
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if p.Secret != "" {
		req.SetBasicAuth(url.QueryEscape(p.ClientID), url.QueryEscape(p.Secret))
	}
	return c.do(req)
}

// oauthError is the code of a refusal (RFC 6749, section 5.2), "" when it has none.
func oauthError(a answer) string {
	var refusal struct {
		Error string `json:"error"`
	}
	if json.Unmarshal(a.body, &refusal) != nil {
		return ""
	}
	return refusal.Error
}

func bare(a answer, err error) bool {
	var e *connectors.Error
	return errors.As(err, &e) && e.Status == http.StatusBadRequest && oauthError(a) == ""
}

// passing are OAuth errors that say nothing of the grant.
var passing = map[string]bool{"temporarily_unavailable": true, "server_error": true, "slow_down": true}

// tokenRefusal says what a refusal means: of a code, that the launch must be
// made again; of a refresh token, that the person must connect again.
func tokenRefusal(err error, a answer, grant string) error {
	var e *connectors.Error
	if !errors.As(err, &e) || e.Failure != connectors.Refused && e.Failure != connectors.Expired {
		return err
	}
	switch {
	case passing[oauthError(a)]:
		return fail(connectors.Down, e.Status, "the provider gives no tokens at the moment", nil)
	case grant == "refresh_token":
		return fail(connectors.Reconnect, e.Status, "the provider no longer renews the access", nil)
	}
	return fail(connectors.CodeRefused, e.Status, "the provider did not accept the code", nil)
}
