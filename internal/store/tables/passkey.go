package tables

import (
	"context"
	"errors"
	"time"

	"tributary/internal/store"
)

// Passkeys keeps WebAuthn credentials.
type Passkeys struct{}

const passkeyColumns = `id, realm, account, sealed, created, used, suspect`

func scanPasskey(row store.Row) (p store.Passkey, err error) {
	var created, used, suspect int64
	err = row.Scan(&p.ID, &p.Realm, &p.Account, &p.Sealed, &created, &used, &suspect)
	p.Created, p.Used, p.Suspect = store.Time(created), store.Time(used), suspect != 0
	return p, err
}

// Add keeps a new passkey. store.ErrStale: the credential is known.
func (Passkeys) Add(ctx context.Context, db store.DB, p store.Passkey) error {
	return oneRow(db.Exec(ctx, `INSERT INTO passkey (`+passkeyColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING`,
		p.ID, p.Realm, p.Account, p.Sealed, store.Micros(p.Created), store.Micros(p.Used), bit(p.Suspect)))
}

// ByID finds a passkey by its credential. store.ErrNotFound: there is none.
func (Passkeys) ByID(ctx context.Context, db store.DB, id []byte) (store.Passkey, error) {
	return scanPasskey(db.QueryRow(ctx, `SELECT `+passkeyColumns+` FROM passkey WHERE id = $1`, id))
}

// Of lists the passkeys of an account, the oldest first.
func (Passkeys) Of(ctx context.Context, db store.DB, realm, account string) ([]store.Passkey, error) {
	return collect(scanPasskey)(db.Query(ctx, `SELECT `+passkeyColumns+` FROM passkey WHERE account = $1 AND realm = $2 ORDER BY created, id`, account, realm))
}

// Update keeps what a use or a new name changed. store.ErrStale: it is gone.
func (Passkeys) Update(ctx context.Context, db store.DB, p store.Passkey) error {
	return oneRow(db.Exec(ctx, `UPDATE passkey SET sealed = $2, used = $3, suspect = $4 WHERE id = $1 AND account = $5`,
		p.ID, p.Sealed, store.Micros(p.Used), bit(p.Suspect), p.Account))
}

// Remove deletes a passkey of an account. store.ErrStale: the account has none such.
func (Passkeys) Remove(ctx context.Context, db store.DB, realm, account string, id []byte) error {
	return oneRow(db.Exec(ctx, `DELETE FROM passkey WHERE id = $1 AND realm = $2 AND account = $3`, id, realm, account))
}

// Devices keeps the browsers that accounts have signed in from.
type Devices struct{}

// See notes a browser of an account and says whether it is new, and whether the
// account had any before.
func (Devices) See(ctx context.Context, db store.DB, account string, hash []byte, now time.Time) (fresh, first bool, err error) {
	n, err := db.Exec(ctx, `UPDATE known_device SET seen = $3, failures = 0, locked = 0 WHERE account = $1 AND hash = $2`, account, hash, store.Micros(now))
	if err != nil || n > 0 {
		return false, false, err
	}
	var known int64
	if err := db.QueryRow(ctx, `SELECT count(*) FROM known_device WHERE account = $1`, account).Scan(&known); err != nil {
		return false, false, err
	}
	_, err = db.Exec(ctx, `INSERT INTO known_device (account, hash, seen, failures, locked) VALUES ($1, $2, $3, 0, 0) ON CONFLICT (account, hash) DO NOTHING`, account, hash, store.Micros(now))
	return true, known == 0, err
}

// Known reports whether an account has signed in from a browser.
func (Devices) Known(ctx context.Context, db store.DB, account string, hash []byte) (bool, error) {
	var n int64
	err := db.QueryRow(ctx, `SELECT count(*) FROM known_device WHERE account = $1 AND hash = $2`, account, hash).Scan(&n)
	return n > 0, err
}

// Locked is until when the second factor is locked for a browser, and whether the
// account knows it.
func (Devices) Locked(ctx context.Context, db store.DB, account string, hash []byte) (until time.Time, known bool, err error) {
	var at int64
	err = db.QueryRow(ctx, `SELECT locked FROM known_device WHERE account = $1 AND hash = $2`, account, hash).Scan(&at)
	if errors.Is(err, store.ErrNotFound) {
		return until, false, nil
	}
	return store.Time(at), err == nil, err
}

// CountFailure counts a wrong second factor from a browser; at the limit it is
// locked for the browser until the given time. store.ErrStale: the account does not
// know the browser.
func (Devices) CountFailure(ctx context.Context, db store.DB, account string, hash []byte, limit int64, until time.Time) error {
	return oneRow(db.Exec(ctx, `UPDATE known_device SET
		locked = CASE WHEN failures + 1 >= $3 THEN $4 ELSE locked END,
		failures = CASE WHEN failures + 1 >= $3 THEN 0 ELSE failures + 1 END WHERE account = $1 AND hash = $2`, account, hash, limit, store.Micros(until)))
}

// Forget drops browsers that were last seen before the time.
func (Devices) Forget(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	return db.Exec(ctx, `DELETE FROM known_device WHERE seen < $1`, store.Micros(before))
}

// Identities keeps which identities at OpenID providers are whose.
type Identities struct{}

// Link gives an identity, by its keyed hash, to an account. store.ErrStale: it is
// another's.
func (Identities) Link(ctx context.Context, db store.DB, hash []byte, account string, now time.Time) error {
	return oneRow(db.Exec(ctx, `INSERT INTO account_identity (hash, account, since) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET since = account_identity.since WHERE account_identity.account = excluded.account`, hash, account, store.Micros(now)))
}

// Account is whose an identity is. store.ErrNotFound: nobody's.
func (Identities) Account(ctx context.Context, db store.DB, hash []byte) (account string, err error) {
	err = db.QueryRow(ctx, `SELECT account FROM account_identity WHERE hash = $1`, hash).Scan(&account)
	return account, err
}

// Of counts the identities of an account.
func (Identities) Of(ctx context.Context, db store.DB, account string) (n int64, err error) {
	err = db.QueryRow(ctx, `SELECT count(*) FROM account_identity WHERE account = $1`, account).Scan(&n)
	return n, err
}

// Unlink takes all identities from an account.
func (Identities) Unlink(ctx context.Context, db store.DB, account string) error {
	_, err := db.Exec(ctx, `DELETE FROM account_identity WHERE account = $1`, account)
	return err
}
