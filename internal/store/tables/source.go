package tables

import (
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Heads returns what is known of each source by its key.
func (Connections) Heads(ctx context.Context, db store.DB, keys []search.Key) (map[search.Key]store.Source, error) {
	out := make(map[search.Key]store.Source, len(keys))
	for part := range slices.Chunk(keys, rowsAtATime) {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = int64(k)
		}
		heads, err := collect(scanHead)(db.Query(ctx, `SELECT key, version, connection, type, provider_id, hash FROM source_head WHERE key IN `+list(0, len(part)), args...))
		if err != nil {
			return nil, err
		}
		for _, h := range heads {
			out[h.Key] = h
		}
	}
	return out, nil
}

func scanHead(row store.Row) (s store.Source, err error) {
	err = row.Scan(&s.Key, &s.Version, &s.Connection, &s.Type, &s.ProviderID, &s.Hash)
	return s, err
}

// AddSources keeps new versions of sources, in few statements.
func (Connections) AddSources(ctx context.Context, db store.DB, sources []store.Source) error {
	for part := range slices.Chunk(sources, rowsAtATime) {
		if err := addSources(ctx, db, part); err != nil {
			return err
		}
	}
	return nil
}

func addSources(ctx context.Context, db store.DB, part []store.Source) error {
	var bodies, heads strings.Builder
	var bodyArgs, headArgs []any
	for i, s := range part {
		if i > 0 {
			bodies.WriteByte(',')
			heads.WriteByte(',')
		}
		bodies.WriteString(list(4*i, 4))
		heads.WriteString(list(6*i, 6))
		bodyArgs = append(bodyArgs, int64(s.Key), s.Version, store.Micros(s.Received), s.Body)
		headArgs = append(headArgs, int64(s.Key), s.Version, s.Connection, s.Type, s.ProviderID, s.Hash)
	}
	if _, err := db.Exec(ctx, `INSERT INTO source (key, version, received, body) VALUES `+bodies.String(), bodyArgs...); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO source_head (key, version, connection, type, provider_id, hash) VALUES `+heads.String()+
		` ON CONFLICT (key) DO UPDATE SET version=excluded.version, hash=excluded.hash`, headArgs...)
	return err
}

// SourceBody returns the provider's bytes of a version.
func (Connections) SourceBody(ctx context.Context, db store.DB, key search.Key, version int64) (body []byte, err error) {
	err = db.QueryRow(ctx, `SELECT body FROM source WHERE key=$1 AND version=$2`, int64(key), version).Scan(&body)
	return body, err
}

// Quarantine keeps a resource that could not be stored; the same one again
// replaces it.
func (Connections) Quarantine(ctx context.Context, db store.DB, q store.Quarantined) error {
	_, err := db.Exec(ctx, `INSERT INTO quarantine (id, connection, type, provider_id, reason, received, body) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (id) DO UPDATE SET reason=excluded.reason, received=excluded.received, body=excluded.body`,
		q.ID, q.Connection, q.Type, q.ProviderID, q.Reason, store.Micros(q.Received), q.Body)
	return err
}

// Quarantined returns what a connection has in quarantine.
func (Connections) Quarantined(ctx context.Context, db store.DB, connection string) ([]store.Quarantined, error) {
	return collect(scanQuarantined)(db.Query(ctx, `SELECT id, connection, type, provider_id, reason, received, body FROM quarantine WHERE connection=$1 ORDER BY type, provider_id`, connection))
}

func scanQuarantined(row store.Row) (q store.Quarantined, err error) {
	var received int64
	err = row.Scan(&q.ID, &q.Connection, &q.Type, &q.ProviderID, &q.Reason, &received, &q.Body)
	q.Received = store.Time(received)
	return q, err
}

// QuarantineOfAll returns up to limit rows of all connections, the newest first,
// without their bytes.
func (Connections) QuarantineOfAll(ctx context.Context, db store.DB, limit int) ([]store.Quarantined, error) {
	return collect(scanQuarantined)(db.Query(ctx, `SELECT id, connection, type, provider_id, reason, received, NULL FROM quarantine
		ORDER BY received DESC, id LIMIT $1`, limit))
}

// QuarantineGet returns one row with its bytes, or ErrNotFound.
func (Connections) QuarantineGet(ctx context.Context, db store.DB, id string) (store.Quarantined, error) {
	return scanQuarantined(db.QueryRow(ctx, `SELECT id, connection, type, provider_id, reason, received, body FROM quarantine WHERE id=$1`, id))
}

// QuarantineIDs returns the ids of what a connection has in quarantine.
func (Connections) QuarantineIDs(ctx context.Context, db store.DB, connection string) ([]string, error) {
	return collect(func(r store.Row) (id string, err error) { err = r.Scan(&id); return id, err })(
		db.Query(ctx, `SELECT id FROM quarantine WHERE connection=$1`, connection))
}

// Unquarantine removes what has been stored after all.
func (Connections) Unquarantine(ctx context.Context, db store.DB, ids []string) error {
	for part := range slices.Chunk(ids, rowsAtATime) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		if _, err := db.Exec(ctx, `DELETE FROM quarantine WHERE id IN `+list(0, len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// Counts returns how many resources of each type a connection holds, with what earlier
// ones of the participant to the same record brought and it has not changed since.
func (Connections) Counts(ctx context.Context, db store.DB, c store.Connection) ([]store.TypeCount, error) {
	return collect(func(r store.Row) (c store.TypeCount, err error) { err = r.Scan(&c.Type, &c.Count); return c, err })(
		db.Query(ctx, `SELECT type, COUNT(*) FROM source_head WHERE connection IN
			(SELECT id FROM connection WHERE identity=$1 AND patient=$2) GROUP BY type ORDER BY type`, c.Identity, c.Patient))
}
