package search

import "tributary/fhir/tree"

// compositeRows adds one occurrence of a composite: each form of its first
// component with each combination of the further ones (R4, section 3.1.1.4.16).
func compositeRows(x *extraction, e *emit, v tree.Value) {
	if len(e.parts) < 2 {
		return
	}
	first := x.firsts(e.parts[0], v)
	if len(first) == 0 {
		return
	}
	seconds, thirds := x.cells(e.parts[1], v), []Cell{{}}
	if len(e.parts) > 2 {
		thirds = x.cells(e.parts[2], v)
	}
	for _, f := range first {
		for _, second := range seconds {
			for _, third := range thirds {
				x.Composites = append(x.Composites, CompositeEntry{e.param.Number, f, second, third})
			}
		}
	}
}

// firsts are the forms of a composite's first component. A token has no
// system| form here: ParseQuery asks for a code.
func (x *extraction) firsts(k *component, at tree.Value) []int64 {
	var all []int64
	for _, c := range x.cells(k, at) {
		if k.kind != Token {
			all = append(all, c.A)
			continue
		}
		if all = append(all, c.B); c.A != c.B {
			all = append(all, c.A)
		}
	}
	return all
}

// cells are the values of a component.
func (x *extraction) cells(k *component, at tree.Value) []Cell {
	var all []Cell
	k.values(x.root, at, func(typ string, v tree.Value) {
		all = append(all, cellsOf[k.kind](x.base, typ, v)...)
	})
	return all
}

// cellsOf gives the cells of one value, by the kind of the component.
var cellsOf = map[Kind]func(base, typ string, v tree.Value) []Cell{
	Token: tokenCells, Reference: referenceCells, String: stringCells, Date: dateCells,
	Number: quantityCells, Quantity: quantityCells, URI: uriCells,
}

func tokenCells(_, typ string, v tree.Value) []Cell {
	var cells []Cell
	for _, c := range codings(nil, v, typ) {
		if c.code != "" {
			cells = append(cells, c.cell())
		}
	}
	return cells
}

func referenceCells(base, typ string, v tree.Value) []Cell {
	if hash, ok := target(v, typ, base); ok {
		return []Cell{{A: hash}}
	}
	return nil
}

func stringCells(_, typ string, v tree.Value) []Cell {
	var cells []Cell
	for _, text := range texts(nil, v, typ) {
		cells = append(cells, Cell{A: Hash(Fold(text))})
	}
	return cells
}

func uriCells(_, _ string, v tree.Value) []Cell { return []Cell{{A: Hash(v.Text())}} }

func dateCells(_, typ string, v tree.Value) []Cell {
	if i, ok := dates(v, typ); ok {
		return []Cell{{Lo: float64(i.lo), Hi: float64(i.hi)}}
	}
	return nil
}

func quantityCells(_, typ string, v tree.Value) []Cell {
	a, ok := quantity(v, typ)
	switch {
	case !ok:
		return nil
	case a.scaled.System == 0:
		return []Cell{a.sent.cell()}
	}
	return []Cell{a.sent.cell(), a.scaled.cell()}
}

func (q QuantityEntry) cell() Cell {
	return Cell{Lo: q.Lo, Hi: q.Hi, A: q.System, B: q.Code, C: q.Unit}
}
