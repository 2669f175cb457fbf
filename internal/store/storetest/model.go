package storetest

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"tributary/fhir/search"
)

// world answers queries by looking at every resource: what the backends are
// compared with. It follows the specification's words, not their SQL.
type world []stored

func (w world) find(q search.Query) []stored {
	var out []stored
	for _, r := range w {
		if w.matches(r, q) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b stored) int { return order(a, b, q.Sort) })
	return out
}

func (w world) matches(r stored, q search.Query) bool {
	if q.Type != "" && r.Type != q.Type {
		return false
	}
	return !slices.ContainsFunc(q.Where, func(c search.Clause) bool { return !w.holds(r, c) })
}

func (w world) holds(r stored, c search.Clause) bool {
	switch {
	case c.Any != nil:
		return c.Not != slices.ContainsFunc(c.Any, func(part []search.Clause) bool {
			return w.matches(r, search.Query{Where: part})
		})
	case c.Chain != nil && c.Chain.Reverse:
		return c.Not != slices.ContainsFunc(w, func(other stored) bool {
			return refers(other, c.Param, r) && w.matches(other, c.Chain.Query)
		})
	case c.Chain != nil:
		return c.Not != slices.ContainsFunc(w, func(other stored) bool {
			return refers(r, c.Param, other) && w.matches(other, c.Chain.Query)
		})
	case c.Missing != search.NotAsked:
		return (present(r, c.Param) == 0) == (c.Missing == search.IsMissing)
	}
	any := slices.ContainsFunc(c.AnyOf, func(v search.Value) bool { return has(r, c.Param, v) })
	return any != c.Not
}

func refers(from stored, p *search.Param, to stored) bool {
	return slices.Contains(from.entries.References, search.ReferenceEntry{Param: p.Number, Target: int64(to.Key())})
}

func present(r stored, p *search.Param) int {
	n, e, numbers := 0, r.entries, p.Numbers()
	count := func(param int32) {
		if slices.Contains(numbers, param) {
			n++
		}
	}
	for _, x := range e.Tokens {
		count(x.Param)
	}
	for _, x := range e.References {
		count(x.Param)
	}
	for _, x := range e.Strings {
		count(x.Param)
	}
	for _, x := range e.Dates {
		count(x.Param)
	}
	for _, x := range e.Quantities {
		count(x.Param)
	}
	for _, x := range e.URIs {
		count(x.Param)
	}
	for _, x := range e.Composites {
		count(x.Param)
	}
	return n
}

func has(r stored, p *search.Param, v search.Value) bool {
	e, numbers := r.entries, p.Numbers()
	switch v := v.(type) {
	case search.IDValue:
		return r.ID == v.ID
	case search.TokenValue:
		return slices.ContainsFunc(e.Tokens, func(x search.TokenEntry) bool { return slices.Contains(numbers, x.Param) && x.Hash == v.Hash })
	case search.ReferenceValue:
		return slices.ContainsFunc(v.Targets, func(target int64) bool {
			return slices.Contains(e.References, search.ReferenceEntry{Param: p.Number, Target: target})
		})
	case search.StringValue:
		return slices.ContainsFunc(e.Strings, func(x search.StringEntry) bool { return slices.Contains(numbers, x.Param) && stringIs(x, v) })
	case search.URIValue:
		return slices.ContainsFunc(e.URIs, func(x search.URIEntry) bool { return slices.Contains(numbers, x.Param) && uriIs(x.Value, v) })
	case search.DateValue:
		if p.Code == search.LastUpdated {
			at := r.Updated.UnixMicro()
			return dateIs(at, at, v)
		}
		return slices.ContainsFunc(e.Dates, func(x search.DateEntry) bool { return slices.Contains(numbers, x.Param) && dateIs(x.Lo, x.Hi, v) })
	case search.NumberValue:
		return slices.ContainsFunc(e.Quantities, func(x search.QuantityEntry) bool { return slices.Contains(numbers, x.Param) && numberIs(x.Lo, x.Hi, v) })
	case search.QuantityValue:
		return slices.ContainsFunc(e.Quantities, func(x search.QuantityEntry) bool {
			return slices.Contains(numbers, x.Param) && quantityIs(x, v)
		})
	case search.CompositeValue:
		return slices.ContainsFunc(e.Composites, func(x search.CompositeEntry) bool { return slices.Contains(numbers, x.Param) && compositeIs(x, v) })
	}
	return false
}

func stringIs(x search.StringEntry, v search.StringValue) bool {
	switch v.Mode {
	case search.Exact:
		return x.Exact == v.Text
	case search.Contains:
		return strings.Contains(x.Folded, v.Folded)
	case search.Whole:
		return x.Folded == v.Folded
	case search.Ends:
		return strings.HasSuffix(x.Folded, v.Folded)
	}
	return strings.HasPrefix(x.Folded, v.Folded)
}

func uriIs(uri string, v search.URIValue) bool {
	under := func(low, high string) bool {
		return low == high || strings.HasPrefix(low, strings.TrimRight(high, "/")+"/")
	}
	switch v.Mode {
	case search.Below:
		return under(uri, v.Text)
	case search.Above:
		return uri == v.Text || strings.Contains(v.Text, "://") && under(v.Text, uri)
	}
	return uri == v.Text
}

// dateIs compares as R4, section 3.1.1.4.5 puts it.
func dateIs(lo, hi int64, v search.DateValue) bool {
	inside := v.Lo <= lo && hi <= v.Hi
	switch v.Prefix {
	case search.Ne:
		return !inside
	case search.Gt:
		return hi > v.Hi // the range above the value overlaps
	case search.Lt:
		return lo < v.Lo
	case search.Ge:
		return hi > v.Hi || inside
	case search.Le:
		return lo < v.Lo || inside
	case search.Sa:
		return lo > v.Hi
	case search.Eb:
		return hi < v.Lo
	case search.Ap:
		return lo <= v.Hi && v.Lo <= hi
	}
	return inside
}

func numberIs(lo, hi float64, v search.NumberValue) bool {
	inside := v.Lo <= lo && hi < v.Hi
	switch v.Prefix {
	case search.Ne:
		return !inside
	case search.Gt:
		return hi > v.Value
	case search.Lt:
		return lo < v.Value
	case search.Ge:
		return hi >= v.Value
	case search.Le:
		return lo <= v.Value
	case search.Sa:
		return lo > v.Value
	case search.Eb:
		return hi < v.Value
	case search.Ap:
		return lo <= v.Hi && v.Lo <= hi
	}
	return inside
}

func quantityIs(x search.QuantityEntry, v search.QuantityValue) bool {
	if v.Or != nil && quantityIs(x, *v.Or) {
		return true
	}
	converted := x.System != 0 && x.Code == 0
	return numberIs(x.Lo, x.Hi, v.NumberValue) && (v.System == 0 || v.System == x.System) &&
		(v.Code == 0 || v.Code == x.Code || v.Code == x.Unit) && (v.System != 0 || v.Code != 0 || !converted)
}

func compositeIs(x search.CompositeEntry, v search.CompositeValue) bool {
	if first, ok := v.Parts[0].(search.TokenValue); !ok || first.Hash != x.First {
		return false
	}
	c := x.Second
	switch second := v.Parts[1].(type) {
	case search.TokenValue:
		return second.Hash != 0 && slices.Contains([]int64{c.A, c.B, c.C}, second.Hash)
	case search.QuantityValue:
		return quantityIs(search.QuantityEntry{Lo: c.Lo, Hi: c.Hi, System: c.A, Code: c.B, Unit: c.C}, second)
	}
	return false
}

// order compares by the sort keys, those without a value last, then by key.
func order(a, b stored, sorts []search.Sort) int {
	last := 1
	for _, s := range sorts {
		if last = 1; s.Descending {
			last = -1
		}
		x, hasX := sortKey(a, s)
		y, hasY := sortKey(b, s)
		switch {
		case hasX != hasY && hasX:
			return -1
		case hasX != hasY:
			return 1
		case !hasX:
			continue
		}
		if c := cmp.Or(cmp.Compare(x.number, y.number), cmp.Compare(x.text, y.text)); c != 0 {
			return last * c
		}
	}
	return last * cmp.Compare(a.Key(), b.Key())
}

type sortable struct {
	number float64 // exact for the small times and amounts of these tests
	text   string
}

func sortKey(r stored, s search.Sort) (sortable, bool) {
	var all []sortable
	add := func(param int32, lo, hi sortable) {
		if slices.Contains(s.Param.Numbers(), param) {
			all = append(all, lo)
			if s.Descending {
				all[len(all)-1] = hi
			}
		}
	}
	switch s.Param.Code {
	case search.ID:
		return sortable{text: r.ID}, true
	case search.LastUpdated:
		return sortable{number: float64(r.Updated.UnixMicro())}, true
	}
	for _, d := range r.entries.Dates {
		add(d.Param, sortable{number: float64(d.Lo)}, sortable{number: float64(d.Hi)})
	}
	comparable := slices.ContainsFunc(r.entries.Quantities, func(q search.QuantityEntry) bool {
		return q.System != 0 && slices.Contains(s.Param.Numbers(), q.Param)
	})
	for _, q := range r.entries.Quantities {
		if lo, hi, known := q.SortBounds(); known == comparable {
			add(q.Param, sortable{number: lo}, sortable{number: hi})
		}
	}
	for _, x := range r.entries.Strings {
		add(x.Param, sortable{text: x.Folded}, sortable{text: x.Folded})
	}
	for _, u := range r.entries.URIs {
		add(u.Param, sortable{text: u.Value}, sortable{text: u.Value})
	}
	return extreme(all, s.Descending)
}

func extreme(all []sortable, descending bool) (sortable, bool) {
	if len(all) == 0 {
		return sortable{number: math.NaN()}, false
	}
	compare := func(a, b sortable) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.text, b.text)) }
	if descending {
		return slices.MaxFunc(all, compare), true
	}
	return slices.MinFunc(all, compare), true
}
