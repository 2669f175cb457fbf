package tables

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tributary/internal/store"
)

// OAuth keeps clients, grants, tokens and signing keys.
type OAuth struct{}

const clientColumns = `c.id, c.name, c.purpose, c.redirect_uris, c.scopes, c.secret_hash, c.jwks, c.jwks_url,
	c.group_ids, c.organization, c.id_token_alg, c.created_at, c.disabled`

// AddClient registers a client; ErrStale when its id is taken.
func (OAuth) AddClient(ctx context.Context, db store.DB, c store.Client) error {
	redirects, err := json.Marshal(c.RedirectURIs)
	if err != nil {
		return fmt.Errorf("tables: client: %w", err)
	}
	groups, err := json.Marshal(c.Groups)
	if err != nil {
		return fmt.Errorf("tables: client: %w", err)
	}
	return changedOne(db.Exec(ctx, `INSERT INTO oauth_client (id, name, purpose, redirect_uris, scopes, secret_hash, jwks,
			jwks_url, group_ids, organization, id_token_alg, created_at, disabled)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING`,
		c.ID, c.Name, c.Purpose, string(redirects), c.Scopes, c.SecretHash, c.JWKS,
		c.JWKSURL, string(groups), c.Organization, c.IDTokenAlg, store.Micros(c.CreatedAt), bit(c.Disabled)))
}

// Client returns a client, also a disabled one; ErrNotFound when there is none.
func (OAuth) Client(ctx context.Context, db store.DB, id string) (store.Client, error) {
	var c clientRow
	err := db.QueryRow(ctx, `SELECT `+clientColumns+` FROM oauth_client c WHERE c.id = $1`, id).Scan(c.dest()...)
	if err != nil {
		return store.Client{}, err
	}
	return c.client()
}

// Clients lists all clients by id.
func (OAuth) Clients(ctx context.Context, db store.DB) ([]store.Client, error) {
	return queryAll(ctx, db, func(row store.Row) (store.Client, error) {
		var c clientRow
		if err := row.Scan(c.dest()...); err != nil {
			return store.Client{}, err
		}
		return c.client()
	}, `SELECT `+clientColumns+` FROM oauth_client c ORDER BY c.id`)
}

// SetClient changes what a client is registered with, except its purpose, its
// Groups, its organization and whether it is disabled; ErrStale when there is no such client.
func (OAuth) SetClient(ctx context.Context, db store.DB, c store.Client) error {
	redirects, err := json.Marshal(c.RedirectURIs)
	if err != nil {
		return fmt.Errorf("tables: client: %w", err)
	}
	return changedOne(db.Exec(ctx, `UPDATE oauth_client SET name = $2, redirect_uris = $3, scopes = $4, secret_hash = $5,
			jwks = $6, jwks_url = $7, id_token_alg = $8 WHERE id = $1`,
		c.ID, c.Name, string(redirects), c.Scopes, c.SecretHash, c.JWKS, c.JWKSURL, c.IDTokenAlg))
}

// SetClientDisabled stops a client, and with it all its tokens, or lets it go
// on; ErrStale when there is no such client.
func (OAuth) SetClientDisabled(ctx context.Context, db store.DB, id string, disabled bool) error {
	return changedOne(db.Exec(ctx, `UPDATE oauth_client SET disabled = $2 WHERE id = $1`, id, bit(disabled)))
}

const grantColumns = `g.id, g.client, g.subject, g.role, g.patient, g.fhir_user, g.scopes, g.nonce, g.context,
	g.auth_time, g.created_at, g.revoked_at`

// AddGrant records an authorization; ErrStale when its id is taken.
func (OAuth) AddGrant(ctx context.Context, db store.DB, g store.OAuthGrant) error {
	return changedOne(db.Exec(ctx, `INSERT INTO oauth_grant (id, client, subject, role, patient, fhir_user, scopes, nonce,
			context, auth_time, created_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO NOTHING`,
		g.ID, g.Client, g.Subject, g.Role, g.Patient, g.FHIRUser, g.Scopes, g.Nonce, g.Context,
		store.Micros(g.AuthTime), store.Micros(g.CreatedAt), store.Micros(g.RevokedAt)))
}

// Grant returns a grant, also a revoked one; ErrNotFound when there is none.
func (OAuth) Grant(ctx context.Context, db store.DB, id string) (store.OAuthGrant, error) {
	var g grantRow
	err := db.QueryRow(ctx, `SELECT `+grantColumns+` FROM oauth_grant g WHERE g.id = $1`, id).Scan(g.dest()...)
	return g.grant(), err
}

// GrantsOf lists what a subject has authorized and not revoked, newest first.
func (OAuth) GrantsOf(ctx context.Context, db store.DB, subject string) ([]store.OAuthGrant, error) {
	return queryAll(ctx, db, func(row store.Row) (store.OAuthGrant, error) {
		var g grantRow
		err := row.Scan(g.dest()...)
		return g.grant(), err
	}, `SELECT `+grantColumns+` FROM oauth_grant g WHERE g.subject = $1 AND g.revoked_at = 0
		ORDER BY g.created_at DESC, g.id`, subject)
}

// GrantsOfDelegates lists what people who act for a participant have authorized about
// them and not revoked, newest first.
func (OAuth) GrantsOfDelegates(ctx context.Context, db store.DB, patient string) ([]store.OAuthGrant, error) {
	return queryAll(ctx, db, func(row store.Row) (store.OAuthGrant, error) {
		var g grantRow
		err := row.Scan(g.dest()...)
		return g.grant(), err
	}, `SELECT `+grantColumns+` FROM oauth_grant g WHERE g.patient = $1 AND g.role = 'delegate' AND g.revoked_at = 0
		ORDER BY g.created_at DESC, g.id`, patient)
}

// Revoke ends a grant and all its tokens. One that is revoked stays so.
func (OAuth) Revoke(ctx context.Context, db store.DB, grant string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE oauth_grant SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`,
		grant, store.Micros(at))
	return err
}

// RevokeClient ends all grants of a client that is not registered any more.
func (OAuth) RevokeClient(ctx context.Context, db store.DB, client string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE oauth_grant SET revoked_at = $2 WHERE client = $1 AND revoked_at = 0`,
		client, store.Micros(at))
	return err
}

// RevokeSubject ends all grants of a subject: an account that is closed or
// withdrawn.
func (OAuth) RevokeSubject(ctx context.Context, db store.DB, subject string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE oauth_grant SET revoked_at = $2 WHERE subject = $1 AND revoked_at = 0`,
		subject, store.Micros(at))
	return err
}

const tokenColumns = `t.hash, t.kind, t.grant_id, t.scopes, t.issued_at, t.expires_at, t.used_at, t.replay`

// AddToken records an issued token; ErrStale when its grant does not hold any more.
func (OAuth) AddToken(ctx context.Context, db store.DB, t store.OAuthToken) error {
	return changedOne(db.Exec(ctx, `INSERT INTO oauth_token (hash, kind, grant_id, scopes, issued_at, expires_at, used_at, replay)
		SELECT $1, $2, g.id, $4, $5, $6, $7, $8 FROM oauth_grant g WHERE g.id = $3 AND g.revoked_at = 0`,
		t.Hash, t.Kind, t.Grant, t.Scopes, store.Micros(t.IssuedAt), store.Micros(t.ExpiresAt),
		store.Micros(t.UsedAt), blob(t.Replay)))
}

// Access returns a token with its grant and client, whatever their state;
// ErrNotFound for a token that was never issued or is long over.
func (OAuth) Access(ctx context.Context, db store.DB, hash []byte) (store.OAuthAccess, error) {
	var t tokenRow
	var g grantRow
	var c clientRow
	dest := append(append(t.dest(), g.dest()...), c.dest()...)
	err := db.QueryRow(ctx, `SELECT `+tokenColumns+`, `+grantColumns+`, `+clientColumns+`
		FROM oauth_token t JOIN oauth_grant g ON g.id = t.grant_id JOIN oauth_client c ON c.id = g.client
		WHERE t.hash = $1`, hash).Scan(dest...)
	if err != nil {
		return store.OAuthAccess{}, err
	}
	client, err := c.client()
	return store.OAuthAccess{Token: t.token(), Grant: g.grant(), Client: client}, err
}

// UseRefresh marks a refresh token as exchanged, with the sealed answer to that
// exchange; ErrStale when it already was. Of several transactions at once
// exactly one succeeds.
func (OAuth) UseRefresh(ctx context.Context, db store.DB, hash []byte, at time.Time, replay []byte) error {
	return changedOne(db.Exec(ctx, `UPDATE oauth_token SET used_at = $2, replay = $3 WHERE hash = $1 AND used_at = 0`,
		hash, store.Micros(at), blob(replay)))
}

// ExpireToken ends one token without its family.
func (OAuth) ExpireToken(ctx context.Context, db store.DB, hash []byte, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE oauth_token SET expires_at = $2 WHERE hash = $1 AND expires_at > $2`,
		hash, store.Micros(at))
	return err
}

// Purge deletes tokens that expired before the time given, and the older
// grants that have none left, and returns how many tokens. A used refresh token
// is kept until then, to detect its reuse.
func (OAuth) Purge(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	tokens, err := db.Exec(ctx, `DELETE FROM oauth_token WHERE expires_at < $1`, store.Micros(before))
	if err != nil {
		return 0, err
	}
	_, err = db.Exec(ctx, `DELETE FROM oauth_grant WHERE created_at < $1
		AND NOT EXISTS (SELECT 1 FROM oauth_token t WHERE t.grant_id = oauth_grant.id)`, store.Micros(before))
	return tokens, err
}

// AddKey records a signing key; ErrStale when its id is taken.
func (OAuth) AddKey(ctx context.Context, db store.DB, k store.SigningKey) error {
	return changedOne(db.Exec(ctx, `INSERT INTO oauth_key (id, algorithm, sealed, created_at, retired_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
		k.ID, k.Algorithm, k.Sealed, store.Micros(k.CreatedAt), store.Micros(k.RetiredAt)))
}

// RetireKey ends signing with a key. One that is retired stays so.
func (OAuth) RetireKey(ctx context.Context, db store.DB, id string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE oauth_key SET retired_at = $2 WHERE id = $1 AND retired_at = 0`, id, store.Micros(at))
	return err
}

// DropKey forgets a key that nothing signed by it is believed any more.
func (OAuth) DropKey(ctx context.Context, db store.DB, id string) error {
	_, err := db.Exec(ctx, `DELETE FROM oauth_key WHERE id = $1`, id)
	return err
}

// Keys lists the signing keys, the oldest first.
func (OAuth) Keys(ctx context.Context, db store.DB) ([]store.SigningKey, error) {
	return queryAll(ctx, db, func(row store.Row) (store.SigningKey, error) {
		var k store.SigningKey
		var created, retired int64
		err := row.Scan(&k.ID, &k.Algorithm, &k.Sealed, &created, &retired)
		k.CreatedAt, k.RetiredAt = store.Time(created), store.Time(retired)
		return k, err
	}, `SELECT id, algorithm, sealed, created_at, retired_at FROM oauth_key ORDER BY created_at, id`)
}

// Lives tells whether a grant holds: it is not revoked, and one of its tokens could
// be used at the time. A system's needs no token: it gets one when it asks. A grant
// that is not known any more was purged with its last token.
func (OAuth) Lives(ctx context.Context, db store.DB, grant string, at time.Time) (lives, known bool, err error) {
	var n int64
	err = db.QueryRow(ctx, `SELECT CASE WHEN g.revoked_at <> 0 THEN 0 WHEN g.role = 'ehr' THEN 1 WHEN EXISTS (
			SELECT 1 FROM oauth_token t WHERE t.grant_id = g.id AND t.expires_at > $2 AND t.used_at = 0) THEN 1 ELSE 0 END
		FROM oauth_grant g WHERE g.id = $1`, grant, store.Micros(at)).Scan(&n)
	if errors.Is(err, store.ErrNotFound) {
		return false, false, nil
	}
	return n == 1, err == nil, err
}
