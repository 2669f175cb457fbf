package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// SetLanguage keeps the language that a person chose. store.ErrStale: there is no
// such account.
func (Accounts) SetLanguage(ctx context.Context, db store.DB, id, language string) error {
	return oneRow(db.Exec(ctx, `UPDATE account SET language = $2 WHERE id = $1`, id, language))
}

// ClearFactors forgets an account's authenticator, and that it was locked.
// store.ErrStale: there is no such account.
func (Accounts) ClearFactors(ctx context.Context, db store.DB, id string) error {
	return oneRow(db.Exec(ctx, `UPDATE account SET secret = NULL, enrolled = 0, step = 0, failures = 0, locked = 0 WHERE id = $1`, id))
}

// PutNewEmail keeps the sealed address that an account is to have, in place of one
// that was asked for before.
func (Accounts) PutNewEmail(ctx context.Context, db store.DB, account string, sealed []byte, at time.Time) error {
	_, err := db.Exec(ctx, `INSERT INTO account_new_email (account, email, at) VALUES ($1, $2, $3)
		ON CONFLICT (account) DO UPDATE SET email = excluded.email, at = excluded.at`, account, sealed, store.Micros(at))
	return err
}

// NewEmail is the sealed address that an account is to have. store.ErrNotFound: none.
func (Accounts) NewEmail(ctx context.Context, db store.DB, account string) (sealed []byte, err error) {
	err = db.QueryRow(ctx, `SELECT email FROM account_new_email WHERE account = $1`, account).Scan(&sealed)
	return sealed, err
}

// Readdress gives an account another address, which Claim has given to it before:
// the one it had is free again.
func (Accounts) Readdress(ctx context.Context, db store.DB, account string, sealed, hash []byte) error {
	if _, err := db.Exec(ctx, `DELETE FROM account_email WHERE account = $1 AND hash <> $2`, account, hash); err != nil {
		return err
	}
	if _, err := db.Exec(ctx, `DELETE FROM account_new_email WHERE account = $1`, account); err != nil {
		return err
	}
	return oneRow(db.Exec(ctx, `UPDATE account SET email = $2 WHERE id = $1`, account, sealed))
}

// ForgetNewEmails deletes addresses that were asked for before the time.
func (Accounts) ForgetNewEmails(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	return db.Exec(ctx, `DELETE FROM account_new_email WHERE at < $1`, store.Micros(before))
}

// RemoveAll deletes the passkeys of an account.
func (Passkeys) RemoveAll(ctx context.Context, db store.DB, realm, account string) error {
	_, err := db.Exec(ctx, `DELETE FROM passkey WHERE realm = $1 AND account = $2`, realm, account)
	return err
}

// ForgetAll deletes the browsers that an account is known from.
func (Devices) ForgetAll(ctx context.Context, db store.DB, account string) error {
	_, err := db.Exec(ctx, `DELETE FROM known_device WHERE account = $1`, account)
	return err
}
