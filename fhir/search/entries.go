package search

// Entries are the index rows of one resource, by value kind. A parameter is
// named by its small number (Param.Number), which belongs to one resource type,
// so a row needs no type of its own.
type Entries struct {
	Tokens     []TokenEntry
	References []ReferenceEntry
	Strings    []StringEntry
	Dates      []DateEntry
	Quantities []QuantityEntry
	URIs       []URIEntry
	Composites []CompositeEntry
	Courses    []CourseEntry
}

// TokenEntry is one searchable form of a token: TokenHash of system|code,
// |code (a code without system), code, or system|. Of an element whose system is
// implied (code, boolean) only the code stands.
type TokenEntry struct {
	Param int32
	Hash  int64
}

// ReferenceEntry points at a resource: the Key of type/id for a relative
// reference (and an absolute one to this server), else the Hash of the
// reference as written (a urn, another server's URL, a canonical; one with a
// version has a second row without it).
type ReferenceEntry struct {
	Param  int32
	Target int64
}

// StringEntry holds a string in its folded form (Fold: lower case, accents and
// double spaces removed, at most 200 runes) and as written for :exact.
type StringEntry struct {
	Param  int32
	Folded string
	Exact  string
}

// MinTime and MaxTime stand for the open ends of a DateEntry: the first and the
// last microsecond that a FHIR date can name.
const (
	MinTime int64 = -62135596800000000 // 0001-01-01
	MaxTime int64 = 253402300799999999 // 9999-12-31T23:59:59.999999
)

// DateEntry is the closed interval that a date, dateTime, instant, Period or
// Timing covers: microseconds since 1970 UTC; an open end is MinTime or MaxTime.
type DateEntry struct {
	Param  int32
	Lo, Hi int64
}

// QuantityEntry is a number (all hashes 0), Quantity, Range or money: its value
// or bounds (an open one is ±math.MaxFloat64), and the hashes of system|code, of
// code and of unit text. A UCUM unit is named by one of the same size that queries
// ask for; if there is none, a second row has the converted value under a System
// that the first does not have, without Code.
type QuantityEntry struct {
	Param  int32
	Lo, Hi float64
	System int64 // TokenHash(system, code); 0 without
	Code   int64 // Hash of the code; 0 without
	Unit   int64 // Hash of the unit text; 0 without
}

// URIEntry is a uri, url or canonical as written.
type URIEntry struct {
	Param int32
	Value string
}

// CompositeEntry is one occurrence of a composite: a form of the first component
// (as a token, reference or string hash) and the further components' cells.
type CompositeEntry struct {
	Param  int32
	First  int64
	Second Cell
	Third  Cell
}

// Cell is a component of a composite that is not its first: a token
// or reference has its forms in A (system|code, or the target), B (code) and C (system|);
// a string the Hash of its folded text in A; a number, quantity or date its bounds in Lo and Hi
// (dates in microseconds) and, for quantities, A (system|code), B (code), C (unit).
type Cell struct {
	Lo, Hi  float64
	A, B, C int64
}
