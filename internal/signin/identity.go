package signin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// Grant is a role that a rule gives.
type Grant struct{ Role, Site string }

// Identity is who the provider says that somebody is.
type Identity struct {
	Issuer, Subject string
	Session         string // sid: of the provider's session; may be empty
	Name            string // to be shown; the subject where there is none
	Email           string // only if the provider has verified it
	Grants          []Grant
	IDToken         string // a hint for EndSession
}

// maxSubject bounds a subject (OpenID Connect Core 1.0, section 2).
const maxSubject = 255

type claims struct {
	AuthorizedParty string `json:"azp"`
	Session         string `json:"sid"`
	Name            string `json:"name"`
	Email           string `json:"email"`
	Verified        any    `json:"email_verified"` // some providers write it as text
}

// identity reads a verified id_token.
func (p *Provider) identity(token *oidc.IDToken) (Identity, error) {
	var c claims
	var all map[string]any
	if err := errors.Join(token.Claims(&c), token.Claims(&all)); err != nil {
		return Identity{}, err
	}
	if c.AuthorizedParty != "" && c.AuthorizedParty != p.ClientID || c.AuthorizedParty == "" && len(token.Audience) > 1 {
		return Identity{}, fmt.Errorf("signin: the token was issued to another client")
	}
	if token.Subject == "" || len(token.Subject) > maxSubject {
		return Identity{}, errors.New("signin: the token names nobody")
	}
	id := Identity{Issuer: token.Issuer, Subject: token.Subject, Session: c.Session, Name: c.Name, Grants: p.grants(all)}
	if id.Name == "" {
		id.Name = token.Subject
	}
	if c.Verified == true || c.Verified == "true" {
		id.Email = c.Email
	}
	return id, nil
}

// inform asks the userinfo endpoint, where some providers keep the groups.
func (p *Provider) inform(ctx context.Context, m *metadata, id Identity, tokens *oauth2.Token) (Identity, error) {
	info, err := m.provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	if err != nil {
		return id, err
	}
	if info.Subject != id.Subject {
		return id, errors.New("signin: userinfo is about somebody else")
	}
	var all map[string]any
	if err := info.Claims(&all); err != nil {
		return id, err
	}
	id.Grants = p.grants(all)
	return id, nil
}

// grants are the roles that the rules give for the claims.
func (p *Provider) grants(all map[string]any) (out []Grant) {
	for _, r := range p.Roles {
		g := Grant{r.Role, r.Site}
		if holds(claim(all, r.Claim), r.Value) && !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// claim is the claim of the name, or what a path with dots leads to.
func claim(all map[string]any, name string) any {
	if v, ok := all[name]; ok {
		return v
	}
	first, rest, more := strings.Cut(name, ".")
	inner, _ := all[first].(map[string]any)
	if !more || inner == nil {
		return nil
	}
	return claim(inner, rest)
}

// holds reports whether a claim is a value, or a list with it.
func holds(v any, want string) bool {
	switch v := v.(type) {
	case string:
		return v == want
	case bool:
		return fmt.Sprint(v) == want
	case []any:
		return slices.ContainsFunc(v, func(one any) bool { return one == want })
	}
	return false
}
