package ingest

import (
	"context"
	"errors"
	"time"

	"tributary/connectors"
	"tributary/internal/store"
)

// ending reports whether a token is to be renewed before it is used again: in
// the last quarter of its life, at most 30 seconds before its end.
func ending(c connectors.Credentials, now time.Time) bool {
	if c.Expiry.IsZero() || c.Refresh == "" {
		return false
	}
	ahead := min(30*time.Second, c.Expiry.Sub(c.Issued)/4)
	return now.Add(ahead).After(c.Expiry)
}

// authorized runs a call with a token that is good: renewed ahead of its end,
// and once more when the provider says that it is not. The lease of the pull
// makes the renewal single flight over all processes.
func (r *run) authorized(ctx context.Context, call func() error) error {
	if ending(r.creds, r.Now()) {
		if err := r.renew(ctx); err != nil {
			return err
		}
	}
	err := call()
	var e *connectors.Error
	if !errors.As(err, &e) || e.Failure != connectors.Expired {
		return err
	}
	if err := r.renew(ctx); err != nil {
		return err
	}
	err = call()
	if errors.As(err, &e) && e.Failure == connectors.Expired { // a fresh token: it is the request that is refused
		return &connectors.Error{Failure: connectors.Refused, Status: e.Status, Detail: e.Detail, Cause: err}
	}
	return err
}

// renew gets new credentials and keeps them before their first use: the old
// refresh token may be spent, so a failure to keep the new one is an error.
func (r *run) renew(ctx context.Context) error {
	if err := r.check(ctx); err != nil {
		return err
	}
	if err := r.flush(ctx); err != nil { // its failure must not cost the new credentials
		return err
	}
	fresh, err := r.Connector.Refresh(ctx, r.provider, r.creds)
	if err != nil {
		return err
	}
	sealed, err := r.seal(r.connection.ID, fresh)
	if err != nil {
		return err
	}
	err = r.update(ctx, func(ctx context.Context, tx store.Tx) error {
		return r.connections.SetCredentials(ctx, tx, r.connection.ID, sealed, tx.Now())
	})
	if errors.Is(err, store.ErrStale) {
		return errStopped // the connection is no longer active
	}
	if err == nil {
		r.creds = fresh
	}
	return err
}
