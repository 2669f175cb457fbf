// Package tables holds the SQL of the plain tables: accounts, clients and
// tokens, consent events, connections, releases, the audit's rows; all that is
// kept beside resources. It is written once for both databases.
//
// A file is a subject: a type without state (Accounts, Audit, …) whose methods take a
// store.DB, so that a caller chooses whether they run on their own (store.Store)
// or join a transaction (store.Tx), with resources or with other tables. The
// rows' types are in package store, a file by the same name; the tables are
// made by the migrations of that subject in internal/store/sqlite and
// internal/store/postgres.
//
// The SQL is what both databases understand alike: $1 placeholders, ON CONFLICT,
// RETURNING, times as BIGINT microseconds (store.Micros). A row that is not there is
// store.ErrNotFound, one that is not as expected store.ErrStale.
package tables
