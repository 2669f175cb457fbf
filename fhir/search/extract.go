package search

import (
	"cmp"
	"fmt"
	"slices"

	"tributary/fhir/tree"
)

// Extract returns the index rows of a resource, sorted and without doubles.
// base is the service's own FHIR base URL: absolute references to it count as
// relative. Values that do not have the form of their type give no row. The error
// says that an expression could not be evaluated.
func (r *Registry) Extract(typ, id string, root tree.Value, base string) (Entries, error) {
	t, ok := r.typ(typ)
	if !ok || t.name == "" {
		return Entries{}, fmt.Errorf("search: %q is no resource type", typ)
	}
	p := t.plan()
	x := extraction{base: base, root: root}
	p.root.walk(root, x.visit)
	for _, s := range p.slow {
		if err := x.slow(s); err != nil && !s.param.Custom { // a client's expression must not hinder writes: no row, then
			return Entries{}, fmt.Errorf("search: %s.%s: %w", typ, s.param.Code, err)
		}
	}
	if own := t.byCode[Compartment]; typ == "Patient" && own != nil {
		x.References = append(x.References, ReferenceEntry{own.Number, int64(KeyOf(typ, id))})
	}
	x.courses(p.course)
	x.Entries.settle()
	return x.Entries, nil
}

// extraction collects the rows of one resource; its other fields are reused
// from value to value.
type extraction struct {
	Entries
	base    string
	root    tree.Value
	codings []coding
	hashes  []int64
	texts   []string
}

func (x *extraction) visit(e *emit, v tree.Value) { e.convert(x, e, v) }

// slow evaluates an expression that is not a plain path.
func (x *extraction) slow(s slow) error {
	items, err := s.expr.Eval(x.root, nil)
	if err != nil {
		return err
	}
	for _, item := range items {
		v, ok := item.Node()
		if ok {
			converters[s.param.Kind](x, &emit{param: s.param, typ: item.Type()}, v)
		} else if s.param.Kind == Token {
			x.token(s.param.Number, coding{code: item.String(), implied: true})
		}
	}
	return nil
}

// converter turns a value into rows.
type converter func(x *extraction, e *emit, v tree.Value)

var converters [Composite + 1]converter

func init() {
	converters = [Composite + 1]converter{
		Special: func(*extraction, *emit, tree.Value) {},
		Token:   tokenRows, Reference: referenceRows, String: stringRows, Date: dateRows,
		Number: quantityRows, Quantity: quantityRows, URI: uriRows, Composite: compositeRows,
	}
}

// converter is that of the kind, but for the parameters whose rows are computed.
func (p *Param) converter() converter {
	switch p.Code {
	case Near:
		return positionRows
	case Phonetic:
		return soundRows
	}
	return converters[p.Kind]
}

func tokenRows(x *extraction, e *emit, v tree.Value) {
	x.codings = codings(x.codings[:0], v, e.typ)
	for _, c := range x.codings {
		x.token(e.param.Number, c)
	}
	if e.typ == "Identifier" {
		x.typed(e.param.Number, v)
	}
}

// typed adds the rows of an identifier by its type (:of-type).
func (x *extraction) typed(number int32, v tree.Value) {
	value := v.Get("value").Text()
	for c := range v.At("type", "coding").Elements() {
		if code := c.Get("code").Text(); code != "" && value != "" {
			x.Tokens = append(x.Tokens, TokenEntry{number, typedHash(c.Get("system").Text(), code, value)})
		}
	}
}

func (x *extraction) token(number int32, c coding) {
	x.hashes = c.rows(x.hashes[:0])
	for _, hash := range x.hashes {
		x.Tokens = append(x.Tokens, TokenEntry{number, hash})
	}
}

// referenceRows keep a canonical with a version also without it, and the
// identifier of a Reference as tokens of the same number (:identifier).
func referenceRows(x *extraction, e *emit, v tree.Value) {
	if e.typ == "Reference" {
		x.codings = identifierTokens(x.codings[:0], v.Get("identifier"))
		for _, c := range x.codings {
			x.token(e.param.Number, c)
		}
	}
	text := referenceText(v, e.typ)
	hash, ok := Target(text, x.base)
	if !ok {
		return
	}
	x.References = append(x.References, ReferenceEntry{e.param.Number, hash})
	if hash, ok = versioned(text, x.base); ok {
		x.References = append(x.References, ReferenceEntry{e.param.Number, hash})
	}
	if plain := withoutVersion(v.Text()); e.typ == "canonical" && plain != v.Text() {
		if hash, ok = Target(plain, x.base); ok {
			x.References = append(x.References, ReferenceEntry{e.param.Number, hash})
		}
	}
}

// patients adds the compartments that a reference leads to.
func patients(x *extraction, e *emit, v tree.Value) {
	if typ, id, ok := Own(referenceText(v, e.typ), x.base); ok && typ == "Patient" {
		x.References = append(x.References, ReferenceEntry{e.param.Number, int64(KeyOf(typ, id))})
	}
}

func stringRows(x *extraction, e *emit, v tree.Value) {
	x.texts = texts(x.texts[:0], v, e.typ)
	for _, text := range x.texts {
		x.Strings = append(x.Strings, StringEntry{e.param.Number, Fold(text), exact(text)})
	}
}

func dateRows(x *extraction, e *emit, v tree.Value) {
	if i, ok := dates(v, e.typ); ok {
		x.Dates = append(x.Dates, DateEntry{e.param.Number, i.lo, i.hi})
	}
}

func quantityRows(x *extraction, e *emit, v tree.Value) {
	a, ok := quantity(v, e.typ)
	if !ok {
		return
	}
	a.sent.Param = e.param.Number
	x.Quantities = append(x.Quantities, a.sent)
	if a.scaled.System != 0 {
		a.scaled.Param = e.param.Number
		x.Quantities = append(x.Quantities, a.scaled)
	}
}

// uriRows keep a canonical with a version also without it.
func uriRows(x *extraction, e *emit, v tree.Value) {
	if text := storable(v.Text()); text != "" {
		x.URIs = append(x.URIs, URIEntry{e.param.Number, text})
		if plain := withoutVersion(text); e.typ == "canonical" && plain != text {
			x.URIs = append(x.URIs, URIEntry{e.param.Number, plain})
		}
	}
}

// settle sorts the rows and drops doubles, such as two codings of one system.
func (e *Entries) settle() {
	e.Tokens = settle(e.Tokens, func(a, b TokenEntry) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Hash, b.Hash))
	})
	e.References = settle(e.References, func(a, b ReferenceEntry) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Target, b.Target))
	})
	e.Strings = settle(e.Strings, func(a, b StringEntry) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Folded, b.Folded), cmp.Compare(a.Exact, b.Exact))
	})
	e.Dates = settle(e.Dates, func(a, b DateEntry) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi))
	})
	e.Quantities = settle(e.Quantities, compareQuantities)
	e.URIs = settle(e.URIs, func(a, b URIEntry) int {
		return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Value, b.Value))
	})
	e.Composites = settle(e.Composites, compareComposites)
	e.Courses = settle(e.Courses, func(a, b CourseEntry) int { return cmp.Compare(a.Patient, b.Patient) })
}

func compareQuantities(a, b QuantityEntry) int {
	return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi),
		cmp.Compare(a.System, b.System), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Unit, b.Unit))
}

func compareComposites(a, b CompositeEntry) int {
	return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.First, b.First),
		compareCells(a.Second, b.Second), compareCells(a.Third, b.Third))
}

func compareCells(a, b Cell) int {
	return cmp.Or(cmp.Compare(a.Lo, b.Lo), cmp.Compare(a.Hi, b.Hi),
		cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B), cmp.Compare(a.C, b.C))
}

func settle[T comparable](rows []T, compare func(a, b T) int) []T {
	slices.SortFunc(rows, compare)
	return slices.Compact(rows)
}
