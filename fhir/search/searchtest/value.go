package searchtest

import (
	"slices"
	"strings"

	"tributary/fhir/search"
)

// value tells whether a row of the parameter has the value.
func value(p *search.Param, v search.Value, d Doc) bool {
	n, e := p.Numbers(), d.Entries
	switch v := v.(type) {
	case search.IDValue:
		return v.ID == d.ID
	case search.TokenValue:
		return some(e.Tokens, func(r search.TokenEntry) bool { return slices.Contains(n, r.Param) && r.Hash == v.Hash })
	case search.ReferenceValue:
		return some(e.References, func(r search.ReferenceEntry) bool { return slices.Contains(n, r.Param) && among(r.Target, v.Targets) })
	case search.StringValue:
		return some(e.Strings, func(r search.StringEntry) bool { return slices.Contains(n, r.Param) && text(r, v) })
	case search.URIValue:
		return some(e.URIs, func(r search.URIEntry) bool { return slices.Contains(n, r.Param) && uri(r.Value, v) })
	case search.DateValue:
		if p.Code == search.LastUpdated {
			at := d.Updated.UnixMicro()
			return interval(v.Prefix, at, at, v.Lo, v.Hi)
		}
		return some(e.Dates, func(r search.DateEntry) bool {
			return slices.Contains(n, r.Param) && interval(v.Prefix, r.Lo, r.Hi, v.Lo, v.Hi)
		})
	case search.NumberValue:
		return some(e.Quantities, func(r search.QuantityEntry) bool { return slices.Contains(n, r.Param) && number(v, r.Lo, r.Hi) })
	case search.QuantityValue:
		return some(e.Quantities, func(r search.QuantityEntry) bool {
			return slices.Contains(n, r.Param) && quantity(v, r)
		})
	case search.TextValue:
		return v.Found(d.Text)
	case search.NearValue:
		return some(e.Composites, func(r search.CompositeEntry) bool { return slices.Contains(n, r.Param) && v.Holds(r) })
	case search.CompositeValue:
		return some(e.Composites, func(r search.CompositeEntry) bool { return slices.Contains(n, r.Param) && composite(r, v) })
	}
	return false
}

func among(hash int64, hashes []int64) bool {
	for _, h := range hashes {
		if h == hash {
			return true
		}
	}
	return false
}

func text(r search.StringEntry, v search.StringValue) bool {
	switch v.Mode {
	case search.Exact:
		return r.Exact == v.Text
	case search.Contains:
		return strings.Contains(r.Folded, v.Folded)
	case search.Whole:
		return r.Folded == v.Folded
	case search.Ends:
		return strings.HasSuffix(r.Folded, v.Folded)
	}
	return strings.HasPrefix(r.Folded, v.Folded)
}

func uri(stored string, v search.URIValue) bool {
	switch v.Mode {
	case search.Below:
		return under(stored, v.Text)
	case search.Above:
		return under(v.Text, stored)
	}
	return stored == v.Text
}

// under tells whether a uri is another one or has it as a prefix of whole segments.
func under(uri, root string) bool {
	return uri == root || strings.HasPrefix(uri, strings.TrimRight(root, "/")+"/")
}

// interval compares a stored interval with the asked one [low, high].
func interval[T int64 | float64](p search.Prefix, lo, hi, low, high T) bool {
	inside := lo >= low && hi <= high
	switch p {
	case search.Ne:
		return !inside
	case search.Gt:
		return hi > high
	case search.Lt:
		return lo < low
	case search.Ge:
		return hi > high || inside
	case search.Le:
		return lo < low || inside
	case search.Sa:
		return lo > high
	case search.Eb:
		return hi < low
	case search.Ap:
		return lo <= high && hi >= low
	}
	return inside
}

// number compares a stored number or range: the range of the asked one has no
// upper end, and with an order prefix it is exactly what was written.
func number(v search.NumberValue, lo, hi float64) bool {
	switch v.Prefix {
	case search.Eq:
		return lo >= v.Lo && hi < v.Hi
	case search.Ne:
		return lo < v.Lo || hi >= v.Hi
	case search.Ap:
		return lo <= v.Hi && hi >= v.Lo
	case search.Ge:
		return hi >= v.Value
	case search.Le:
		return lo <= v.Value
	}
	return interval(v.Prefix, lo, hi, v.Value, v.Value)
}

// quantity matches a row in one of the units that the value may be kept in.
func quantity(v search.QuantityValue, r search.QuantityEntry) bool {
	if v.Or != nil && quantity(*v.Or, r) {
		return true
	}
	sent := r.System == 0 || r.Code != 0
	switch {
	case v.System != 0 && v.System != r.System, v.Code != 0 && v.Code != r.Code && v.Code != r.Unit:
		return false
	case v.System == 0 && v.Code == 0 && !sent:
		return false
	}
	return number(v.NumberValue, r.Lo, r.Hi)
}

func composite(r search.CompositeEntry, v search.CompositeValue) bool {
	if !first(r.First, v.Parts[0]) {
		return false
	}
	for i, cell := range []search.Cell{r.Second, r.Third}[:len(v.Parts)-1] {
		if !inCell(cell, v.Parts[i+1]) {
			return false
		}
	}
	return true
}

func first(hash int64, v search.Value) bool {
	switch v := v.(type) {
	case search.TokenValue:
		return hash == v.Hash
	case search.ReferenceValue:
		return among(hash, v.Targets)
	case search.StringValue:
		return hash == search.Hash(v.Folded)
	}
	return false
}

func inCell(c search.Cell, v search.Value) bool {
	switch v := v.(type) {
	case search.TokenValue:
		return v.Hash != 0 && among(v.Hash, []int64{c.A, c.B, c.C})
	case search.ReferenceValue:
		return among(c.A, v.Targets)
	case search.StringValue:
		return c.A == search.Hash(v.Folded)
	case search.DateValue:
		return interval(v.Prefix, c.Lo, c.Hi, float64(v.Lo), float64(v.Hi))
	case search.NumberValue:
		return number(v, c.Lo, c.Hi)
	case search.QuantityValue:
		return quantity(v, search.QuantityEntry{Lo: c.Lo, Hi: c.Hi, System: c.A, Code: c.B, Unit: c.C})
	}
	return false
}
