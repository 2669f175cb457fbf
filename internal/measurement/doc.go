// Package measurement is the physical measurements of a visit: the protocol's form
// checked, its readings kept as Observations, what staff must act on.
//
// Every reading is kept; of three, the mean of the second and the third counts and
// says so; origin "measurement".
//
// Neighbours: config/program has the protocol; internal/visit has the visit that is
// measured; internal/portal shows and asks; internal/records writes.
package measurement
