package tables

import (
	"context"

	"tributary/internal/store"
)

// Mails is the development mailbox.
type Mails struct{}

// Add keeps a message.
func (Mails) Add(ctx context.Context, db store.DB, m store.Mail) error {
	_, err := db.Exec(ctx, `INSERT INTO dev_mail (id, addressee, subject, body, at) VALUES ($1, $2, $3, $4, $5)`,
		m.ID, m.To, m.Subject, m.Text, store.Micros(m.At))
	return err
}

// Latest returns the newest messages first; to an address, or to all if it is "".
func (Mails) Latest(ctx context.Context, db store.DB, to string, limit int) ([]store.Mail, error) {
	rows, err := db.Query(ctx, `SELECT id, addressee, subject, body, at FROM dev_mail
		WHERE $1 = '' OR addressee = $1 ORDER BY at DESC, id DESC LIMIT $2`, to, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var mails []store.Mail
	for rows.Next() {
		var m store.Mail
		var at int64
		if err := rows.Scan(&m.ID, &m.To, &m.Subject, &m.Text, &at); err != nil {
			return nil, err
		}
		m.At = store.Time(at)
		mails = append(mails, m)
	}
	return mails, rows.Err()
}
