package authserver

import (
	"context"
	"errors"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// errUnknownClient is the cause of a refusal, for the log.
var errUnknownClient = errors.New("no such client, or it is disabled")

// client shows a registered client to zitadel/oidc.
type client struct{ store.Client }

var _ op.Client = client{}

// client returns an enabled client.
func (s *Server) client(ctx context.Context, id string) (client, error) {
	c, err := s.tables.Client(ctx, s.c.Store, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && c.Disabled {
		return client{}, errUnknownClient
	}
	return client{c}, err
}

func (c client) GetID() string          { return c.ID }
func (c client) RedirectURIs() []string { return c.Client.RedirectURIs }

// AuthMethod follows from what the client is registered with.
func (c client) AuthMethod() oidc.AuthMethod {
	switch {
	case c.asymmetric():
		return oidc.AuthMethodPrivateKeyJWT
	case c.SecretHash != "":
		return oidc.AuthMethodBasic
	}
	return oidc.AuthMethodNone
}

func (c client) asymmetric() bool { return c.JWKS != "" || c.JWKSURL != "" }

// GrantTypes: apps act for people; backend services, which must hold a key,
// for themselves; maintenance tokens are not to be had over HTTP.
func (c client) GrantTypes() []oidc.GrantType {
	switch {
	case c.Purpose == store.PurposeApp:
		return []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken}
	case c.Purpose != store.PurposeMaintenance && c.asymmetric():
		return []oidc.GrantType{oidc.GrantTypeClientCredentials}
	}
	return nil
}

// ResponseTypes: the code flow, for those who have redirect URIs.
func (c client) ResponseTypes() []oidc.ResponseType {
	if c.Purpose != store.PurposeApp {
		return nil
	}
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// IsScopeAllowed lets all pass: Authorize narrows them, which may mean to
// grant a part of one.
func (c client) IsScopeAllowed(string) bool { return true }

// DevMode lets zitadel/oidc compare redirect URIs exactly and with nothing
// else; registration has checked that they are https or loopback.
func (c client) DevMode() bool { return true }

func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// What follows is not used in the code flow with opaque tokens.

func (c client) PostLogoutRedirectURIs() []string     { return nil }
func (c client) LoginURL(string) string               { return "" }
func (c client) AccessTokenType() op.AccessTokenType  { return op.AccessTokenTypeBearer }
func (c client) IDTokenLifetime() time.Duration       { return idTokenTTL }
func (c client) IDTokenUserinfoClaimsAssertion() bool { return false }
func (c client) ClockSkew() time.Duration             { return 0 }
func (c client) RestrictAdditionalIdTokenScopes() func([]string) []string {
	return func([]string) []string { return nil }
}
func (c client) RestrictAdditionalAccessTokenScopes() func([]string) []string {
	return func([]string) []string { return nil }
}
