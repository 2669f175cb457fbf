package authserver

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// errNotLive: a token that is not good now, for whichever reason.
var errNotLive = errors.New("authserver: token unknown, over or revoked")

// purposesOfUse are what clients' requests are for (v3 PurposeOfUse), for the
// audit.
var purposesOfUse = map[string]string{
	store.PurposeApp:         "PATRQT",
	store.PurposeResearch:    "HRESCH",
	store.PurposeEHR:         "TREAT",
	store.PurposeMaintenance: "HSYSADMIN",
}

// resolved remembers for a moment who bears a token, so that a busy client
// does not cost a query a request. A revocation by this process empties it; one
// by another process is noticed within resolveMaxAge.
type resolved struct {
	mu      sync.RWMutex
	entries map[tokenHash]resolvedEntry
	epoch   uint64 // of revocations: a lookup that began before one is not kept
}

type resolvedEntry struct {
	actor   access.Actor
	looked  time.Time
	expires time.Time
}

// Resolve implements Resolver.
func (s *Server) Resolve(ctx context.Context, bearer string) (access.Actor, error) {
	hash, now := hashToken(bearer), s.now()
	entry, epoch, ok := s.known.get(hash)
	if ok && now.Sub(entry.looked) < resolveMaxAge && now.Before(entry.expires) {
		return entry.actor, nil
	}
	a, err := s.liveHash(ctx, hash)
	if errors.Is(err, errNotLive) || err == nil && a.Token.Kind != store.TokenAccess {
		return access.Actor{}, errs.New(errs.Unauthorized, "the access token is not valid, or not valid any more")
	}
	if err != nil {
		return access.Actor{}, err
	}
	entry = resolvedEntry{actor: actor(a), looked: now, expires: a.Token.ExpiresAt}
	s.known.put(hash, entry, epoch)
	return entry.actor, nil
}

// live finds a token that is good now, of either kind; errNotLive otherwise. A
// refresh token that was exchanged is not.
func (s *Server) live(ctx context.Context, token string) (store.OAuthAccess, error) {
	return s.liveHash(ctx, hashToken(token))
}

func (s *Server) liveHash(ctx context.Context, hash tokenHash) (store.OAuthAccess, error) {
	a, err := s.tables.Access(ctx, s.c.Store, hash[:])
	if errors.Is(err, store.ErrNotFound) {
		return store.OAuthAccess{}, errNotLive
	}
	if err == nil && (s.over(a) || !a.Token.UsedAt.IsZero()) {
		return store.OAuthAccess{}, errNotLive
	}
	if err == nil {
		err = s.stillActing(ctx, a.Grant)
	}
	return a, err
}

func actor(a store.OAuthAccess) access.Actor {
	who := access.Actor{
		Role: access.Role(a.Grant.Role), ID: a.Grant.Subject, Client: a.Client.ID, Patient: a.Grant.Patient,
		Scopes: readScopes(strings.Fields(a.Token.Scopes)), Groups: a.Client.Groups, Provider: a.Client.Organization, Purpose: purposesOfUse[a.Client.Purpose], Grant: a.Grant.ID,
	}
	if who.Role == access.CenterStaff { // by an app that they opened
		opened, _ := launchOf(a.Grant)
		who.Site, who.Purpose = opened.Site, "HOPERAT"
	}
	return who
}

func (r *resolved) get(hash tokenHash) (resolvedEntry, uint64, bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	entry, ok := r.entries[hash]
	return entry, r.epoch, ok
}

func (r *resolved) put(hash tokenHash, entry resolvedEntry, epoch uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if epoch != r.epoch {
		return
	}
	if len(r.entries) >= resolveEntries {
		clear(r.entries)
	}
	r.entries[hash] = entry
}

func (r *resolved) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	clear(r.entries)
}
