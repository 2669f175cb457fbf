package ingest

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"tributary/connectors"
	"tributary/internal/records"
	"tributary/internal/store"
)

// A connection is pulled again by itself, while it is active and the participant
// permits it: soon, when something was missing that may come yet, and else every
// Config.Every. The connection's row says when; whatever begins a pull clears
// that, and the pull's end sets it anew.

const (
	// mostRepeats is how often in a row a partial pull is repeated soon.
	mostRepeats = 5
	// firstRepeat is how long after a partial pull the first repetition comes;
	// each further one takes twice as long.
	firstRepeat = 30 * time.Minute
	// dueAtATime bounds the pulls that one round of Watch begins.
	dueAtATime = 100
)

// passing are the failures of a query that may be gone the next time.
var passing = map[string]bool{string(connectors.Down): true, string(connectors.Throttled): true, reasonInternal: true}

// Refresh begins the pulls whose time has come. One that cannot be begun does
// not keep the others waiting.
func (s *Service) Refresh(ctx context.Context) error {
	due, err := s.connections.Due(ctx, s.Store, s.Now(), dueAtATime)
	for _, c := range due {
		err = errors.Join(err, s.refresh(ctx, c))
	}
	return err
}

func (s *Service) refresh(ctx context.Context, c store.Connection) error {
	may, err := s.Consents.Permissions(ctx, c.Patient)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		now, err := s.claimed(ctx, tx.Store(), c.ID)
		switch {
		case err != nil:
			return err
		case now.State != store.ConnectionActive || !now.Due.Equal(c.Due):
			return nil // stopped, or another process was first
		case !may.From(c.Provider):
			return s.connections.SetDue(ctx, tx.Store(), c.ID, now.Repeats, time.Time{})
		}
		return s.again(ctx, tx.Store(), now, changesOnly)
	})
}

// claimed is a connection's row, after every transaction that claimed it before.
func (s *Service) claimed(ctx context.Context, db store.Tx, id string) (store.Connection, error) {
	if err := db.Claim(ctx, int64(binary.BigEndian.Uint64(s.mac("claim", id)))); err != nil {
		return store.Connection{}, err
	}
	return s.connections.Get(ctx, db, id)
}

// schedule says when the connection of a pull that ends is pulled again. An
// access that will have ended by then cannot be used: the person connects again.
func (r *run) schedule(ctx context.Context, tx store.Tx, repeat bool) error {
	repeats, after := int64(0), r.Every
	if before := r.connection.Repeats; repeat && before < mostRepeats {
		repeats, after = before+1, firstRepeat<<before
	} else if repeat {
		repeats = before
	}
	due := tx.Now().Add(after)
	ends := r.creds.Refresh == "" && !r.creds.Expiry.IsZero() && r.creds.Expiry.Before(due)
	if after == 0 || ends {
		due = time.Time{}
	}
	return r.connections.SetDue(ctx, tx, r.connection.ID, repeats, due)
}

// repeatable reports whether something is missing that may come yet.
func (r *run) repeatable(ctx context.Context, tx store.Tx) (bool, error) {
	queries, err := r.pulls.Queries(ctx, tx, r.pull.ID)
	for _, q := range queries {
		if q.State == store.QueryFailed && passing[q.Reason] {
			return true, err
		}
	}
	return r.passing, err
}
