package tables

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tributary/internal/store"
)

// Connections are the rows of provider connections, pulls and sources.
type Connections struct{}

const connectionColumns = `id, patient, provider, state, reason, credentials, identity, created, updated, pulled, lacking, repeats, due,
	held, theirs, verdict, verdict_reason, decided_by, decided`

func scanConnection(row store.Row) (c store.Connection, err error) {
	var created, updated, pulled, due, decided int64
	var lacking string
	d := &c.Decision
	err = row.Scan(&c.ID, &c.Patient, &c.Provider, &c.State, &c.Reason, &c.Credentials, &c.Identity, &created, &updated, &pulled, &lacking, &c.Repeats, &due,
		&c.Held, &c.Theirs, &d.Verdict, &d.Reason, &d.By, &decided)
	d.At = store.Time(decided)
	c.Created, c.Updated, c.Pulled = store.Time(created), store.Time(updated), store.Time(pulled)
	c.Lacking, c.Due = strings.Fields(lacking), store.Time(due)
	return c, err
}

// Add inserts a connection; nothing of it has been decided.
func (Connections) Add(ctx context.Context, db store.DB, c store.Connection) error {
	_, err := db.Exec(ctx, `INSERT INTO connection (id, patient, provider, state, reason, credentials, identity, created, updated, pulled, lacking, repeats, due, held)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)`,
		c.ID, c.Patient, c.Provider, string(c.State), c.Reason, c.Credentials, c.Identity,
		store.Micros(c.Created), store.Micros(c.Updated), store.Micros(c.Pulled),
		strings.Join(c.Lacking, " "), c.Repeats, store.Micros(c.Due), c.Held)
	return err
}

// Get returns a connection, or ErrNotFound.
func (Connections) Get(ctx context.Context, db store.DB, id string) (store.Connection, error) {
	return scanConnection(db.QueryRow(ctx, `SELECT `+connectionColumns+` FROM connection WHERE id=$1`, id))
}

// OfPatient returns a participant's connections, oldest first.
func (Connections) OfPatient(ctx context.Context, db store.DB, patient string) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE patient=$1 ORDER BY created, id`, patient))
}

// OfIdentity returns the connections that lead to a provider's patient, oldest first.
func (Connections) OfIdentity(ctx context.Context, db store.DB, identity string) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE identity=$1 ORDER BY created, id`, identity))
}

// Undecided returns the connections that were held and that nobody has decided
// on, oldest first: those that have ended meanwhile too.
func (Connections) Undecided(ctx context.Context, db store.DB) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE held<>'' AND verdict='' ORDER BY created, id`))
}

// SetState moves a connection on, whatever it was. What holds it is remembered,
// and waits for a decision of its own.
func (Connections) SetState(ctx context.Context, db store.DB, id string, state store.ConnectionState, reason string, at time.Time) error {
	held := ""
	if state == store.ConnectionHeld {
		held = reason
	}
	_, err := db.Exec(ctx, `UPDATE connection SET state=$2, reason=$3, updated=$4, held=CASE WHEN $5='' THEN held ELSE $5 END,
		verdict=CASE WHEN $5='' THEN verdict ELSE '' END WHERE id=$1`,
		id, string(state), reason, store.Micros(at), held)
	return err
}

// SetTheirs keeps what the provider says of its patient, sealed, for a decision.
func (Connections) SetTheirs(ctx context.Context, db store.DB, id string, sealed []byte) error {
	_, err := db.Exec(ctx, `UPDATE connection SET theirs=$2 WHERE id=$1`, id, sealed)
	return err
}

// Decide records a decision, and forgets what it was taken on.
func (Connections) Decide(ctx context.Context, db store.DB, id string, d store.Decision) error {
	_, err := db.Exec(ctx, `UPDATE connection SET verdict=$2, verdict_reason=$3, decided_by=$4, decided=$5, theirs=$6 WHERE id=$1`,
		id, string(d.Verdict), d.Reason, d.By, store.Micros(d.At), []byte{})
	return err
}

// Stop ends a connection and forgets its credentials.
func (Connections) Stop(ctx context.Context, db store.DB, id, reason string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE connection SET state=$2, reason=$3, credentials=$4, updated=$5 WHERE id=$1`,
		id, string(store.ConnectionStopped), reason, []byte{}, store.Micros(at))
	return err
}

// SetCredentials replaces the sealed credentials of an active connection;
// ErrStale when it is no longer active.
func (Connections) SetCredentials(ctx context.Context, db store.DB, id string, sealed []byte, at time.Time) error {
	n, err := db.Exec(ctx, `UPDATE connection SET credentials=$2, updated=$3 WHERE id=$1 AND state=$4`,
		id, sealed, store.Micros(at), string(store.ConnectionActive))
	if err == nil && n == 0 {
		return store.ErrStale
	}
	return err
}

// SetPulled records the start of the last complete pull.
func (Connections) SetPulled(ctx context.Context, db store.DB, id string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE connection SET pulled=$2 WHERE id=$1`, id, store.Micros(at))
	return err
}

// SetDue records when a connection is pulled again by itself (zero: not), and
// how many pulls in a row have been repeated so.
func (Connections) SetDue(ctx context.Context, db store.DB, id string, repeats int64, due time.Time) error {
	_, err := db.Exec(ctx, `UPDATE connection SET repeats=$2, due=$3 WHERE id=$1`, id, repeats, store.Micros(due))
	return err
}

// Due returns up to limit active connections whose time has come, the longest
// waiting first.
func (Connections) Due(ctx context.Context, db store.DB, now time.Time, limit int) ([]store.Connection, error) {
	return collect(scanConnection)(db.Query(ctx, `SELECT `+connectionColumns+` FROM connection WHERE state=$1 AND due>0 AND due<=$2 ORDER BY due LIMIT $3`,
		string(store.ConnectionActive), store.Micros(now), limit))
}

// list is a row of n placeholders after the first skip: ($1,$2).
func list(skip, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString([2]string{"(", ","}[min(i, 1)])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(skip + i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// collect scans all rows of a query.
func collect[T any](scan func(store.Row) (T, error)) func(store.Rows, error) ([]T, error) {
	return func(rows store.Rows, err error) ([]T, error) {
		if err != nil {
			return nil, err
		}
		defer rows.Close()
		var out []T
		for rows.Next() {
			v, err := scan(rows)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, rows.Err()
	}
}
