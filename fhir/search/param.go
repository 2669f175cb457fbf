package search

// Kind is the type of a search parameter, and so the index table of its values.
type Kind uint8

// The kinds of search parameters (R4, section 3.1.1.4); Special ones are not
// answered from an index table of their own.
const (
	Special Kind = iota
	Token
	Reference
	String
	Date
	Number // stored with Quantity
	Quantity
	URI
	Composite
)

// Param is one search parameter of one resource type.
type Param struct {
	Number     int32  // stable small number, unique over all types and parameters
	Type       string // the resource type it belongs to
	Code       string // its name in a query
	Kind       Kind
	Expression string   // FHIRPath over the resource; "" for special ones
	Targets    []string // reference: the types it may point to
	Components []Component
	URL        string   // canonical of the SearchParameter
	Alias      *Param   // the parameter whose rows answer this one; nil: it has its own
	Union      []*Param // the parameters whose rows together answer this one, such as combo-code's; it has none then
	Custom     bool     // of a SearchParameter resource, see Custom
	Pending    bool     // custom, and not indexed yet over what was stored before: no query can use it
}

// Rows is the parameter under which the index rows stand: that of a clause.
func (p *Param) Rows() *Param {
	if p.Alias != nil {
		return p.Alias
	}
	return p
}

// rowsElsewhere tells that only other parameters have the rows that answer it.
func (p *Param) rowsElsewhere() bool { return p.Alias != nil || len(p.Union) > 0 }

// Numbers are those of all parameters under which its index rows stand: one,
// but for a union.
func (p *Param) Numbers() []int32 {
	rows := p.Rows()
	if len(rows.Union) == 0 {
		return []int32{rows.Number}
	}
	var all []int32
	for _, member := range rows.Union {
		all = append(all, member.Numbers()...)
	}
	return all
}

// Component is a part of a composite: the parameter it compares like, and the
// path below the composite's expression.
type Component struct {
	Param      *Param
	Expression string
}

// Special parameters that every type has; their Param.Code is one of these.
const (
	ID           = "_id"
	LastUpdated  = "_lastUpdated"
	TextParam    = "_text"
	ContentParam = "_content"
	// Near is Location's: places within a distance. Phonetic is that of names.
	Near     = "near"
	Phonetic = "phonetic"
	// Compartment is ours: a reference parameter without expression whose rows
	// are the Patients in whose compartment the resource is (R4
	// CompartmentDefinition/patient; a Patient is in its own). A query names it
	// only through access and the compartment routes, never by a client.
	Compartment = "_compartment"
)
