package tables

import (
	"context"
	"time"

	"tributary/internal/store"
)

// Nodes lease the numbers that tell the processes apart that mint ids in one
// database (search.IDs).
type Nodes struct{}

// NodeCount is how many there are.
const NodeCount = 1024

// Lease takes the lowest number that is free; ErrStale when there is none.
func (Nodes) Lease(ctx context.Context, db store.DB, owner string, now, until time.Time) (int, error) {
	taken, err := collect(func(r store.Row) (n int64, err error) { err = r.Scan(&n); return n, err })(
		db.Query(ctx, `SELECT n FROM node WHERE until >= $1 ORDER BY n`, store.Micros(now)))
	if err != nil {
		return 0, err
	}
	for n := range int64(NodeCount) {
		if len(taken) > 0 && taken[0] == n {
			taken = taken[1:]
			continue
		}
		got, err := db.Exec(ctx, `INSERT INTO node (n, owner, until) VALUES ($1, $2, $3)
			ON CONFLICT (n) DO UPDATE SET owner = excluded.owner, until = excluded.until WHERE node.until < $4`,
			n, owner, store.Micros(until), store.Micros(now))
		if err != nil || got == 1 {
			return int(n), err
		}
	}
	return 0, store.ErrStale
}

// Renew keeps a number; ErrStale when it is somebody else's by now.
func (Nodes) Renew(ctx context.Context, db store.DB, n int, owner string, until time.Time) error {
	kept, err := db.Exec(ctx, `UPDATE node SET until = $3 WHERE n = $1 AND owner = $2`, int64(n), owner, store.Micros(until))
	if err == nil && kept == 0 {
		return store.ErrStale
	}
	return err
}
