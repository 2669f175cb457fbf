package authserver

import (
	"context"
	"slices"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
)

// onlineTTL bounds a refresh token that ends with a session anyway; it is above
// the longest session.
const onlineTTL = 24 * time.Hour

// endsWithSession: online_access lasts as long as the person's session;
// offline_access beside it outlives that (SMART App Launch 2.2, section 3.0.7). What
// staff let in is about somebody who is there, and ends with their session in any case.
func endsWithSession(g store.OAuthGrant) bool {
	scopes := strings.Fields(g.Scopes)
	return g.Role == string(access.CenterStaff) || slices.Contains(scopes, scopeOnline) && !slices.Contains(scopes, scopeOffline)
}

// stillOnline refuses a refresh for somebody who is not there any more: whose
// session was ended, or timed out, which nobody tells us of.
func (s *Server) stillOnline(ctx context.Context, g store.OAuthGrant) error {
	if !endsWithSession(g) {
		return nil
	}
	if lives, err := s.sessionLives(ctx, g); err != nil || lives {
		return err
	}
	if err := s.revoke(ctx, g.ID, "the session ended"); err != nil {
		return err
	}
	return invalidGrant("the person is not online any more")
}

func (s *Server) sessionLives(ctx context.Context, g store.OAuthGrant) (bool, error) {
	launch, _ := launchOf(g)
	if s.c.SessionLives == nil || launch.Session == "" {
		return false, nil
	}
	return s.c.SessionLives(ctx, launch.Session)
}

// EndOver ends at once what an account granted for as long as it is online in sessions
// that are over, whoever ended them.
func (s *Server) EndOver(ctx context.Context, account string) error {
	return s.endOnline(ctx, account, func(g store.OAuthGrant) (bool, error) {
		lives, err := s.sessionLives(ctx, g)
		return !lives, err
	})
}

// EndOnline ends at once what an account granted for as long as it is online:
// by the session, or by all of its sessions where none is named. Whoever ends a
// session calls it.
func (s *Server) EndOnline(ctx context.Context, account, session string) error {
	return s.endOnline(ctx, account, func(g store.OAuthGrant) (bool, error) {
		launch, _ := launchOf(g)
		return session == "" || launch.Session == session, nil
	})
}

func (s *Server) endOnline(ctx context.Context, account string, which func(store.OAuthGrant) (bool, error)) error {
	grants, err := s.tables.GrantsOf(ctx, s.c.Store, account)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if !endsWithSession(g) {
			continue
		}
		ends, err := which(g)
		if err == nil && ends {
			err = s.revoke(ctx, g.ID, "the session ended")
		}
		if err != nil {
			return err
		}
	}
	return nil
}
