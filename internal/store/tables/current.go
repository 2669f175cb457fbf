package tables

import (
	"context"

	"tributary/internal/store"
)

// Current returns the numbers of current versions, deletions included, by resource key.
func (Versions) Current(ctx context.Context, db store.DB, keys []int64) (map[int64]int64, error) {
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	rows, err := db.Query(ctx, `SELECT key, version FROM resource WHERE key IN `+tuples(1, len(keys)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	current := make(map[int64]int64, len(keys))
	for rows.Next() {
		var key, version int64
		if err := rows.Scan(&key, &version); err != nil {
			return nil, err
		}
		current[key] = version
	}
	return current, rows.Err()
}
