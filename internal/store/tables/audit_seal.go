package tables

import (
	"context"
	"strconv"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// AuditChains are the chains in which audit rows are sealed, one of each process.
type AuditChains struct{}

const chainColumns = "id, n, began, until, mac"

func scanChain(row store.Row) (c store.AuditChain, err error) {
	var began, until int64
	err = row.Scan(&c.ID, &c.N, &began, &until, &c.MAC)
	c.Began, c.Until = store.Time(began), store.Time(until)
	return c, err
}

// Newest is the chain that began last; ErrNotFound when there is none.
func (AuditChains) Newest(ctx context.Context, db store.DB) (store.AuditChain, error) {
	return scanChain(db.QueryRow(ctx, "SELECT "+chainColumns+" FROM audit_chain ORDER BY n DESC LIMIT 1"))
}

// Add adds a chain; its N follows the newest.
func (AuditChains) Add(ctx context.Context, db store.DB, c store.AuditChain) error {
	_, err := db.Exec(ctx, "INSERT INTO audit_chain ("+chainColumns+") VALUES "+tuples(1, 5),
		c.ID, c.N, store.Micros(c.Began), store.Micros(c.Until), c.MAC)
	return err
}

// Live says until when a chain's process lives for certain.
func (AuditChains) Live(ctx context.Context, db store.DB, id int64, until time.Time) error {
	_, err := db.Exec(ctx, "UPDATE audit_chain SET until = $2 WHERE id = $1", id, store.Micros(until))
	return err
}

// Onwards returns chains after a number, in the order of their beginning.
func (AuditChains) Onwards(ctx context.Context, db store.DB, after int64, limit int) ([]store.AuditChain, error) {
	return collect(scanChain)(db.Query(ctx, "SELECT "+chainColumns+" FROM audit_chain WHERE n > $1 ORDER BY n LIMIT "+strconv.Itoa(limit), after))
}

// Silent are the chains whose processes have not been heard of since a time, and
// that nobody has sealed for them.
func (AuditChains) Silent(ctx context.Context, db store.DB, since time.Time, limit int) ([]store.AuditChain, error) {
	return collect(scanChain)(db.Query(ctx, "SELECT "+chainColumns+" FROM audit_chain WHERE until > 0 AND until < $1 ORDER BY n LIMIT "+
		strconv.Itoa(limit), store.Micros(since)))
}

// AuditSeals vouch for the rows of the chains.
type AuditSeals struct{}

const sealColumns = "chain, seq, first, last, count, at, kind, content, hash, mac, gone"

func scanSeal(row store.Row) (s store.AuditSeal, err error) {
	var at int64
	err = row.Scan(&s.Chain, &s.Seq, (*int64)(&s.First), (*int64)(&s.Last), &s.Count, &at, (*int64)(&s.Kind), &s.Content, &s.Hash, &s.MAC, &s.Gone)
	s.At = store.Time(at)
	return s, err
}

// Add adds a seal: it fails when there is one of that number in the chain.
func (AuditSeals) Add(ctx context.Context, db store.DB, s store.AuditSeal) error {
	_, err := db.Exec(ctx, "INSERT INTO audit_seal ("+sealColumns+") VALUES "+tuples(1, 11), s.Chain, s.Seq, int64(s.First), int64(s.Last),
		s.Count, store.Micros(s.At), int64(s.Kind), s.Content, s.Hash, s.MAC, []byte{})
	return err
}

// Head is the newest seal of a chain; ErrNotFound when it has none.
func (AuditSeals) Head(ctx context.Context, db store.DB, chain int64) (store.AuditSeal, error) {
	return scanSeal(db.QueryRow(ctx, "SELECT "+sealColumns+" FROM audit_seal WHERE chain = $1 ORDER BY seq DESC LIMIT 1", chain))
}

// One is a seal; ErrNotFound when it is not there.
func (AuditSeals) One(ctx context.Context, db store.DB, chain, seq int64) (store.AuditSeal, error) {
	return scanSeal(db.QueryRow(ctx, "SELECT "+sealColumns+" FROM audit_seal WHERE chain = $1 AND seq = $2", chain, seq))
}

// Onwards returns seals of a chain after a number, in their order.
func (AuditSeals) Onwards(ctx context.Context, db store.DB, chain, after int64, limit int) ([]store.AuditSeal, error) {
	return collect(scanSeal)(db.Query(ctx, "SELECT "+sealColumns+" FROM audit_seal WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT "+
		strconv.Itoa(limit), chain, after))
}

// Since is the number of the chain's first seal from a time on, and that seal's
// first key; ErrNotFound when there is none.
func (AuditSeals) Since(ctx context.Context, db store.DB, chain int64, at time.Time) (store.AuditSeal, error) {
	return scanSeal(db.QueryRow(ctx, "SELECT "+sealColumns+" FROM audit_seal WHERE chain = $1 AND at >= $2 ORDER BY seq LIMIT 1", chain, store.Micros(at)))
}

// Kept returns the oldest seals from before a time whose rows are still kept.
func (AuditSeals) Kept(ctx context.Context, db store.DB, before time.Time, limit int) ([]store.AuditSeal, error) {
	return collect(scanSeal)(db.Query(ctx, "SELECT "+sealColumns+" FROM audit_seal WHERE at < $1 AND count > 0 AND gone = $2 ORDER BY at, chain, seq LIMIT "+
		strconv.Itoa(limit), store.Micros(before), []byte{}))
}

// Empty removes a seal's rows and says so on the seal; it returns how many went.
func (AuditSeals) Empty(ctx context.Context, db store.DB, s store.AuditSeal, gone []byte) (int64, error) {
	if _, err := db.Exec(ctx, "UPDATE audit_seal SET gone = $3 WHERE chain = $1 AND seq = $2", s.Chain, s.Seq, gone); err != nil {
		return 0, err
	}
	return db.Exec(ctx, "DELETE FROM audit_event WHERE key >= $1 AND key <= $2 AND chain = $3", int64(s.First), int64(s.Last), s.Chain)
}

// Holds reports whether there is a row of that key.
func (Audit) Holds(ctx context.Context, db store.DB, key search.Key) (bool, error) {
	var n int64
	err := db.QueryRow(ctx, "SELECT COUNT(*) FROM audit_event WHERE key = $1", int64(key)).Scan(&n)
	return n > 0, err
}
