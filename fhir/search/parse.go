package search

import (
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Pair is one parameter of a query string, decoded.
type Pair struct{ Name, Value string }

// Options are what ParseQuery has to know besides the query.
type Options struct {
	Lenient      bool // pass over what the server does not know (Prefer: handling=lenient)
	DefaultCount int  // page size without _count
	MaxCount     int  // largest page size; a larger _count is lowered to it
	Base         string
	Now          time.Time // for dates with the prefix ap
	// ValueSet lists the codes of a value set, for :in and :not-in; without it they
	// are not supported.
	ValueSet func(canonical string) (codes []Code, ok bool)
	// Subsumed lists a code and those that its system places below it, or above it,
	// for :below and :above; ok is false where the system, or the code in it, is not
	// known. Without it they are not supported.
	Subsumed func(system, code string, below bool) (codes []Code, ok bool)
	// Removed lists the ids of a type that the entries of a List name only as deleted from
	// it (List.entry.deleted); without it every entry counts for _list.
	Removed  func(list, typ string) (ids []string)
	FullText bool // _text, _content and :text are answered
}

// Code is a code of a value set; without Code, every code of the System.
type Code struct{ System, Code string }

// Parsed is a query string as it was understood.
type Parsed struct {
	Query    Query
	Summary  string   // _summary: "", true, text, data, count or false
	Elements []string // _elements
	Includes []Include
	Cursor   string        // _cursor, raw
	Types    []string      // _type, of a search over all types
	Used     []Pair        // what was understood, in order and without _cursor: the self link
	Ignored  []*QueryError // what was passed over, when lenient
}

// Include asks for further resources (R4, section 3.1.1.5.5): those that the
// found ones refer to by the parameter, or, Reverse, those of Type that refer
// to a found one by it.
type Include struct {
	Type    string // the type that holds the reference
	Param   *Param // nil: all its references
	Target  string // only targets of this type; "" of any
	Iterate bool
	Reverse bool
}

// Bounds on what one query may ask.
const (
	maxParameters = 100
	maxValues     = 10_000 // all alternatives; a bare id counts once for each type that it may mean
	maxChain      = 4
	maxSort       = 5
	maxIncludes   = 30
)

// ParseQuery understands the query string of a search for a type, or with type
// "" over all types. Unknown parameters are errors that list the valid ones,
// unless o.Lenient. The error joins a *QueryError for each fault; see Faults.
func (r *Registry) ParseQuery(typ string, values []Pair, o Options) (Parsed, error) {
	r = r.now()
	t, ok := r.typ(typ)
	if !ok {
		return Parsed{}, invalid("there is no such resource type").named(typ)
	}
	if len(values) > maxParameters {
		return Parsed{}, invalid("too many parameters: " + strconv.Itoa(maxParameters) + " at most").named(typ)
	}
	p := parser{registry: r, options: o, typ: t}
	p.out.Query = Query{Type: typ, Count: min(o.DefaultCount, o.MaxCount)}
	var faults []error
	for _, pair := range values {
		if fault := p.pair(pair); fault != nil {
			faults = append(faults, fault.named(pair.Name))
		}
	}
	if p.out.Query.Count == 0 && p.out.Query.Total == TotalNone {
		p.out.Query.Total = TotalAccurate
	}
	return p.out, errors.Join(faults...)
}

type parser struct {
	registry *Registry
	options  Options
	typ      *typeParams
	asked    int // values so far
	out      Parsed
}

// spend counts a value towards maxValues.
func (p *parser) spend(v Value) *QueryError {
	p.asked++
	if r, ok := v.(ReferenceValue); ok {
		p.asked += len(r.Targets)
	}
	if p.asked > maxValues {
		return invalid("the query has too many values: " + strconv.Itoa(maxValues) + " at most; of a reference, name the type")
	}
	return nil
}

// pair takes one parameter: of the result, or a condition.
func (p *parser) pair(pair Pair) *QueryError {
	if !utf8.ValidString(pair.Value) || strings.IndexByte(pair.Value, 0) >= 0 {
		return invalid("the value is no text in UTF-8")
	}
	name, modifier, _ := strings.Cut(pair.Name, ":")
	var fault *QueryError
	if result, ok := resultParams[name]; ok {
		fault = result(p, modifier, pair.Value)
	} else if condition, ok := conditionParams[name]; ok {
		var all []Clause
		all, fault = condition(p, modifier, pair.Value)
		p.out.Query.Where = append(p.out.Query.Where, all...)
	} else {
		var c Clause
		if c, fault = p.clause(p.typ, pair.Name, pair.Value, 0); fault == nil {
			p.out.Query.Where = append(p.out.Query.Where, c)
		}
	}
	switch {
	case fault == nil && name != cursorParam:
		p.out.Used = append(p.out.Used, pair)
	case fault != nil && fault.unsupported && p.options.Lenient:
		p.out.Ignored = append(p.out.Ignored, fault.named(pair.Name))
		return nil
	}
	return fault
}
