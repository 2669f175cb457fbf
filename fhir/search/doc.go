// Package search is FHIR R4 search without a database: which parameters there
// are, what a query string means, and under which index rows a resource is
// found.
//
// A Registry holds the parameters of every type, from tables that ./gen
// condenses out of HL7's definitions. Each parameter of each type has a number
// that never changes, since it stands in stored indexes (numbers.txt).
//
// Extract gives a resource's rows. The expressions of a type are compiled, when
// the type is first met, into one tree of places, so that a single walk over the
// JSON finds the values of all parameters; the few expressions that are more
// than paths are evaluated by fhir/path. Rows are kept few: parameters with the
// same path share them (Param.Rows), a narrower reference such as patient is answered from the
// rows of subject, an element of type code stands by its code alone.
//
// ParseQuery turns a query string into a Query, typed and checked. What the
// server does not know is refused by name, with what it does know; a value is
// never repeated in an error. Hashes and folded strings are made on both sides
// by the same functions (TokenHash, CodeHash, KeyOf, Target, Fold).
//
// Not supported, and refused: _text, _content, _list, _filter, _query, near,
// phonetic, the modifier :text, and :missing on a narrower reference.
//
// Neighbours: fhir/tree, fhir/model and fhir/path below; internal/store turns a
// Query into SQL and keeps Entries; searchtest answers queries by brute force.
package search
