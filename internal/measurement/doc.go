// Package measurement is the physical measurements of a visit: the protocol's form
// checked, its readings kept as Observations, what staff must act on, and what the
// values mean to the person.
//
//	session   the form: each measure has all its readings, or a reason why it has
//	          none (refused, unable, device); circumstances leave some out
//	set       a DiagnosticReport that holds the session's Observations together, and
//	          says of which visit, at which site and by whom. Every reading is kept;
//	          of three, the mean of the second and the third counts and says so
//	alerts    the tiers of the protocol, held against each two readings in a row
//	correct   a set is amended by another one that names it, or cancelled; what it
//	          held becomes entered-in-error and stays readable. Nothing is changed in
//	          place and nothing is deleted
//
// All of it has the origin "measurement".
//
// Neighbours: config/program has the protocol; internal/visit has the visit that is
// measured; internal/portal shows and asks; internal/records writes.
package measurement
