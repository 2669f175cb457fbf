// Package store says what is kept, in small interfaces by what a consumer
// needs; internal/store/sqlite and internal/store/postgres keep it, and
// internal/store/storetest holds both to the same behaviour.
//
// A resource has one current row, its earlier versions in the history, and its
// index rows (package fhir/search). Everything else the service remembers
// (accounts, clients, tokens, connections, releases) is in plain tables whose SQL
// is the same on both backends: package internal/store/tables runs it over the
// DB of a transaction, so that a resource and the rows that belong to it change
// together or not at all.
//
// Every table is keyed, and could be hash-distributed, by one column, the
// resource key (search.Key); there is no foreign key across it.
package store

import (
	"context"
	"errors"
	"time"

	"tributary/fhir/search"
)

// ErrNotFound: no such row. ErrStale: the row is not in the state that the
// writer expected (version, claim); the transaction has been given up.
var (
	ErrNotFound = errors.New("store: not found")
	ErrStale    = errors.New("store: changed by someone else")
)

// Resource is one stored version of a resource.
type Resource struct {
	Type, ID string
	Version  int64     // 1, 2, 3, …
	Updated  time.Time // meta.lastUpdated, UTC, microseconds
	Method   string    // POST, PUT, PATCH or DELETE: what made the version
	Deleted  bool      // a deletion: Body is empty
	Body     []byte    // the JSON as served, with id and meta in it; must not be changed
}

// Key is the resource's storage key.
func (r *Resource) Key() search.Key { return search.KeyOf(r.Type, r.ID) }

// Write is a new version of a resource, complete: its body is already stamped,
// the index rows that come and go are already known.
type Write struct {
	Resource
	Previous int64          // the version that it replaces; 0 for a first one
	Add      search.Entries // index rows to insert
	Drop     search.Entries // index rows of the previous version that no longer hold
	// Unsettled says that rows may be there already which Add has: the index is
	// being brought up to date (search.Registry.Unsettled).
	Unsettled bool
}

// Indexed is what the index is to have of a resource.
type Indexed struct {
	Key     search.Key
	Entries search.Entries
}

// Indexer is a transaction that corrects the index of resources which stay as they are.
type Indexer interface {
	// Index adds the rows that are missing, and returns how many those were.
	Index(ctx context.Context, resources []Indexed) (added int64, err error)
}

// Page is a part of a search or history, and how to go on.
type Page struct {
	Resources []Resource
	Next      *Cursor // nil at the end
	Total     int64   // -1 when not asked for
}

// Cursor is the place after the last row of a page: the values of the sort keys
// and, as the tie-breaker, the resource key.
type Cursor struct {
	Sort []any      `json:"s,omitempty"`
	Key  search.Key `json:"k"`
}

// Ref names a resource.
type Ref struct{ Type, ID string }

// Reader reads resources as they are now. Outside a transaction each call sees
// the latest committed state.
type Reader interface {
	// Read returns the current version; a deleted resource comes with Deleted
	// set, one that never was gives ErrNotFound.
	Read(ctx context.Context, typ, id string) (Resource, error)
	// ReadMany returns the current versions of those that exist, in any order.
	ReadMany(ctx context.Context, refs []Ref) ([]Resource, error)
	// ReadVersion returns one version, current or not.
	ReadVersion(ctx context.Context, typ, id string, version int64) (Resource, error)
	// History returns the versions of a resource, newest first.
	History(ctx context.Context, typ, id string, limit int, before int64) ([]Resource, error)
	// Search returns a page of current resources; after is the Next of the page before.
	Search(ctx context.Context, q search.Query, after *Cursor) (Page, error)
}

// Tx is one transaction: everything in it happens, or nothing.
type Tx interface {
	Reader
	DB
	// Lock reads the current versions of those that exist and keeps them from
	// changing until the transaction ends.
	Lock(ctx context.Context, refs []Ref) ([]Resource, error)
	// Put writes new versions in batches: current row, history, index rows.
	// ErrStale when a Previous is not the current version or a first version exists.
	Put(ctx context.Context, writes []Write) error
	// Claim makes the transactions that claim the same hash wait for each other
	// (conditional creates with the same criteria).
	Claim(ctx context.Context, hashes ...int64) error
	// Now is the time to stamp on what this transaction writes: UTC,
	// microseconds, never before an already committed Updated of this process.
	Now() time.Time
	// Native is the driver's transaction (pgx.Tx or *sql.Tx), for the job
	// runner, which enqueues in the same transaction.
	Native() any
}

// Store is a backend.
type Store interface {
	Reader
	DB
	// Update runs fn in one transaction and commits it durably before it
	// returns. fn may run more than once (serialization failure), must keep
	// its effects in the transaction, and must not wait for the network or for
	// another Update: on SQLite, writers run one at a time.
	Update(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Snapshot runs fn on a consistent, unchanging view. at is a time that
	// precedes every write which the view does not hold.
	Snapshot(ctx context.Context, fn func(ctx context.Context, r Reader, at time.Time) error) error
	// Dialect is "sqlite" or "postgres".
	Dialect() string
	Close() error
}

// DB runs the portable SQL of package tables: $1 placeholders, BIGINT, TEXT and
// blobs, ON CONFLICT, RETURNING. Times are BIGINT microseconds since 1970 UTC (see Micros).
type DB interface {
	Exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	Query(ctx context.Context, query string, args ...any) (Rows, error)
	// QueryRow's Scan gives ErrNotFound when there is no row.
	QueryRow(ctx context.Context, query string, args ...any) Row
}

// Row is one row to be scanned.
type Row interface{ Scan(dest ...any) error }

// Rows are the rows of a query; Close may be called more than once.
type Rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	Close()
}

// Micros is how a time is kept; the zero time is 0.
func Micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// Time is the inverse of Micros.
func Time(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// Later is what a transaction may be, too, where each statement costs a round trip
// to the database: such a statement is run before the transaction commits, before
// any other of Exec, Query and QueryRow, and its failure is the transaction's.
type Later interface {
	Later(query string, args ...any)
}

// Sharer is a store where updates of several callers may share one transaction, which
// costs each of them a part of it only.
type Sharer interface {
	// Share is Update for an fn whose Put nothing waits for: it is best when fn asks
	// only for Now, Put, Append and Later, which are sent when the last of those who
	// share has asked. When what is sent together fails, each fn is run again by itself.
	Share(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
}
