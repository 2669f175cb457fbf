package authserver

import (
	"context"
	"errors"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/access"
	"tributary/internal/store"
)

// backendRoles are the parts that clients play on their own.
var backendRoles = map[string]access.Role{
	store.PurposeResearch:    access.Research,
	store.PurposeEHR:         access.EHR,
	store.PurposeMaintenance: access.Maintenance,
}

// ClientCredentialsExchange gives a backend service a token for itself (SMART
// App Launch 2.2, "Backend Services"; RFC 6749, section 4.4): as many of the
// scopes as it was registered with, and no refresh token.
func (p protocol) ClientCredentialsExchange(ctx context.Context, r *op.ClientRequest[oidc.ClientCredentialsRequest]) (*op.Response, error) {
	c, ok := r.Client.(client)
	if !ok {
		return nil, internal(errors.New("authserver: a foreign client"))
	}
	scopes := p.grantable(backendFlow, r.Data.Scope, c.Scopes)
	if len(scopes) == 0 {
		return nil, invalidScope("none of the scopes is known here and allowed for this client")
	}
	grant, err := p.newGrant(store.OAuthGrant{
		Client: c.ID, Subject: c.ID, Role: string(backendRoles[c.Purpose]), Scopes: strings.Join(scopes, " "),
	})
	if err != nil {
		return nil, internal(err)
	}
	return p.respond(ctx, issue{grant: grant, scopes: scopes, ttl: p.backendTTL(),
		before: func(ctx context.Context, tx store.Tx) error { return p.tables.AddGrant(ctx, tx, grant) }})
}
