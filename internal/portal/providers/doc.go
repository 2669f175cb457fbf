// Package providers is where participants connect the providers of their health
// records, see what has come and what has not, and disconnect them.
//
//	GET  /providers?q=              the directory, searched by name and place
//	POST /providers/ID/connect      to the provider's own sign-in
//	GET  /connect/callback          and back
//	GET  /connections?still=1       each provider, each kind of record; still=1: does not look again by itself
//	GET  /connections.json          the same for programs
//	POST /connections/ID/retry
//	GET  /connections/ID/end        POST what=keep|remove, confirm=yes
//
// A connection is in one of these states for its owner: waiting, running, complete,
// partial, failed, held, stopped. Why, and why a kind of record is missing, arrive
// as codes and become sentences here (words.go).
//
// Connecting and disconnecting ask for a fresh second factor. That health records are
// shared at all is a consent of its own; whoever has not given it is told so here.
//
// Neighbours: internal/ingest does the work, behind the interface Connections;
// internal/consent says what is permitted; internal/apps has the words for kinds
// of records.
package providers
