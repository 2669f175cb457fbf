package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// News keeps who has read which message, and who wants mails on what.
type News struct{}

// Add marks a message as sent; a second time changes nothing.
func (News) Add(ctx context.Context, db store.DB, m store.NewsMark) error {
	_, err := db.Exec(ctx, `INSERT INTO news_mark (patient, communication, topic, at, seen) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (patient, communication) DO NOTHING`, m.Patient, m.Communication, m.Topic, store.Micros(m.At), store.Micros(m.Read))
	return err
}

// Read marks a message as read by a participant, with the time of the first reading.
func (News) Read(ctx context.Context, db store.DB, patient, communication string, at time.Time) error {
	_, err := db.Exec(ctx, `INSERT INTO news_mark (patient, communication, topic, at, seen)
		SELECT CAST($1 AS TEXT), communication, topic, at, CAST($3 AS BIGINT) FROM news_mark WHERE patient IN ($1, '') AND communication = $2 LIMIT 1
		ON CONFLICT (patient, communication) DO UPDATE SET seen = excluded.seen WHERE news_mark.seen = 0`,
		patient, communication, store.Micros(at))
	return err
}

// Unread lists the messages that a participant has not read: those of their own, and
// those to everybody since a time.
func (News) Unread(ctx context.Context, db store.DB, patient string, since time.Time) ([]string, error) {
	return collect(scanText)(db.Query(ctx, `SELECT m.communication FROM news_mark m WHERE m.patient = $1 AND m.seen = 0
		UNION ALL SELECT m.communication FROM news_mark m WHERE m.patient = '' AND m.at >= $2
		AND NOT EXISTS (SELECT 1 FROM news_mark r WHERE r.patient = $1 AND r.communication = m.communication)
		LIMIT 1000`, patient, store.Micros(since)))
}

// Prefer keeps a choice in place of the one before.
func (News) Prefer(ctx context.Context, db store.DB, patient string, p store.NewsPreference) error {
	_, err := db.Exec(ctx, `INSERT INTO news_preference (patient, topic, mail) VALUES ($1, $2, $3)
		ON CONFLICT (patient, topic) DO UPDATE SET mail = excluded.mail`, patient, p.Topic, flag(p.Mail))
	return err
}

// Preferences are what a participant has chosen.
func (News) Preferences(ctx context.Context, db store.DB, patient string) ([]store.NewsPreference, error) {
	return collect(func(row store.Row) (p store.NewsPreference, err error) {
		var mail int64
		err = row.Scan(&p.Topic, &mail)
		p.Mail = mail == 1
		return p, err
	})(db.Query(ctx, `SELECT topic, mail FROM news_preference WHERE patient = $1 ORDER BY topic`, patient))
}

// Forget removes what is kept of a participant.
func (News) Forget(ctx context.Context, db store.DB, patient string) error {
	for _, q := range []string{`DELETE FROM news_mark WHERE patient = $1`, `DELETE FROM news_preference WHERE patient = $1`} {
		if _, err := db.Exec(ctx, q, patient); err != nil {
			return err
		}
	}
	return nil
}
