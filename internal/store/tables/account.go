package tables

import (
	"context"
	"errors"
	"time"

	"tributary/internal/store"
)

// Accounts keeps accounts, their mail codes and the sealed map of participants.
type Accounts struct{}

const accountColumns = `id, patient, email, profile, secret, enrolled, step, failures, locked, created, language`

// Claim gives an address, by its keyed hash, to an account. store.ErrStale: it
// belongs to another one that was confirmed.
func (Accounts) Claim(ctx context.Context, db store.DB, account string, emailHash []byte) error {
	return oneRow(db.Exec(ctx, `INSERT INTO account_email (hash, account) VALUES ($1, $2)
		ON CONFLICT (hash) DO UPDATE SET account = excluded.account
		WHERE account_email.account NOT IN (SELECT id FROM account WHERE patient <> '' AND id <> $2)`, emailHash, account))
}

// Insert adds an account and claims its address.
// store.ErrStale: the address belongs to another account.
func (t Accounts) Insert(ctx context.Context, db store.DB, a store.Account, emailHash []byte) error {
	if err := t.Claim(ctx, db, a.ID, emailHash); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO account (`+accountColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		a.ID, a.Patient, a.Email, a.Profile, a.Secret, store.Micros(a.Enrolled), a.Step, a.Failures, store.Micros(a.Locked), store.Micros(a.Created), a.Language)
	return err
}

// Say keeps the keyed hash of what an account's person said at sign-up.
func (Accounts) Say(ctx context.Context, db store.DB, id string, said []byte) error {
	return oneRow(db.Exec(ctx, `UPDATE account SET said = $2 WHERE id = $1`, id, said))
}

// Again finds the account that is not confirmed and of which the same was said, as if
// it were made now, in this language. store.ErrNotFound: there is none.
func (Accounts) Again(ctx context.Context, db store.DB, said []byte, now time.Time, language string) (id string, err error) {
	err = db.QueryRow(ctx, `UPDATE account SET created = $2, language = $3 WHERE said = $1 AND patient = '' RETURNING id`, said, store.Micros(now), language).Scan(&id)
	return id, err
}

// ByID finds an account. store.ErrNotFound: there is none.
func (Accounts) ByID(ctx context.Context, db store.DB, id string) (store.Account, error) {
	return scanAccount(db.QueryRow(ctx, `SELECT `+accountColumns+` FROM account WHERE id = $1`, id))
}

// ByPatient finds the account of a participant.
func (Accounts) ByPatient(ctx context.Context, db store.DB, patient string) (store.Account, error) {
	return scanAccount(db.QueryRow(ctx, `SELECT `+accountColumns+` FROM account WHERE patient = $1`, patient))
}

// ByEmail finds an account by the keyed hash of its address: one query, whether or
// not there is one.
func (Accounts) ByEmail(ctx context.Context, db store.DB, emailHash []byte) (store.Account, error) {
	return scanAccount(db.QueryRow(ctx, `SELECT `+accountColumns+` FROM account WHERE id = (SELECT account FROM account_email WHERE hash = $1)`, emailHash))
}

func scanAccount(row store.Row) (store.Account, error) {
	var a store.Account
	var enrolled, locked, created int64
	err := row.Scan(&a.ID, &a.Patient, &a.Email, &a.Profile, &a.Secret, &enrolled, &a.Step, &a.Failures, &locked, &created, &a.Language)
	a.Enrolled, a.Locked, a.Created = store.Time(enrolled), store.Time(locked), store.Time(created)
	return a, err
}

// Update keeps a changed account. store.ErrStale: it is gone.
func (Accounts) Update(ctx context.Context, db store.DB, a store.Account) error {
	n, err := db.Exec(ctx, `UPDATE account SET said = CASE WHEN $2 = '' THEN said END, patient = $2, profile = $3, secret = $4, enrolled = $5, step = $6, failures = $7, locked = $8 WHERE id = $1`,
		a.ID, a.Patient, a.Profile, a.Secret, store.Micros(a.Enrolled), a.Step, a.Failures, store.Micros(a.Locked))
	return oneRow(n, err)
}

// UseStep spends a TOTP time step and forgets earlier failures.
// store.ErrStale: that step or a later one has been used already.
func (Accounts) UseStep(ctx context.Context, db store.DB, id string, step int64) error {
	n, err := db.Exec(ctx, `UPDATE account SET step = $2, failures = 0, locked = 0 WHERE id = $1 AND step < $2`, id, step)
	return oneRow(n, err)
}

// CountFailure counts a wrong second factor; at the limit the account's second
// factor is locked until the given time and the count begins anew.
func (Accounts) CountFailure(ctx context.Context, db store.DB, id string, limit int64, until time.Time) error {
	_, err := db.Exec(ctx, `UPDATE account SET
		locked = CASE WHEN failures + 1 >= $2 THEN $3 ELSE locked END,
		failures = CASE WHEN failures + 1 >= $2 THEN 0 ELSE failures + 1 END WHERE id = $1`, id, limit, store.Micros(until))
	return err
}

// Unconfirmed deletes accounts made before the time whose address was never
// confirmed, and says how many.
func (Accounts) Unconfirmed(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	const old = `(SELECT id FROM account WHERE patient = '' AND created < $1)`
	for _, q := range []string{`DELETE FROM account_email WHERE account IN ` + old, `DELETE FROM account_code WHERE account IN ` + old} {
		if _, err := db.Exec(ctx, q, store.Micros(before)); err != nil {
			return 0, err
		}
	}
	return db.Exec(ctx, `DELETE FROM account WHERE patient = '' AND created < $1`, store.Micros(before))
}

// Code returns the account's mail code; the zero MailCode if none was ever sent.
func (Accounts) Code(ctx context.Context, db store.DB, account string) (store.MailCode, error) {
	c := store.MailCode{Account: account}
	var expires, window int64
	err := db.QueryRow(ctx, `SELECT hash, expires, attempts, sent, sent_since FROM account_code WHERE account = $1`, account).
		Scan(&c.Hash, &expires, &c.Attempts, &c.Sent, &window)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	}
	c.Expires, c.Window = store.Time(expires), store.Time(window)
	return c, err
}

// PutCode keeps the account's mail code in place of the one before.
func (Accounts) PutCode(ctx context.Context, db store.DB, c store.MailCode) error {
	_, err := db.Exec(ctx, `INSERT INTO account_code (account, hash, expires, attempts, sent, sent_since) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, expires = excluded.expires, attempts = excluded.attempts,
		sent = excluded.sent, sent_since = excluded.sent_since`,
		c.Account, c.Hash, store.Micros(c.Expires), c.Attempts, c.Sent, store.Micros(c.Window))
	return err
}

// SpendCode ends the open code if it is this one, so that it works once.
// store.ErrStale: it is not, or no longer.
func (Accounts) SpendCode(ctx context.Context, db store.DB, account string, hash []byte) error {
	n, err := db.Exec(ctx, `UPDATE account_code SET hash = NULL WHERE account = $1 AND hash = $2`, account, hash)
	return oneRow(n, err)
}

// PutParticipant keeps a participant's sealed codes; they are never replaced.
func (Accounts) PutParticipant(ctx context.Context, db store.DB, p store.ParticipantCode) error {
	_, err := db.Exec(ctx, `INSERT INTO participant_code (patient, sealed) VALUES ($1, $2)`, p.Patient, p.Sealed)
	return err
}

// Participant returns a participant's sealed codes.
func (Accounts) Participant(ctx context.Context, db store.DB, patient string) (store.ParticipantCode, error) {
	p := store.ParticipantCode{Patient: patient}
	err := db.QueryRow(ctx, `SELECT sealed FROM participant_code WHERE patient = $1`, patient).Scan(&p.Sealed)
	return p, err
}

func oneRow(n int64, err error) error {
	if err == nil && n == 0 {
		return store.ErrStale
	}
	return err
}
