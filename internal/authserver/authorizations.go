package authserver

import (
	"context"
	"errors"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// purgeAfter is how long expired tokens are kept.
const purgeAfter = 24 * time.Hour

// Authorization is an app that a person has let in, for the page on which they
// manage them (SMART App Launch 2.2: management_endpoint).
type Authorization struct {
	ID         string
	Account    string // who let it in
	Patient    string // whose data it is about; "" for nobody's
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
	return s.authorizations(ctx, grants)
}

// DelegatesAuthorizations lists what people who act for a Patient have approved about
// them, that holds and was not ended, the newest first: a permission that is over
// ends what was approved under it.
func (s *Server) DelegatesAuthorizations(ctx context.Context, patient string) ([]Authorization, error) {
	grants, err := s.tables.GrantsOfDelegates(ctx, s.c.Store, patient)
	if err != nil {
		return nil, err
	}
	return s.authorizations(ctx, grants)
}

func (s *Server) authorizations(ctx context.Context, grants []store.OAuthGrant) ([]Authorization, error) {
	all := make([]Authorization, 0, len(grants))
	for _, g := range grants {
		if err := s.stillActing(ctx, g); errors.Is(err, errNotLive) {
			continue
		} else if err != nil {
			return nil, err
		}
		c, err := s.tables.Client(ctx, s.c.Store, g.Client)
		if err != nil {
			return nil, err
		}
		all = append(all, Authorization{ID: g.ID, Account: g.Subject, Patient: g.Patient, Client: c.ID, ClientName: c.Name,
			Scopes: strings.Fields(g.Scopes), Since: g.CreatedAt})
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

// EndDelegatesAuthorization ends what somebody who acts for the Patient approved about
// them, at once; errs.NotFound when there is no such one.
func (s *Server) EndDelegatesAuthorization(ctx context.Context, patient, id string) error {
	g, err := s.tables.Grant(ctx, s.c.Store, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (g.Patient != patient || g.Role != string(access.Delegate)) {
		return errs.New(errs.NotFound, "there is no such authorization")
	}
	if err != nil {
		return err
	}
	return s.revoke(ctx, id, "the participant ended it")
}

// Purge deletes tokens that expired a day ago and what they came from, and
// returns how many tokens. It is to be called from time to time.
func (s *Server) Purge(ctx context.Context) (int64, error) {
	return s.tables.Purge(ctx, s.c.Store, s.now().Add(-purgeAfter))
}
