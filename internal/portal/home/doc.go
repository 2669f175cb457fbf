// Package home is a participant's own page: where they are in the study, what is
// next, and why something is not open to them yet.
//
// Nothing on it is decided here. How somebody stands comes from package program,
// evaluated at the moment; what is to be signed again from package consent.
//
//	the next step   what is to be signed again, else the first task that is open
//	visits to come
//	the way         the milestones, each with its date, or still ahead
//	all steps       done, open, or not open yet with each reason and where to go
//
// Neighbours: internal/program, internal/consent; internal/portal/web shows.
package home
