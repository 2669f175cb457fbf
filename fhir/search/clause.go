package search

import (
	"slices"
	"strings"
)

// clause reads one condition: code=…, code:modifier=…, a chain ref.code=… or
// ref:Type.code=…, or a reverse chain _has:Type:ref:code=….
func (p *parser) clause(t *typeParams, name, value string, depth int) (Clause, *QueryError) {
	if depth > maxChain {
		return Clause{}, invalid("the chain has too many steps")
	}
	if rest, ok := strings.CutPrefix(name, "_has:"); ok {
		return p.reverse(t, rest, value, depth)
	}
	head, rest, chained := strings.Cut(name, ".")
	code, modifier, _ := strings.Cut(head, ":")
	param, fault := t.param(code)
	switch {
	case fault != nil:
		return Clause{}, fault
	case chained:
		return p.chain(param, modifier, rest, value, depth)
	case modifier == "missing":
		return missing(param, value)
	}
	return p.values(t, param, modifier, value)
}

// param finds a parameter that a client may use.
func (t *typeParams) param(code string) (*Param, *QueryError) {
	param, ok := t.byCode[code]
	switch {
	case !ok || code == Compartment:
		return nil, unsupported("there is no such search parameter", t.codes())
	case param.Pending:
		return nil, unsupported("this search parameter is new and still being indexed; ask again when its $status says that it is done", nil)
	case param.Kind == Special:
		return nil, unsupported("this search parameter is not supported", t.codes())
	}
	return param, nil
}

func (t *typeParams) codes() []string {
	codes := make([]string, len(t.sorted))
	for i, p := range t.sorted {
		codes[i] = p.Code
	}
	return codes
}

// missing is the :missing modifier. Rows that are shared with a wider reference
// cannot tell whether the narrower one is there.
func missing(param *Param, value string) (Clause, *QueryError) {
	switch {
	case param.rowless():
		return Clause{}, unsupported("every resource has it; :missing is not supported", nil)
	case param.narrows():
		return Clause{}, unsupported(":missing is not supported here; ask for "+param.Alias.Code+":missing", nil)
	case value == "true":
		return Clause{Param: param.Rows(), Missing: IsMissing}, nil
	case value == "false":
		return Clause{Param: param.Rows(), Missing: IsPresent}, nil
	}
	return Clause{}, &QueryError{Reason: "with :missing, true or false is expected", Valid: []string{"true", "false"}}
}

// rowless parameters are answered from columns of the resource.
func (p *Param) rowless() bool { return p.Code == ID || p.Code == LastUpdated }

// narrows tells that the rows it shares hold more than its own.
func (p *Param) narrows() bool {
	return p.Alias != nil && p.Alias.Expression != p.Expression
}

// identifiers is the parameter of the tokens that stand beside a reference's
// rows, under the same number: the References' identifiers.
func (p *Param) identifiers() *Param {
	rows := p.Rows()
	return &Param{Number: rows.Number, Type: rows.Type, Code: rows.Code + ":identifier", Kind: Token, URL: rows.URL}
}

// modifier is how a modifier changes the comparison.
type modifier struct {
	mode  StringMode
	not   bool
	typed bool // the value is type|code|value
	set   bool // the value is a value set, whose codes are meant
}

// modifiers that each kind has; a reference also has the names of its targets.
var modifiers = map[Kind]map[string]modifier{
	String:    {"": {}, "exact": {mode: Exact}, "contains": {mode: Contains}},
	URI:       {"": {mode: Exact}, "below": {mode: Below}, "above": {mode: Above}},
	Token:     {"": {}, "not": {not: true}, "of-type": {typed: true}, "in": {set: true}, "not-in": {set: true, not: true}},
	Reference: {"": {}}, Date: {"": {}}, Number: {"": {}}, Quantity: {"": {}}, Composite: {"": {}},
}

// values reads the comma-separated alternatives of a condition.
func (p *parser) values(t *typeParams, param *Param, name, text string) (Clause, *QueryError) {
	v, not, fault := p.reader(t, param, name)
	if fault != nil {
		return Clause{}, fault
	}
	c := Clause{Param: v.param.Rows(), Not: not}
	alternatives := cut(text, ',')
	if v.set {
		if alternatives, fault = p.codes(alternatives); fault != nil {
			return Clause{}, fault
		}
	}
	for _, alternative := range alternatives {
		value, fault := v.value(alternative)
		if fault == nil {
			fault = p.spend(value)
		}
		if fault != nil {
			return Clause{}, fault
		}
		if _, any := value.(anyToken); any {
			return ofImpliedSystem(c), nil
		}
		c.AnyOf = append(c.AnyOf, value)
	}
	return c, nil
}

// reader is how values of the parameter are read under a modifier, and whether
// it is a :not.
func (p *parser) reader(t *typeParams, param *Param, name string) (reader, bool, *QueryError) {
	v := reader{parser: p, param: param, shape: t.shape(param)}
	switch {
	case param.rowless() && name != "":
		return v, false, unsupported("this modifier is not supported here", nil)
	case param.Kind != Reference || name == "":
	case slices.Contains(param.Targets, name):
		v.only, name = name, ""
	case name == "identifier" && param.narrows():
		return v, false, unsupported(":identifier is not supported here; ask for "+param.Alias.Code+":identifier", nil)
	case name == "identifier":
		v.param, v.shape, name = param.identifiers(), &shape{}, ""
	}
	m, ok := modifiers[v.param.Kind][name]
	if sets := p.options.ValueSet != nil; !ok || m.typed && !v.shape.typed || m.set && !sets {
		return v, false, unsupported("this modifier is not supported here", supported(param, v.shape.typed, sets))
	}
	v.mode, v.typed, v.set = m.mode, m.typed, m.set
	return v, m.not, nil
}

// anyToken is system| where every row has that system: being there is enough.
type anyToken struct{}

func (anyToken) value() {}

func ofImpliedSystem(c Clause) Clause {
	if c.Not {
		return Clause{Param: c.Param, Missing: IsMissing}
	}
	return Clause{Param: c.Param, Missing: IsPresent}
}

// shape is what the plan knows of a parameter's elements.
func (t *typeParams) shape(param *Param) *shape {
	if t.plan != nil {
		if s, ok := t.plan().shapes[param]; ok {
			return s
		}
	}
	return &shape{}
}

// supported lists the modifiers of a parameter; typed ones have :of-type, and where
// value sets are known, there are :in and :not-in.
func supported(param *Param, typed, sets bool) []string {
	names := []string{":missing"}
	if param.Kind == Reference && !param.narrows() {
		names = append(names, ":identifier")
	}
	for name, m := range modifiers[param.Kind] {
		if name != "" && (!m.typed || typed) && (!m.set || sets) {
			names = append(names, ":"+name)
		}
	}
	for _, typ := range param.Targets {
		names = append(names, ":"+typ)
	}
	slices.Sort(names)
	return names
}
