package authserver

import (
	"context"
	"slices"
	"strings"
	"time"

	"tributary/internal/store"
)

// onlineTTL bounds a refresh token that ends with a session anyway; it is above
// the longest session.
const onlineTTL = 24 * time.Hour

// endsWithSession: online_access lasts as long as the person's session;
// offline_access beside it outlives that (SMART App Launch 2.2, section 3.0.7).
func endsWithSession(g store.OAuthGrant) bool {
	scopes := strings.Fields(g.Scopes)
	return slices.Contains(scopes, scopeOnline) && !slices.Contains(scopes, scopeOffline)
}

// stillOnline refuses a refresh for somebody who is not there any more: whose
// session was ended, or timed out, which nobody tells us of.
func (s *Server) stillOnline(ctx context.Context, g store.OAuthGrant) error {
	if !endsWithSession(g) {
		return nil
	}
	launch, _ := launchOf(g)
	lives := false
	if s.c.SessionLives != nil && launch.Session != "" {
		var err error
		if lives, err = s.c.SessionLives(ctx, launch.Session); err != nil {
			return err
		}
	}
	if lives {
		return nil
	}
	if err := s.revoke(ctx, g.ID, "the session ended"); err != nil {
		return err
	}
	return invalidGrant("the person is not online any more")
}

// EndOnline ends at once what an account granted for as long as it is online:
// by the session, or by all of its sessions where none is named. Whoever ends a
// session calls it.
func (s *Server) EndOnline(ctx context.Context, account, session string) error {
	grants, err := s.tables.GrantsOf(ctx, s.c.Store, account)
	if err != nil {
		return err
	}
	for _, g := range grants {
		launch, _ := launchOf(g)
		if !endsWithSession(g) || session != "" && launch.Session != session {
			continue
		}
		if err := s.revoke(ctx, g.ID, "the session ended"); err != nil {
			return err
		}
	}
	return nil
}
