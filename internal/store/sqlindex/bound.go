package sqlindex

import (
	"context"
	"errors"
	"time"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// Bounded runs a search for at most so long (0: for any time), if its caller has not
// set a bound of its own. What takes longer is stopped in the database, and is
// errs.TooCostly.
func Bounded(ctx context.Context, limit time.Duration, find func(context.Context) (store.Page, error)) (store.Page, error) {
	if _, bounded := ctx.Deadline(); limit > 0 && !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	page, err := find(ctx)
	if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return store.Page{Total: -1}, errs.Wrap(err, errs.TooCostly, "%s", tooCostly)
	}
	return page, err
}

const tooCostly = "the search took too long and was stopped: narrow it by a patient, a code, an identifier or a date; " +
	"leave out _total, _sort, :contains and :not; $explain tells an operator how it is answered"
