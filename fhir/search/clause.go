package search

import (
	"slices"
	"strconv"
	"strings"
)

// clause reads one condition: code=…, code:modifier=…, a chain ref.code=… or
// ref:Type.code=…, or a reverse chain _has:Type:ref:code=….
func (p *parser) clause(t *typeParams, name, value string, depth int) (Clause, *QueryError) {
	if depth > maxChain {
		return Clause{}, invalid("the chain has too many steps: " + strconv.Itoa(maxChain) + " at most; search in parts, by the ids that the first finds")
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
		return p.missing(param, value)
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
	case param.Kind == Special && !specials[code]:
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
// cannot tell whether the narrower one is there; whether it leads to a resource of
// its type can be seen.
func (p *parser) missing(param *Param, value string) (Clause, *QueryError) {
	asked, ok := map[string]Missing{"true": IsMissing, "false": IsPresent}[value]
	switch {
	case !ok:
		return Clause{}, &QueryError{Reason: "with :missing, true or false is expected", Valid: []string{"true", "false"}}
	case param.Kind == Special && param.Code != Near:
		return Clause{}, unsupported("every resource has text; :missing is not supported", nil)
	case param.narrows():
		return Clause{Param: param.Rows(), Not: asked == IsMissing, Chain: &Chain{Query: Query{Type: param.Targets[0]}}}, nil
	}
	return Clause{Param: param.Rows(), Missing: asked}, nil
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
	words bool // the value is the beginning of words that stand beside the code
	tree  bool // the value is a code of a hierarchy; mode tells which way
}

// modifiers that each kind has; a reference also has the names of its targets.
var modifiers = map[Kind]map[string]modifier{
	String: {"": {}, "exact": {mode: Exact}, "contains": {mode: Contains}},
	URI:    {"": {mode: Exact}, "below": {mode: Below}, "above": {mode: Above}},
	Token: {"": {}, "not": {not: true}, "of-type": {typed: true}, "in": {set: true}, "not-in": {set: true, not: true},
		"text": {words: true}, "below": {tree: true, mode: Below}, "above": {tree: true, mode: Above}},
	Reference: {"": {}, "text": {words: true}}, Special: {"": {}}, Date: {"": {}}, Number: {"": {}}, Quantity: {"": {}}, Composite: {"": {}},
}

// values reads the comma-separated alternatives of a condition.
func (p *parser) values(t *typeParams, param *Param, name, text string) (Clause, *QueryError) {
	v, not, fault := p.reader(t, param, name)
	if fault != nil {
		return Clause{}, fault
	}
	return p.read(v, not, text)
}

// read reads the alternatives.
func (p *parser) read(v reader, not bool, text string) (Clause, *QueryError) {
	c, alternatives, fault := Clause{Param: v.param.Rows(), Not: not}, cut(text, ','), (*QueryError)(nil)
	switch {
	case v.param.Code == Phonetic:
		return v.phonetic(alternatives)
	case v.set:
		alternatives, fault = p.codes(alternatives)
	case v.tree:
		alternatives, fault = v.subsumed(alternatives)
	}
	if fault != nil {
		return Clause{}, fault
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
	case param.Code == Phonetic && name != "":
		return v, false, unsupported("this modifier is not supported here", nil)
	case param.Kind != Reference || name == "":
	case slices.Contains(param.Targets, name):
		v.only, name = name, ""
	case name == "identifier":
		v.param, v.shape, name = param.identifiers(), &shape{}, ""
	}
	m, ok := modifiers[v.param.Kind][name]
	if !ok || !p.serves(m, v.shape) {
		return v, false, unsupported("this modifier is not supported here", p.supported(param, v.shape))
	}
	v.mode, v.typed, v.set, v.words, v.tree = m.mode, m.typed, m.set, m.words, m.tree
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

// serves tells whether there is what a modifier needs: identifiers that have a
// type, value sets, hierarchies, the full text.
func (p *parser) serves(m modifier, s *shape) bool {
	return (!m.typed || s.typed) && (!m.set || p.options.ValueSet != nil) && (!m.tree || p.options.Subsumed != nil) && (!m.words || p.options.FullText)
}

// supported lists the modifiers of a parameter.
func (p *parser) supported(param *Param, s *shape) []string {
	names := []string{":missing"}
	if param.Kind == Reference {
		names = append(names, ":identifier")
	}
	for name, m := range modifiers[param.Kind] {
		if name != "" && p.serves(m, s) {
			names = append(names, ":"+name)
		}
	}
	for _, typ := range param.Targets {
		names = append(names, ":"+typ)
	}
	slices.Sort(names)
	return names
}
