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
// _filter and _list are conditions of their own: the expressions of a _filter become
// clauses, its alternatives a Clause.Any. The words of _text, _content and :text
// are cut here (Words, FullText) and kept by the store beside the index, a moment
// after the resource. What is sorted by tokens and references is read: SortKey.
//
// Not supported, and refused: _query, lists by function, the order of composites.
//
// Neighbours: fhir/tree, fhir/model and fhir/path below; internal/store turns a
// Query into SQL and keeps Entries; searchtest answers queries by brute force.
package search
