package search

import (
	"slices"
	"strings"
)

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
	if !ok || ref.Pending || ref.Kind != Reference || ref.Code == Compartment || !slices.Contains(ref.Targets, t.name) {
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
