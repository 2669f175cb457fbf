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
}

// modifiers that each kind has; a reference also has the names of its targets.
var modifiers = map[Kind]map[string]modifier{
	String:    {"": {}, "exact": {mode: Exact}, "contains": {mode: Contains}},
	URI:       {"": {mode: Exact}, "below": {mode: Below}, "above": {mode: Above}},
	Token:     {"": {}, "not": {not: true}, "of-type": {typed: true}},
	Reference: {"": {}}, Date: {"": {}}, Number: {"": {}}, Quantity: {"": {}}, Composite: {"": {}},
}

// values reads the comma-separated alternatives of a condition.
func (p *parser) values(t *typeParams, param *Param, name, text string) (Clause, *QueryError) {
	v := reader{parser: p, param: param, shape: t.shape(param)}
	if name == "identifier" && param.narrows() {
		return Clause{}, unsupported(":identifier is not supported here; ask for "+param.Alias.Code+":identifier", nil)
	}
	if name == "identifier" && param.Kind == Reference {
		v = reader{parser: p, param: param.identifiers(), shape: &shape{}}
		name = ""
	}
	m, ok := modifiers[v.param.Kind][name]
	if !ok && param.Kind == Reference && slices.Contains(param.Targets, name) {
		v.only, ok = name, true
	}
	if m.typed && !v.shape.typed || !ok || param.rowless() && name != "" {
		return Clause{}, unsupported("this modifier is not supported here", supported(param, v.shape.typed))
	}
	v.mode, v.typed = m.mode, m.typed
	c := Clause{Param: v.param.Rows(), Not: m.not}
	alternatives := cut(text, ',')
	if len(alternatives) > maxAlternatives {
		return Clause{}, invalid("too many alternatives")
	}
	for _, alternative := range alternatives {
		value, fault := v.value(alternative)
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

// supported lists the modifiers of a parameter.
func supported(param *Param, typed bool) []string {
	if param.rowless() {
		return nil
	}
	names := []string{":missing"}
	if param.Kind == Reference && !param.narrows() {
		names = append(names, ":identifier")
	}
	for name, m := range modifiers[param.Kind] {
		if name != "" && (!m.typed || typed) {
			names = append(names, ":"+name)
		}
	}
	if param.Kind == Reference {
		for _, typ := range param.Targets {
			names = append(names, ":"+typ)
		}
	}
	slices.Sort(names)
	return names
}

// chain reads ref.code or ref:Type.code: the reference leads to a resource for
// which the rest of the name holds (R4, section 3.1.1.4.17).
func (p *parser) chain(param *Param, typ, rest, value string, depth int) (Clause, *QueryError) {
	if param.Kind != Reference {
		return Clause{}, invalid("only a reference parameter can be followed")
	}
	if typ == "" {
		var fault *QueryError
		if typ, fault = p.onlyTarget(param, rest); fault != nil {
			return Clause{}, fault
		}
	}
	if !slices.Contains(param.Targets, typ) {
		return Clause{}, &QueryError{Reason: "the parameter does not refer to that type", Valid: param.Targets}
	}
	inner, fault := p.clause(p.registry.types[typ], rest, value, depth+1)
	if fault != nil {
		return Clause{}, fault
	}
	return Clause{Param: param.Rows(), Chain: &Chain{Query: Query{Type: typ, Where: []Clause{inner}}}}, nil
}

// onlyTarget is the one target type that has the chained parameter.
func (p *parser) onlyTarget(param *Param, rest string) (string, *QueryError) {
	code := rest[:strings.IndexAny(rest+".", ".:")]
	if code == "_has" {
		code = ID // every type has that
	}
	var fit []string
	for _, target := range param.Targets {
		if _, fault := p.registry.types[target].param(code); fault == nil {
			fit = append(fit, target)
		}
	}
	switch len(fit) {
	case 1:
		return fit[0], nil
	case 0:
		return "", unsupported("no type that it refers to has the chained parameter", nil)
	}
	for i, typ := range fit {
		fit[i] = param.Code + ":" + typ + "." + code
	}
	return "", &QueryError{Reason: "name the type that the chain goes through", Valid: fit}
}

// reverse reads Type:ref:rest: a resource of the type refers here by ref, and
// the rest of the name holds for it (R4, section 3.1.1.4.18).
func (p *parser) reverse(t *typeParams, name, value string, depth int) (Clause, *QueryError) {
	steps := strings.SplitN(name, ":", 3)
	if len(steps) < 3 {
		return Clause{}, invalid("_has:Type:reference:parameter is expected")
	}
	other, ok := p.registry.types[steps[0]]
	if !ok {
		return Clause{}, invalid("_has names no resource type")
	}
	ref, ok := other.byCode[steps[1]]
	if !ok || ref.Kind != Reference || ref.Code == Compartment || !slices.Contains(ref.Targets, t.name) {
		return Clause{}, &QueryError{Reason: "_has names no reference parameter that leads here", Valid: other.leading(t.name)}
	}
	inner, fault := p.clause(other, steps[2], value, depth+1)
	if fault != nil {
		return Clause{}, fault
	}
	return Clause{Param: ref.Rows(), Chain: &Chain{Reverse: true, Query: Query{Type: other.name, Where: []Clause{inner}}}}, nil
}

// leading lists the reference parameters that may lead to a type.
func (t *typeParams) leading(typ string) []string {
	var codes []string
	for _, p := range t.sorted {
		if p.Kind == Reference && slices.Contains(p.Targets, typ) {
			codes = append(codes, p.Code)
		}
	}
	return codes
}
