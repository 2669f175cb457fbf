package tables

import (
	"context"
	"errors"
	"math"

	"tributary/internal/store"
)

// Labels goes through the index from value to value, however many resources have each:
// one resource stands for all that have a value.
type Labels struct{}

// Tokens gives to each the body of a resource for every value that the index has of a
// parameter of tokens, until each is false.
func (Labels) Tokens(ctx context.Context, db store.DB, param int32, each func(body []byte) (bool, error)) error {
	last := int64(math.MinInt64)
	return labelled(each, func() (body []byte, err error) {
		err = db.QueryRow(ctx, `SELECT x.hash, (SELECT r.body FROM resource r WHERE r.key = x.key) FROM idx_token x
			WHERE x.param = $1 AND x.hash > $2 ORDER BY x.hash, x.key LIMIT 1`, param, last).Scan(&last, &body)
		return body, err
	})
}

// URIs is Tokens of a parameter of URIs; those that agree as far as the index keeps
// them count as one.
func (Labels) URIs(ctx context.Context, db store.DB, param int32, each func(body []byte) (bool, error)) error {
	last := ""
	return labelled(each, func() (body []byte, err error) {
		err = db.QueryRow(ctx, `SELECT x.value, (SELECT r.body FROM resource r WHERE r.key = x.key) FROM idx_uri x
			WHERE x.param = $1 AND x.value > $2 ORDER BY x.value, x.key LIMIT 1`, param, last).Scan(&last, &body)
		return body, err
	})
}

func labelled(each func(body []byte) (bool, error), next func() ([]byte, error)) error {
	for {
		body, err := next()
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if on, err := each(body); err != nil || !on {
			return err
		}
	}
}
