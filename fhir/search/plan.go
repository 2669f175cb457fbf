package search

import (
	"slices"

	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// plan is how the rows of a type are extracted: the tree of places for the
// plain expressions, and the others, which package path evaluates.
type plan struct {
	root   *place
	slow   []slow
	shapes map[*Param]*shape
	course course
	faults []string // parameters whose expressions do not compile
}

// slow is an expression that is not a plain path.
type slow struct {
	param *Param
	expr  *path.Expr
}

// shape is what the elements of a parameter have in common, as far as a query
// must know it.
type shape struct {
	implied bool   // all are codes: only CodeHash stands in the index
	system  string // the system that all those codes imply, "" if unknown
	typed   bool   // some are identifiers, which have a type
	folded  bool   // all are texts or contacts: tokens are compared in lower case
}

// component is a part of a composite: its places from the type at which the
// composite stands, or from the resource.
type component struct {
	kind  Kind
	local *place
	whole *place // of %resource expressions
}

func (r *Registry) compile(t *typeParams) *plan {
	typ, ok := model.TypeOf(t.name)
	p := &plan{root: &place{}, shapes: map[*Param]*shape{}, course: t.course()}
	if !ok {
		return p
	}
	c := compiler{r, p, map[string]spot{t.name: {at: p.root, typ: typ}}}
	for _, code := range sortedCodes(t) {
		if param := t.byCode[code]; param.Expression != "" {
			c.param(param)
		}
	}
	for _, code := range t.compartment {
		c.compartment(t.byCode[Compartment], t.byCode[code].Rows())
	}
	p.root.prune()
	return p
}

func sortedCodes(t *typeParams) []string {
	codes := make([]string, 0, len(t.byCode))
	for code := range t.byCode {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

type compiler struct {
	registry *Registry
	plan     *plan
	starts   map[string]spot
}

func (c *compiler) param(p *Param) {
	spots, ok := follow(p.Expression, c.starts)
	if !ok {
		c.slow(p)
		return
	}
	c.plan.shapes[p] = c.registry.shape(spots)
	if p.rowsElsewhere() {
		return
	}
	for _, s := range spots {
		e := emit{param: p, typ: s.typ.Name, convert: p.converter()}
		for _, part := range p.Components {
			e.parts = append(e.parts, c.component(p, part, s))
		}
		s.at.emits = append(s.at.emits, e)
	}
}

func (c *compiler) slow(p *Param) {
	expr, err := path.Compile(p.Expression)
	if err != nil {
		c.plan.faults = append(c.plan.faults, p.Code+": "+err.Error())
		return
	}
	c.plan.shapes[p] = &shape{implied: p.Kind == Token} // a computed boolean
	if !p.rowsElsewhere() {
		c.plan.slow = append(c.plan.slow, slow{p, expr})
	}
}

// component compiles a part of a composite that stands at a spot.
func (c *compiler) component(p *Param, part Component, at spot) *component {
	root := c.starts[p.Type]
	k := &component{part.Param.Kind, &place{}, &place{}}
	spots, ok := follow(part.Expression, map[string]spot{
		"": {at: k.local, typ: at.typ}, "%resource": {at: k.whole, typ: root.typ},
	})
	if !ok {
		c.plan.faults = append(c.plan.faults, p.Code+": a component's expression is no plain path")
	}
	for _, s := range spots {
		s.at.emits = append(s.at.emits, emit{param: part.Param, typ: s.typ.Name})
	}
	k.local.prune()
	k.whole.prune()
	return k
}

// compartment adds the Patients that a reference parameter leads to.
func (c *compiler) compartment(own, by *Param) {
	spots, ok := follow(by.Expression, c.starts)
	if !ok {
		c.plan.faults = append(c.plan.faults, by.Code+": leads into the compartment by no plain path")
	}
	for _, s := range spots {
		s.at.emits = append(s.at.emits, emit{param: own, typ: s.typ.Name, convert: patients})
	}
}

func (r *Registry) shape(spots []spot) *shape {
	s := &shape{implied: len(spots) > 0, folded: len(spots) > 0}
	for i, spot := range spots {
		name := spot.typ.Name
		s.typed = s.typed || name == "Identifier"
		s.implied = s.implied && (name == "code" || name == "boolean")
		s.folded = s.folded && (name == "string" || name == "ContactPoint")
		system := r.systems[spot.valueSet]
		if name == "boolean" {
			system = "http://terminology.hl7.org/CodeSystem/special-values"
		}
		if i > 0 && system != s.system {
			system = ""
		}
		s.system = system
	}
	return s
}

// values are where the walk of a component found something.
func (k *component) values(root, at tree.Value, use func(typ string, v tree.Value)) {
	visit := func(e *emit, v tree.Value) { use(e.typ, v) }
	k.local.walk(at, visit)
	k.whole.walk(root, visit)
}
