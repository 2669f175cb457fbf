package search

// Query is a search as it was understood: typed, checked, independent of any
// database. A backend turns it into its own SQL; access narrows it by adding
// clauses before that.
type Query struct {
	Type  string   // resource type; "" searches all types (system level)
	Where []Clause // all hold (repeated parameters are AND)
	Sort  []Sort   // empty: by Key
	Count int      // page size, 1..MaxCount; 0 asks for the total only
	Total Total
	// Each is a search over several types: what is asked of each of them. Where is
	// empty then, and Sort says how the keys of all compare.
	Each []Query
	// Course, of a query that Registry.Course tells, lets rows of it drive; it changes
	// nothing of what matches but for Newest.
	Course *Course
}

// Total says whether a Bundle.total is wanted.
type Total uint8

// The values of _total.
const (
	TotalNone Total = iota
	TotalEstimate
	TotalAccurate
)

// Sort is one key of _sort.
type Sort struct {
	Param      *Param
	Descending bool
}

// Clause is one condition: the resource has for the parameter one of the values
// (comma-separated values are OR). Exactly one of AnyOf, Missing is used, unless
// the clause is a Chain, which carries the condition on the other resource, or an
// Any, which has no parameter of its own: of its conjunctions one holds.
type Clause struct {
	Param   *Param
	Not     bool    // :not — no value of the resource is among AnyOf; the opposite of Chain and Any
	Missing Missing // :missing
	AnyOf   []Value
	Chain   *Chain
	Any     [][]Clause
}

// Missing is the :missing modifier.
type Missing uint8

// The states of :missing.
const (
	NotAsked  Missing = iota
	IsMissing         // :missing=true
	IsPresent         // :missing=false
)

// Chain is a condition on another resource: forward (the parameter's target
// satisfies Query) or reverse (_has: a resource of Query.Type satisfies it and
// refers here by Param).
type Chain struct {
	Reverse bool
	Query   Query
}

// Value is one alternative of a clause. It is one of the types below.
type Value interface{ value() }

// TokenValue matches a token row by the hash of the asked form; Hash 0 matches none.
type TokenValue struct{ Hash int64 }

// ReferenceValue matches any of the targets (one for each type that a bare id may mean).
// Patient says that it is one, and a Patient.
type ReferenceValue struct {
	Targets []int64
	Patient bool
}

// StringMode is how a string or uri is compared.
type StringMode uint8

// Ways to compare strings and URIs.
const (
	Starts   StringMode = iota // the folded value begins with it (default of strings)
	Exact                      // :exact, and the default of uris
	Contains                   // :contains
	Below                      // :below — the uri is at or under it
	Above                      // :above — the uri is at or over it
	Whole                      // the folded value is equal (eq of _filter)
	Ends                       // the folded value ends with it (ew of _filter)
)

// StringValue matches a string row; Text for Exact, Folded for the others.
type StringValue struct {
	Mode   StringMode
	Folded string
	Text   string
}

// URIValue matches a uri row.
type URIValue struct {
	Mode StringMode
	Text string
}

// Prefix is a comparison prefix (R4, section 3.1.1.4.3).
type Prefix string

// The prefixes; Eq is what a value without one has.
const (
	Eq Prefix = "eq"
	Ne Prefix = "ne"
	Gt Prefix = "gt"
	Lt Prefix = "lt"
	Ge Prefix = "ge"
	Le Prefix = "le"
	Sa Prefix = "sa"
	Eb Prefix = "eb"
	Ap Prefix = "ap"
)

// DateValue compares intervals: [Lo, Hi] is what the asked date covers, in
// microseconds since 1970 UTC (for Ap already widened).
type DateValue struct {
	Prefix Prefix
	Lo, Hi int64
}

// NumberValue compares numbers: [Lo, Hi) is the implicit range of what was asked
// (80 is [79.5, 80.5)), for Ap a tenth to either side; Value the number itself.
type NumberValue struct {
	Prefix        Prefix
	Value, Lo, Hi float64
}

// QuantityValue is a number with a unit; 0 hashes do not restrict, but to rows
// as they were sent. Code matches the code or the unit text (the form 5.4||mg),
// System is TokenHash(system, code). Or is the same amount in another unit that it
// may be kept in.
type QuantityValue struct {
	NumberValue
	System int64
	Code   int64
	Or     *QuantityValue
}

// CompositeValue matches one composite row, part by part; Parts has as many
// values as the parameter has components. A StringValue in it matches a cell by
// the Hash of its Folded text.
type CompositeValue struct{ Parts []Value }

// TextField is which texts of a resource are looked through.
type TextField uint8

// The fields of the full text.
const (
	Narrative TextField = iota // _text: the narrative
	Content                    // _content: every text
	Labels                     // :text: the words of the parameter's concepts, codings, identifier types and references
)

// TextValue matches the full text of a resource: of its alternatives one holds, all
// terms of it.
type TextValue struct {
	Field TextField
	Any   [][]Term
}

// Term is words that follow each other, as Words folds them. Prefix says that the
// last is the beginning of a word; Not that there is no such place.
type Term struct {
	Words       []string
	Prefix, Not bool
}

// NearValue matches what is within reach of a point on the earth (near). X, Y and Z are the
// point on the unit sphere; Chord is the square of the straight distance that is
// reached; South and North are the latitudes, in millionths of a degree, beyond
// which nothing is.
type NearValue struct {
	X, Y, Z, Chord float64
	South, North   int64
}

// IDValue matches the resource with that id (_id).
type IDValue struct{ ID string }

func (TokenValue) value()     {}
func (ReferenceValue) value() {}
func (StringValue) value()    {}
func (URIValue) value()       {}
func (DateValue) value()      {}
func (NumberValue) value()    {}
func (QuantityValue) value()  {}
func (CompositeValue) value() {}
func (IDValue) value()        {}
func (TextValue) value()      {}
func (NearValue) value()      {}
