package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Retention deletes what is kept no longer, and keeps whom nothing is deleted of.
type Retention struct{}

// Hold puts a person's data on hold, or changes the reason, which is sealed.
func (Retention) Hold(ctx context.Context, db store.DB, h store.LegalHold) error {
	_, err := db.Exec(ctx, `INSERT INTO legal_hold (patient, reason, staff, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (patient) DO UPDATE SET reason = excluded.reason, staff = excluded.staff`, h.Patient, h.Reason, h.Staff, store.Micros(h.At))
	return err
}

// Lift ends a hold. store.ErrStale: there is none.
func (Retention) Lift(ctx context.Context, db store.DB, patient string) error {
	return oneRow(db.Exec(ctx, `DELETE FROM legal_hold WHERE patient = $1`, patient))
}

// Held lists the holds, oldest first.
func (Retention) Held(ctx context.Context, db store.DB) ([]store.LegalHold, error) {
	return collect(scanHold)(db.Query(ctx, `SELECT patient, reason, staff, at FROM legal_hold ORDER BY at, patient`))
}

func scanHold(row store.Row) (h store.LegalHold, err error) {
	var at int64
	err = row.Scan(&h.Patient, &h.Reason, &h.Staff, &at)
	h.At = store.Time(at)
	return h, err
}

// Codes deletes mail codes that ended before the time, with the count of sendings.
func (Retention) Codes(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	return db.Exec(ctx, `DELETE FROM account_code WHERE expires < $1 AND sent_since < $1`, store.Micros(before))
}

// Mailbox deletes messages of the development mailbox.
func (Retention) Mailbox(ctx context.Context, db store.DB, before time.Time) (int64, error) {
	return db.Exec(ctx, `DELETE FROM dev_mail WHERE at < $1`, store.Micros(before))
}

// NeverConsented lists the Patients of accounts made before the time of people who
// have never agreed to anything, act for nobody, and are not on hold.
func (Retention) NeverConsented(ctx context.Context, db store.DB, before time.Time, limit int64) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT patient FROM account a WHERE patient <> '' AND created < $1
		AND NOT EXISTS (SELECT 1 FROM consent_event e WHERE e.patient = a.patient AND e.decision IN ('agree', 'withdraw'))
		AND NOT EXISTS (SELECT 1 FROM delegation d WHERE d.delegate = a.id AND d.revoked = 0)
		AND NOT EXISTS (SELECT 1 FROM legal_hold h WHERE h.patient = a.patient)
		ORDER BY created LIMIT $2`, store.Micros(before), limit))
}

// Forget deletes a person's account and all that hangs on it, their decisions too.
func (r Retention) Forget(ctx context.Context, db store.DB, patient string) error {
	if err := r.ForgetAccount(ctx, db, patient); err != nil {
		return err
	}
	return each(ctx, db, patient, `DELETE FROM consent_evidence WHERE patient = $1`, `DELETE FROM consent_event WHERE patient = $1`)
}

// ForgetAccount deletes a person's account, the codes that stand for them in research,
// and their marks; what they decided stays.
func (Retention) ForgetAccount(ctx context.Context, db store.DB, patient string) error {
	const account = `(SELECT id FROM account WHERE patient = $1)`
	return each(ctx, db, patient,
		`DELETE FROM account_email WHERE account IN `+account, `DELETE FROM account_code WHERE account IN `+account,
		`DELETE FROM account_new_email WHERE account IN `+account, `DELETE FROM account_identity WHERE account IN `+account,
		`DELETE FROM known_device WHERE account IN `+account, `DELETE FROM passkey WHERE realm = 'participant' AND account IN `+account,
		`DELETE FROM participant_code WHERE patient = $1`, `DELETE FROM news_mark WHERE patient = $1`, `DELETE FROM news_preference WHERE patient = $1`,
		`DELETE FROM account WHERE patient = $1`)
}

// each runs statements about a person.
func each(ctx context.Context, db store.DB, patient string, statements ...string) error {
	for _, q := range statements {
		if _, err := db.Exec(ctx, q, patient); err != nil {
			return err
		}
	}
	return nil
}

// LeftBefore lists the Patients of people whose last decision was to leave for good,
// before the time, whose evidence is still there, and who are not on hold.
func (Retention) LeftBefore(ctx context.Context, db store.DB, before time.Time, limit int64) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT patient FROM consent_event e WHERE NOT EXISTS (SELECT 1 FROM legal_hold h WHERE h.patient = e.patient)
		GROUP BY patient HAVING max(at) < $1 AND max(CASE WHEN decision = 'withdraw' THEN 1 ELSE 0 END) = 1
		AND (max(CASE WHEN printed IS NULL AND drawn IS NULL AND reason IS NULL THEN 0 ELSE 1 END) = 1
			OR EXISTS (SELECT 1 FROM consent_evidence v WHERE v.patient = e.patient))
		ORDER BY patient LIMIT $2`, store.Micros(before), limit))
}

// Strip deletes the evidence behind a person's decisions. The decisions stay: that
// somebody has left is never forgotten.
func (Retention) Strip(ctx context.Context, db store.DB, patient string) error {
	if _, err := db.Exec(ctx, `DELETE FROM consent_evidence WHERE patient = $1`, patient); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `UPDATE consent_event SET printed = NULL, drawn = NULL, reason = NULL WHERE patient = $1`, patient)
	return err
}
