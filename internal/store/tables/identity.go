package tables

import (
	"context"
	"errors"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Identify claims a provider's patient for a participant and returns whose it
// is: the participant, or the one who claimed it before.
func (Connections) Identify(ctx context.Context, db store.DB, identity, patient string, at time.Time) (owner string, err error) {
	if _, err = db.Exec(ctx, `INSERT INTO provider_identity (identity, patient, at) VALUES ($1,$2,$3) ON CONFLICT (identity) DO NOTHING`,
		identity, patient, store.Micros(at)); err != nil {
		return "", err
	}
	err = db.QueryRow(ctx, `SELECT patient FROM provider_identity WHERE identity=$1`, identity).Scan(&owner)
	return owner, err
}

// Release gives up a claim, so that the right person can make it.
func (Connections) Release(ctx context.Context, db store.DB, identity, patient string) error {
	_, err := db.Exec(ctx, `DELETE FROM provider_identity WHERE identity=$1 AND patient=$2`, identity, patient)
	return err
}

// ReleaseUnused gives up a claim under which nothing has been stored.
func (Connections) ReleaseUnused(ctx context.Context, db store.DB, identity, patient string) error {
	_, err := db.Exec(ctx, `DELETE FROM provider_identity WHERE identity=$1 AND patient=$2 AND NOT EXISTS
		(SELECT 1 FROM source_head h JOIN connection c ON c.id=h.connection WHERE c.identity=$1 AND c.patient=$2)`, identity, patient)
	return err
}

// Claimed returns whose a provider's patient is, "" when it is nobody's.
func (Connections) Claimed(ctx context.Context, db store.DB, identity string) (owner string, err error) {
	err = db.QueryRow(ctx, `SELECT patient FROM provider_identity WHERE identity=$1`, identity).Scan(&owner)
	if errors.Is(err, store.ErrNotFound) {
		return "", nil
	}
	return owner, err
}

// Brought returns the sources that connections to a provider's patient have
// brought to a participant, without their bytes.
func (Connections) Brought(ctx context.Context, db store.DB, identity, patient string) ([]store.Source, error) {
	return collect(scanHead)(db.Query(ctx, `SELECT h.key, h.version, h.connection, h.type, h.provider_id, h.hash FROM source_head h
		JOIN connection c ON c.id=h.connection WHERE c.identity=$1 AND c.patient=$2 ORDER BY h.key`, identity, patient))
}

// Forget removes sources with all their versions.
func (Connections) Forget(ctx context.Context, db store.DB, keys []search.Key) error {
	for part := range slices.Chunk(keys, rowsAtATime) {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = int64(k)
		}
		for _, table := range []string{"source", "source_head"} {
			if _, err := db.Exec(ctx, `DELETE FROM `+table+` WHERE key IN `+list(0, len(part)), args...); err != nil {
				return err
			}
		}
	}
	return nil
}
