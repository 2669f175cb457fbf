package search

import (
	"maps"
	"slices"
	"strings"
)

// filterOp is how an operator of _filter reads the values of a kind: as with a
// modifier or under a prefix; present asks also that there is a value, as ne does
// of what :not says of resources without any.
type filterOp struct {
	modifier string
	prefix   string
	mode     StringMode
	moded    bool
	not      bool
	present  bool
}

// filterOperators are the operators that each kind has (R4, section 3.1.3); pr is
// of all.
var filterOperators = map[Kind]map[string]filterOp{
	String: {
		"eq": {mode: Whole, moded: true}, "ne": {mode: Whole, moded: true, not: true, present: true}, "co": {modifier: "contains"},
		"sw": {}, "ew": {mode: Ends, moded: true},
	},
	URI:       {"eq": {}, "ne": {not: true, present: true}, "sw": {modifier: "below"}},
	Reference: {"eq": {}, "re": {}, "ne": {not: true, present: true}},
	Token: {
		"eq": {}, "ne": {not: true, present: true}, "in": {modifier: "in"}, "ni": {modifier: "not-in"},
		"ss": {modifier: "below"}, "sb": {modifier: "above"}, "co": {modifier: "text"},
	},
	Date:     {"po": {prefix: "ap"}},
	Number:   {},
	Quantity: {},
	Special:  {"eq": {}, "co": {}},
}

var (
	filterOps    = map[string]bool{"pr": true}
	filterOpList string
)

func init() {
	for _, op := range []string{"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"} {
		for _, kind := range []Kind{Date, Number, Quantity} {
			filterOperators[kind][op] = filterOp{prefix: op}
		}
	}
	for _, ops := range filterOperators {
		for op := range ops {
			filterOps[op] = true
		}
	}
	filterOpList = strings.Join(slices.Sorted(maps.Keys(filterOps)), ", ")
}

// filter reads _filter: a condition as an expression.
func filter(p *parser, modifier, value string) ([]Clause, *QueryError) {
	if modifier != "" {
		return nil, unsupported("_filter has no modifiers", nil)
	}
	node, fault := parseFilter(value)
	if fault != nil {
		return nil, fault
	}
	return p.filtered(p.typ, node, 0)
}

// filtered gives the clauses that say together what a part of a filter says.
func (p *parser) filtered(t *typeParams, n *filterNode, depth int) ([]Clause, *QueryError) {
	if n.kind == filterComparison {
		return p.compared(t, n, n.path, depth)
	}
	var all [][]Clause
	for _, part := range n.parts {
		clauses, fault := p.filtered(t, part, depth)
		if fault != nil {
			return nil, fault
		}
		all = append(all, clauses)
	}
	switch n.kind {
	case filterAny:
		return []Clause{OneOf(all)}, nil
	case filterNot:
		return []Clause{opposite(all[0])}, nil
	}
	return slices.Concat(all...), nil
}

// OneOf is the union of conjunctions. Conditions that differ in their values alone
// become one, which the index answers by itself.
func OneOf(parts [][]Clause) Clause {
	if len(parts) == 0 || slices.ContainsFunc(parts, func(part []Clause) bool {
		return len(part) != 1 || !part[0].plain() || part[0].Param != parts[0][0].Param
	}) {
		return Clause{Any: parts}
	}
	c := Clause{Param: parts[0][0].Param}
	for _, part := range parts {
		c.AnyOf = append(c.AnyOf, part[0].AnyOf...)
	}
	return c
}

// plain clauses ask for values, and for nothing else.
func (c *Clause) plain() bool {
	return !c.Not && c.Missing == NotAsked && c.Chain == nil && c.Any == nil && len(c.AnyOf) > 0
}

func opposite(clauses []Clause) Clause {
	if len(clauses) != 1 {
		return Clause{Any: [][]Clause{clauses}, Not: true}
	}
	c := clauses[0]
	switch c.Missing {
	case IsMissing:
		c.Missing = IsPresent
	case IsPresent:
		c.Missing = IsMissing
	default:
		c.Not = !c.Not
	}
	return c
}

// compared reads a comparison from a step of its path on.
func (p *parser) compared(t *typeParams, n *filterNode, path []filterStep, depth int) ([]Clause, *QueryError) {
	step := path[0]
	code, typ, _ := strings.Cut(step.name, ":")
	param, fault := t.param(code)
	switch {
	case fault != nil:
		fault.Reason = printable(code) + ": " + fault.Reason
		return nil, fault
	case param.Kind == Composite && step.filter != nil && len(path) == 2:
		return p.comparedParts(t, param, n, path)
	case len(path) > 1:
		return p.followed(param, typ, n, path, depth)
	case step.filter != nil:
		return nil, invalid(printable(code) + ": behind brackets, a dot and a parameter are expected")
	case typ != "" && param.Kind != Reference:
		return nil, invalid(printable(code) + ": only a reference leads to a type")
	}
	return p.leaf(t, param, typ, n)
}

// followed reads a path through a reference; what stands in brackets holds for the
// same target.
func (p *parser) followed(param *Param, typ string, n *filterNode, path []filterStep, depth int) ([]Clause, *QueryError) {
	if depth++; depth > maxChain {
		return nil, invalid("the path has too many steps")
	}
	if param.Kind != Reference {
		return nil, invalid(param.Code + ": only a reference parameter can be followed")
	}
	brackets := path[0].filter
	if typ == "" {
		typ, brackets = typeInBrackets(param, brackets)
	}
	if typ == "" {
		var fault *QueryError
		if typ, fault = p.onlyTarget(param, path[1].name); fault != nil {
			return nil, fault
		}
	}
	t, ok := p.registry.typ(typ)
	if !ok || !slices.Contains(param.Targets, typ) {
		return nil, &QueryError{Reason: param.Code + ": the parameter does not refer to that type", Valid: param.Targets}
	}
	inner, fault := p.compared(t, n, path[1:], depth)
	if fault == nil && brackets != nil {
		var more []Clause
		more, fault = p.filtered(t, brackets, depth)
		inner = append(inner, more...)
	}
	if fault != nil {
		return nil, fault
	}
	return []Clause{{Param: param.Rows(), Chain: &Chain{Query: Query{Type: typ, Where: inner}}}}, nil
}

// typeInBrackets takes [type eq Patient] for the type of a reference's target.
func typeInBrackets(param *Param, n *filterNode) (string, *filterNode) {
	if n != nil && n.kind == filterComparison && n.op == "eq" && len(n.path) == 1 && n.path[0].name == "type" && slices.Contains(param.Targets, n.value) {
		return n.value, nil
	}
	return "", n
}

// comparedParts reads composite[a eq x].b op y: the parts are of one occurrence.
func (p *parser) comparedParts(t *typeParams, param *Param, n *filterNode, path []filterStep) ([]Clause, *QueryError) {
	asked := append(path[0].filter.conjunction(), &filterNode{kind: filterComparison, path: path[1:], op: n.op, value: n.value})
	texts := make([]string, len(param.Components))
	for _, one := range asked {
		i, text := param.partOf(one)
		if i < 0 || texts[i] != "" {
			return nil, &QueryError{Reason: param.Code + ": each part is compared once, with eq or, if it is a date, number or quantity, one of the prefixes", Valid: param.partCodes()}
		}
		texts[i] = text
	}
	if slices.Contains(texts, "") {
		return nil, &QueryError{Reason: param.Code + ": all parts must be compared", Valid: param.partCodes()}
	}
	c, fault := p.values(t, param, "", strings.Join(texts, "$"))
	return []Clause{c}, fault
}

// conjunction are the parts of what stands in brackets.
func (n *filterNode) conjunction() []*filterNode {
	if n.kind != filterAll {
		return []*filterNode{n}
	}
	var all []*filterNode
	for _, part := range n.parts {
		all = append(all, part.conjunction()...)
	}
	return all
}

// partOf finds which part of a composite is compared, and the comparison's text.
func (p *Param) partOf(n *filterNode) (int, string) {
	if n.kind != filterComparison || len(n.path) != 1 || n.path[0].filter != nil {
		return -1, ""
	}
	i := slices.IndexFunc(p.Components, func(c Component) bool {
		return c.Param.Code == n.path[0].name || strings.HasSuffix(c.Param.Code, "-"+n.path[0].name)
	})
	if i < 0 {
		return -1, ""
	}
	kind := p.Components[i].Param.Kind
	op, ok := filterOperators[kind][n.op]
	if !ok || n.op != "eq" && op.prefix == "" {
		return -1, ""
	}
	return i, op.prefix + bareEscape.Replace(n.value)
}

func (p *Param) partCodes() []string {
	var codes []string
	for _, c := range p.Components {
		codes = append(codes, c.Param.Code)
	}
	return codes
}

var (
	bareEscape = strings.NewReplacer(`,`, `\,`, `$`, `\$`, `\`, `\\`)
	fullEscape = escape
)

// leaf reads the comparison of one parameter.
func (p *parser) leaf(t *typeParams, param *Param, typ string, n *filterNode) ([]Clause, *QueryError) {
	if n.op == "pr" {
		return p.present(t, param, n.value)
	}
	op, ok := filterOperators[param.Kind][n.op]
	if !ok || param.Code == Phonetic && n.op != "eq" {
		return nil, &QueryError{Reason: param.Code + " is not compared by that operator", Valid: operatorsOf(param.Kind)}
	}
	if typ != "" {
		op.modifier = typ
	}
	v, not, fault := p.reader(t, param, op.modifier)
	if fault != nil {
		fault.Reason = param.Code + ": " + fault.Reason
		return nil, fault
	}
	if op.moded {
		v.mode = op.mode
	}
	v.overlaps = n.op == "po"
	text := bareEscape.Replace(n.value)
	if param.Kind == String || param.Kind == URI {
		text = fullEscape.Replace(n.value)
	}
	c, fault := p.read(v, not || op.not, op.prefix+text)
	if fault != nil {
		fault.Reason = param.Code + ": " + fault.Reason
		return nil, fault
	}
	clauses := []Clause{c}
	if op.present && !param.rowless() {
		clauses = append(clauses, Clause{Param: c.Param, Missing: IsPresent})
	}
	return clauses, nil
}

// present is pr: whether there is a value.
func (p *parser) present(t *typeParams, param *Param, value string) ([]Clause, *QueryError) {
	missing, ok := map[string]string{"true": "false", "false": "true"}[value]
	if !ok {
		return nil, &QueryError{Reason: param.Code + ": behind pr, true or false is expected", Valid: []string{"true", "false"}}
	}
	c, fault := p.missing(param, missing)
	return []Clause{c}, fault
}

func operatorsOf(kind Kind) []string {
	return append(slices.Sorted(maps.Keys(filterOperators[kind])), "pr")
}
