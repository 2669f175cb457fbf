package authserver

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// maintenanceClient is the id of the client that maintenance tokens are of.
const maintenanceClient = "maintenance"

// maxMaintenanceTTL bounds a maintenance token, which nobody refreshes.
const maxMaintenanceTTL = 24 * time.Hour

// IssueMaintenance makes an access token for repair and load tests, with system
// scopes. It is for those who hold the machine's own configuration; there is no
// way to it over HTTP. The caller audits it in the same transaction.
func IssueMaintenance(ctx context.Context, tx store.Tx, scope string, ttl time.Duration) (string, error) {
	words := strings.Fields(scope)
	if len(words) == 0 || !backendFlow.within(words, "system/*.cruds") {
		return "", errs.New(errs.Invalid, "scopes of a maintenance token are system scopes, such as system/*.cruds")
	}
	if ttl <= 0 || ttl > maxMaintenanceTTL {
		return "", errs.New(errs.Invalid, "a maintenance token lives for at most %v", maxMaintenanceTTL)
	}
	token, err := session.NewToken(rand.Reader)
	if err != nil {
		return "", err
	}
	return token, keepMaintenance(ctx, tx, hashToken(token), strings.Join(words, " "), ttl)
}

func keepMaintenance(ctx context.Context, tx store.Tx, hash tokenHash, scope string, ttl time.Duration) error {
	var t tables.OAuth
	now := tx.Now()
	err := t.AddClient(ctx, tx, store.Client{
		ID: maintenanceClient, Name: "Maintenance", Purpose: store.PurposeMaintenance, Scopes: "system/*.cruds", CreatedAt: now,
	})
	if err != nil && !errors.Is(err, store.ErrStale) {
		return err
	}
	grant, err := session.NewToken(rand.Reader)
	if err != nil {
		return err
	}
	err = t.AddGrant(ctx, tx, store.OAuthGrant{
		ID: grant, Client: maintenanceClient, Subject: maintenanceClient, Role: string(access.Maintenance),
		Scopes: scope, AuthTime: now, CreatedAt: now,
	})
	if err != nil {
		return err
	}
	return t.AddToken(ctx, tx, store.OAuthToken{
		Hash: hash[:], Kind: store.TokenAccess, Grant: grant, Scopes: scope, IssuedAt: now, ExpiresAt: now.Add(ttl),
	})
}
