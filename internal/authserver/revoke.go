package authserver

import (
	"context"
	"errors"
	"net/url"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/access"
	"tributary/internal/store"
)

// Revocation ends a token (RFC 7009): an access token alone, a refresh token
// with all its family. A token that is unknown or over is no error.
func (p protocol) Revocation(ctx context.Context, r *op.ClientRequest[oidc.RevocationRequest]) (*op.Response, error) {
	hash := hashToken(r.Data.Token)
	a, err := p.tables.Access(ctx, p.c.Store, hash[:])
	if errors.Is(err, store.ErrNotFound) {
		return op.NewResponse(struct{}{}), nil
	}
	if err != nil {
		return nil, internal(err)
	}
	if a.Client.ID != r.Client.GetID() {
		return nil, unauthorizedClient("the token belongs to another client")
	}
	return op.NewResponse(struct{}{}), internal(p.end(ctx, a))
}

func (s *Server) end(ctx context.Context, a store.OAuthAccess) error {
	if a.Token.Kind == store.TokenRefresh {
		return s.revoke(ctx, a.Grant.ID, "the app revoked it")
	}
	defer s.known.forget()
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.tables.ExpireToken(ctx, tx, a.Token.Hash, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, event{actor: actorOf(a.Grant), what: "token", action: access.Delete,
			reason: "the app revoked it", details: url.Values{"client": {a.Client.ID}}})
	})
}

// RevokeSubject ends every authorization that an account gave, with the
// caller's transaction (a withdrawal, a closed account). This process notices at
// once, others within a second.
func (s *Server) RevokeSubject(ctx context.Context, tx store.Tx, account, why string) error {
	grants, err := s.tables.GrantsOf(ctx, tx, account)
	if err != nil || len(grants) == 0 {
		return err
	}
	if err := s.tables.RevokeSubject(ctx, tx, account, tx.Now()); err != nil {
		return err
	}
	s.known.forget()
	for _, g := range grants {
		if err := s.record(ctx, tx, ended(g, why)); err != nil {
			return err
		}
	}
	return nil
}
