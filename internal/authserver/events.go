package authserver

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/store"
)

// Auditor keeps what this server did (internal/audit).
type Auditor interface {
	// Append writes an event with the transaction of what it tells of.
	Append(ctx context.Context, db store.DB, a access.Actor, why audit.Purpose, e audit.Event) error
}

// event is something that this server did: who let whom do what. No token, code
// or secret is in it, and of people only the account.
type event struct {
	actor   access.Actor
	patient string // id of whom it is about; "" for nobody, or nobody yet
	what    string // authorization, token, client
	action  access.Interaction
	outcome audit.Outcome
	reason  string
	details url.Values
}

// record audits an event in the transaction of what it tells of.
func (s *Server) record(ctx context.Context, db store.DB, e event) error {
	if s.c.Audit == nil {
		return nil
	}
	e.actor.Address, _ = ctx.Value(addressKey{}).(string)
	return s.c.Audit.Append(ctx, db, e.actor, audit.PurposeOf(e.actor), audit.Event{
		Interaction: e.action, Outcome: e.outcome, Reason: e.reason, Type: e.what, Query: e.details.Encode(), Patient: e.patient,
	})
}

func actorOf(g store.OAuthGrant) access.Actor {
	return access.Actor{Role: access.Role(g.Role), ID: g.Subject, Client: g.Client, Patient: g.Patient}
}

// authorized: somebody let an app in.
func authorized(g store.OAuthGrant) event {
	return event{actor: actorOf(g), patient: g.Patient, what: "authorization", action: access.Create,
		details: url.Values{"client": {g.Client}, "scope": {g.Scopes}}}
}

// declined: somebody did not. Who it was is not told to this server.
func declined(req request) event {
	return event{actor: access.Actor{Client: req.Client}, what: "authorization", action: access.Create,
		outcome: audit.Refused, reason: "declined", details: url.Values{"client": {req.Client}}}
}

// issued: tokens were given out, for a code or a key, or for a refresh token.
func issued(i issue) event {
	action := access.Create
	if i.refreshed {
		action = access.Update
	}
	return event{actor: actorOf(i.grant), what: "token", action: action,
		details: url.Values{"client": {i.grant.Client}, "scope": {answerScope(i)}}}
}

// revoke ends a grant and all its tokens, in this process at once. A grant that
// is not there, or has ended, stays as it is.
func (s *Server) revoke(ctx context.Context, grant, why string) error {
	defer s.known.forget()
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		g, err := s.tables.Grant(ctx, tx, grant)
		if errors.Is(err, store.ErrNotFound) || err == nil && !g.RevokedAt.IsZero() {
			return nil
		}
		if err != nil {
			return err
		}
		if err := s.tables.Revoke(ctx, tx, grant, s.now()); err != nil {
			return err
		}
		return s.record(ctx, tx, ended(g, why))
	})
}

// ended: what an app was let in for is over.
func ended(g store.OAuthGrant, why string) event {
	return event{actor: actorOf(g), patient: g.Patient, what: "authorization", action: access.Delete, reason: why,
		details: url.Values{"client": {g.Client}}}
}

type addressKey struct{}

// addressed remembers the network address of a request, for the audit.
func addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = ""
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), addressKey{}, host)))
	})
}
