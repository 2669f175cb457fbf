// Package deid takes out of a resource what could tell who it is about. It is an
// allow-list (registered.txt): an element that no rule names does not leave,
// whatever extension, display, text or narrative it hides in.
//
// What is left: codes of public code systems, numbers, dates, and references.
// Every date of a person is moved back by one constant number of days; that is
// not HIPAA's Safe Harbor and rests on an expert's determination. Every resource
// id, in references too, is replaced by its HMAC under the release's own key, a
// participant's by the research id. A reference to a type that the release does
// not hold, or to somebody else, is dropped. Where R4 requires an element that
// does not leave, a data-absent-reason "masked" stands in its place, so that the
// result is valid R4.
//
//	Rules      the compiled table
//	Release    what one release shares: its key, types, time, which codes are rare
//	Person     whom a resource is about: research id, days, references met
//
// Coarse dates: a year and month move with the middle of the month, a year with
// the middle of the year. A birth date of someone aged 89 or more becomes the year
// in which somebody of 90 is born. Ages are capped at 89 likewise.
//
// Neighbours: a leaf but for fhir; internal/export feeds it.
package deid
