package authserver

import (
	"context"
	"errors"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Acts answers until when a person may act for a Patient, of the recorded
// permissions that were there at the time since and are in force now: zero for no
// set end, and false for none. A permission that was given anew later does not bring
// back what an app was given under the old one.
type Acts func(ctx context.Context, delegate, patient string, since time.Time) (until time.Time, ok bool, err error)

// actsFor refuses the approval of a delegate who may not act for the patient.
func (s *Server) actsFor(ctx context.Context, g Grant) error {
	if g.Role != access.Delegate {
		return nil
	}
	_, ok, err := s.acts(ctx, store.OAuthGrant{Subject: g.Subject, Patient: g.Patient, CreatedAt: s.now()})
	if err == nil && !ok {
		err = errs.New(errs.Forbidden, "there is no permission to act for this participant")
	}
	return err
}

// acts asks about the person of a grant.
func (s *Server) acts(ctx context.Context, g store.OAuthGrant) (until time.Time, ok bool, err error) {
	if s.c.Acts == nil || g.Patient == "" {
		return time.Time{}, false, nil
	}
	return s.c.Acts(ctx, g.Subject, g.Patient, g.CreatedAt)
}

// stillActing ends a delegate's grant whose permission has ended or was taken back:
// errNotLive then.
func (s *Server) stillActing(ctx context.Context, g store.OAuthGrant) error {
	if g.Role != string(access.Delegate) {
		return nil
	}
	_, ok, err := s.acts(ctx, g)
	if err != nil || ok {
		return err
	}
	if err := s.revoke(ctx, g.ID, "the permission to act for the participant ended"); err != nil {
		return err
	}
	return errNotLive
}

// Holds reports whether a delegate's grant still does, for what acts by a grant and not
// by a token: one of another role does as long as it is not revoked.
func (s *Server) Holds(ctx context.Context, grant string) (bool, error) {
	g, err := s.tables.Grant(ctx, s.c.Store, grant)
	if errors.Is(err, store.ErrNotFound) || err == nil && !g.RevokedAt.IsZero() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	err = s.stillActing(ctx, g)
	if errors.Is(err, errNotLive) {
		return false, nil
	}
	return err == nil, err
}

// lasting is how long a token may be good that would be good for ttl: not beyond the
// end of the permission that a delegate acts under. Without one the grant ends.
func (s *Server) lasting(ctx context.Context, g store.OAuthGrant, ttl time.Duration) (time.Duration, error) {
	if g.Role != string(access.Delegate) {
		return ttl, nil
	}
	if err := s.stillActing(ctx, g); errors.Is(err, errNotLive) {
		return 0, invalidGrant("the permission to act for the participant ended")
	} else if err != nil {
		return 0, err
	}
	until, ok, err := s.acts(ctx, g)
	if ok && !until.IsZero() {
		ttl = min(ttl, until.Sub(s.now()))
	}
	return ttl, err
}
