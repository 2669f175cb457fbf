package authserver

import (
	"context"
	"errors"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// purgeAfter is how long expired tokens are kept.
const purgeAfter = 24 * time.Hour

// Authorization is an app that a person has let in, for the page on which they
// manage them (SMART App Launch 2.2: management_endpoint).
type Authorization struct {
	ID         string
	Client     string
	ClientName string
	Scopes     []string
	Since      time.Time
}

// Authorizations lists what an account has approved and not ended, the newest
// first.
func (s *Server) Authorizations(ctx context.Context, account string) ([]Authorization, error) {
	grants, err := s.tables.GrantsOf(ctx, s.c.Store, account)
	if err != nil {
		return nil, err
	}
	all := make([]Authorization, 0, len(grants))
	for _, g := range grants {
		c, err := s.tables.Client(ctx, s.c.Store, g.Client)
		if err != nil {
			return nil, err
		}
		all = append(all, Authorization{ID: g.ID, Client: c.ID, ClientName: c.Name, Scopes: strings.Fields(g.Scopes), Since: g.CreatedAt})
	}
	return all, nil
}

// EndAuthorization ends one of the account's authorizations, at once;
// errs.NotFound when it has no such one.
func (s *Server) EndAuthorization(ctx context.Context, account, id string) error {
	g, err := s.tables.Grant(ctx, s.c.Store, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && g.Subject != account {
		return errs.New(errs.NotFound, "there is no such authorization")
	}
	if err != nil {
		return err
	}
	return s.revoke(ctx, id, "the person ended it")
}

// Purge deletes tokens that expired a day ago and what they came from, and
// returns how many tokens. It is to be called from time to time.
func (s *Server) Purge(ctx context.Context) (int64, error) {
	return s.tables.Purge(ctx, s.c.Store, s.now().Add(-purgeAfter))
}
