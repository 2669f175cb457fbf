package storetest

import (
	"pgregory.net/rapid"

	"tributary/fhir/search"
)

var prefixes = rapid.SampledFrom([]search.Prefix{search.Eq, search.Ne, search.Gt, search.Lt, search.Ge, search.Le,
	search.Sa, search.Eb, search.Ap})

// values draw a value for a parameter of each kind.
var values = map[search.Kind]func(t *rapid.T) search.Value{
	search.Token: func(t *rapid.T) search.Value { return search.TokenValue{Hash: hashes.Draw(t, "token")} },
	search.Reference: func(t *rapid.T) search.Value {
		return search.ReferenceValue{Targets: rapid.SliceOfN(rapid.Custom(target), 1, 2).Draw(t, "targets")}
	},
	search.String: func(t *rapid.T) search.Value {
		word := words.Draw(t, "word")
		v := search.StringValue{Mode: rapid.SampledFrom([]search.StringMode{search.Starts, search.Exact, search.Contains, search.Whole, search.Ends}).Draw(t, "mode")}
		if v.Mode == search.Exact {
			v.Text = word
			if rapid.Bool().Draw(t, "with folded") {
				v.Folded = word
			}
		} else {
			v.Folded = word
		}
		return v
	},
	search.Date: func(t *rapid.T) search.Value {
		lo := micros.Draw(t, "lo")
		return search.DateValue{Prefix: prefixes.Draw(t, "prefix"), Lo: lo, Hi: lo + rapid.Int64Range(0, 3).Draw(t, "length")}
	},
	search.Number:   func(t *rapid.T) search.Value { return numberValue(t) },
	search.Quantity: func(t *rapid.T) search.Value { return quantityValue(t) },
	search.URI: func(t *rapid.T) search.Value {
		return search.URIValue{Mode: rapid.SampledFrom([]search.StringMode{search.Exact, search.Below, search.Above}).Draw(t, "mode"), Text: uris.Draw(t, "uri")}
	},
	search.Composite: func(t *rapid.T) search.Value {
		return search.CompositeValue{Parts: []search.Value{search.TokenValue{Hash: hashes.Draw(t, "first")}, second(t)}}
	},
}

func second(t *rapid.T) search.Value {
	if rapid.Bool().Draw(t, "token second") {
		return search.TokenValue{Hash: rapid.Int64Range(0, 2).Draw(t, "second")}
	}
	return quantityValue(t)
}

func numberValue(t *rapid.T) search.NumberValue {
	v := amounts.Draw(t, "number")
	return search.NumberValue{Prefix: prefixes.Draw(t, "prefix"), Value: v, Lo: v - 0.5, Hi: v + 0.5}
}

func quantityValue(t *rapid.T) search.QuantityValue {
	v := search.QuantityValue{NumberValue: numberValue(t), System: systems.Draw(t, "system"), Code: rapid.Int64Range(0, 2).Draw(t, "code")}
	if rapid.IntRange(0, 3).Draw(t, "in another unit") == 0 {
		v.Or = &search.QuantityValue{NumberValue: numberValue(t), System: systems.Draw(t, "other system")}
	}
	return v
}

// query draws a query; chains go depth levels down. known are resources to ask
// for by id and time.
func query(t *rapid.T, depth int, known []stored) search.Query {
	q := search.Query{Type: types.Draw(t, "of type")}
	p := params[q.Type]
	for range rapid.IntRange(0, 3).Draw(t, "clauses") {
		q.Where = append(q.Where, clause(t, p, depth, known))
	}
	return q
}

func clause(t *rapid.T, p typeParams, depth int, known []stored) search.Clause {
	kinds := []func() search.Clause{
		func() search.Clause { return valueClause(t, p) },
		func() search.Clause { return special(t, p, known) },
		func() search.Clause { return valueClause(t, p) },
	}
	if depth > 0 {
		kinds = append(kinds, func() search.Clause { return chain(t, p, depth, known) }, func() search.Clause { return union(t, p, depth, known) })
	}
	return kinds[rapid.IntRange(0, len(kinds)-1).Draw(t, "kind of clause")]()
}

// union is of up to three conjunctions, which may be empty.
func union(t *rapid.T, p typeParams, depth int, known []stored) search.Clause {
	c := search.Clause{Any: [][]search.Clause{}, Not: rapid.IntRange(0, 3).Draw(t, "none of") == 0}
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		var part []search.Clause
		for range rapid.IntRange(0, 2).Draw(t, "clauses of a part") {
			part = append(part, clause(t, p, depth-1, known))
		}
		c.Any = append(c.Any, part)
	}
	return c
}

func valueClause(t *rapid.T, p typeParams) search.Clause {
	c := search.Clause{Param: rapid.SampledFrom([]*search.Param{p.token, p.reference, p.str, p.date, p.num,
		p.quantity, p.uri, p.composite, p.tokens, p.amounts, p.composites}).Draw(t, "param")}
	switch rapid.IntRange(0, 5).Draw(t, "modifier") {
	case 0:
		c.Missing = rapid.SampledFrom([]search.Missing{search.IsMissing, search.IsPresent}).Draw(t, "missing")
		return c
	case 1:
		c.Not = true
	}
	for range rapid.IntRange(1, 2).Draw(t, "alternatives") {
		c.AnyOf = append(c.AnyOf, values[c.Param.Kind](t))
	}
	return c
}

// special asks for the id or the time of a resource.
func special(t *rapid.T, p typeParams, known []stored) search.Clause {
	c := search.Clause{Param: p.id, Not: rapid.IntRange(0, 3).Draw(t, "not") == 0}
	for range rapid.IntRange(1, 2).Draw(t, "alternatives") {
		c.AnyOf = append(c.AnyOf, search.IDValue{ID: name(rapid.IntRange(0, 12).Draw(t, "id"))})
	}
	if len(known) == 0 || rapid.Bool().Draw(t, "by id") {
		return c
	}
	at := rapid.SampledFrom(known).Draw(t, "as updated as").Updated.UnixMicro()
	c.Param, c.AnyOf = p.updated, []search.Value{search.DateValue{Prefix: prefixes.Draw(t, "prefix"), Lo: at, Hi: at + 20}}
	return c
}

func chain(t *rapid.T, p typeParams, depth int, known []stored) search.Clause {
	q, not := query(t, depth-1, known), rapid.IntRange(0, 3).Draw(t, "not") == 0
	if rapid.Bool().Draw(t, "reverse") {
		return search.Clause{Param: params[q.Type].reference, Not: not, Chain: &search.Chain{Reverse: true, Query: q}}
	}
	return search.Clause{Param: p.reference, Not: not, Chain: &search.Chain{Query: q}}
}
