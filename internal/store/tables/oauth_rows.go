package tables

import (
	"context"
	"encoding/json"
	"fmt"

	"tributary/internal/store"
)

// clientRow, grantRow and tokenRow are scanned in the order of their columns.
type clientRow struct {
	store.Client
	redirects, groups string
	created, disabled int64
}

func (c *clientRow) dest() []any {
	return []any{&c.ID, &c.Name, &c.Purpose, &c.redirects, &c.Client.Scopes, &c.SecretHash, &c.JWKS, &c.JWKSURL,
		&c.groups, &c.Organization, &c.IDTokenAlg, &c.created, &c.disabled}
}

func (c *clientRow) client() (store.Client, error) {
	if err := json.Unmarshal([]byte(c.redirects), &c.RedirectURIs); err != nil {
		return store.Client{}, fmt.Errorf("tables: client %s: redirect URIs: %w", c.ID, err)
	}
	if err := json.Unmarshal([]byte(c.groups), &c.Groups); err != nil {
		return store.Client{}, fmt.Errorf("tables: client %s: groups: %w", c.ID, err)
	}
	c.CreatedAt, c.Disabled = store.Time(c.created), c.disabled != 0
	return c.Client, nil
}

type grantRow struct {
	store.OAuthGrant
	auth, created, revoked int64
}

func (g *grantRow) dest() []any {
	return []any{&g.ID, &g.Client, &g.Subject, &g.Role, &g.Patient, &g.FHIRUser, &g.Scopes, &g.Nonce, &g.Context,
		&g.auth, &g.created, &g.revoked}
}

func (g *grantRow) grant() store.OAuthGrant {
	g.AuthTime, g.CreatedAt, g.RevokedAt = store.Time(g.auth), store.Time(g.created), store.Time(g.revoked)
	return g.OAuthGrant
}

type tokenRow struct {
	store.OAuthToken
	issued, expires, used int64
}

func (t *tokenRow) dest() []any {
	return []any{&t.Hash, &t.Kind, &t.Grant, &t.Scopes, &t.issued, &t.expires, &t.used, &t.Replay}
}

func (t *tokenRow) token() store.OAuthToken {
	if len(t.Replay) == 0 {
		t.Replay = nil
	}
	t.IssuedAt, t.ExpiresAt, t.UsedAt = store.Time(t.issued), store.Time(t.expires), store.Time(t.used)
	return t.OAuthToken
}

// changedOne turns "no row was changed" into ErrStale.
func changedOne(affected int64, err error) error {
	if err == nil && affected == 0 {
		return store.ErrStale
	}
	return err
}

// queryAll scans all rows of a query.
func queryAll[T any](ctx context.Context, db store.DB, scan func(store.Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, rows.Err()
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// blob keeps a nil slice from becoming NULL.
func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
