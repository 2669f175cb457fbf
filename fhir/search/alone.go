package search

import (
	"slices"
	"time"
)

// Alone is one version of a resource as conditions see it that are held against it
// alone, without the database: a version that is not stored yet, or no more.
type Alone struct {
	ID      string
	Updated time.Time
	Entries *Entries
}

// HoldsAlone tells whether conditions are about the resource's own rows. Chains,
// _has and _list need other resources, _text, _content and :text the full text.
func HoldsAlone(where []Clause) bool {
	return !slices.ContainsFunc(where, func(c Clause) bool { return !c.alone() })
}

func (c *Clause) alone() bool {
	if c.Any != nil {
		return !slices.ContainsFunc(c.Any, func(part []Clause) bool { return !HoldsAlone(part) })
	}
	return c.Chain == nil && c.Param != nil && !slices.ContainsFunc(c.AnyOf, func(v Value) bool {
		_, words := v.(TextValue)
		return words
	})
}

// Meets tells whether all conditions hold, of which HoldsAlone is true.
func (a Alone) Meets(where []Clause) bool {
	return !slices.ContainsFunc(where, func(c Clause) bool { return !a.meets(c) })
}

func (a Alone) meets(c Clause) bool {
	switch {
	case c.Any != nil:
		return slices.ContainsFunc(c.Any, a.Meets) != c.Not
	case c.Missing != NotAsked:
		return a.present(c.Param) == (c.Missing == IsPresent)
	}
	return slices.ContainsFunc(c.AnyOf, func(v Value) bool { return a.has(c.Param, v) }) != c.Not
}

// present tells whether there is any row of the parameter.
func (a Alone) present(p *Param) bool {
	if p.rowless() {
		return true
	}
	n, e := p.Numbers(), a.Entries
	of := func(number int32) bool { return slices.Contains(n, number) }
	return slices.ContainsFunc(e.Tokens, func(r TokenEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.References, func(r ReferenceEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Strings, func(r StringEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Dates, func(r DateEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Quantities, func(r QuantityEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.URIs, func(r URIEntry) bool { return of(r.Param) }) ||
		slices.ContainsFunc(e.Composites, func(r CompositeEntry) bool { return of(r.Param) })
}

// has tells whether a row of the parameter has the value.
func (a Alone) has(p *Param, v Value) bool {
	n, e := p.Numbers(), a.Entries
	of := func(number int32) bool { return slices.Contains(n, number) }
	switch v := v.(type) {
	case IDValue:
		return v.ID == a.ID
	case TokenValue:
		return slices.ContainsFunc(e.Tokens, func(r TokenEntry) bool { return of(r.Param) && r.Hash == v.Hash })
	case ReferenceValue:
		return slices.ContainsFunc(e.References, func(r ReferenceEntry) bool { return of(r.Param) && slices.Contains(v.Targets, r.Target) })
	case StringValue:
		return slices.ContainsFunc(e.Strings, func(r StringEntry) bool { return of(r.Param) && v.is(r) })
	case URIValue:
		return slices.ContainsFunc(e.URIs, func(r URIEntry) bool { return of(r.Param) && v.is(r.Value) })
	case DateValue:
		if p.Code == LastUpdated {
			at := a.Updated.UnixMicro()
			return compare(v.Prefix, at, at, v.Lo, v.Hi)
		}
		return slices.ContainsFunc(e.Dates, func(r DateEntry) bool { return of(r.Param) && compare(v.Prefix, r.Lo, r.Hi, v.Lo, v.Hi) })
	case NumberValue:
		return slices.ContainsFunc(e.Quantities, func(r QuantityEntry) bool { return of(r.Param) && v.is(r.Lo, r.Hi) })
	case QuantityValue:
		return slices.ContainsFunc(e.Quantities, func(r QuantityEntry) bool { return of(r.Param) && v.is(r) })
	case CompositeValue:
		return slices.ContainsFunc(e.Composites, func(r CompositeEntry) bool { return of(r.Param) && v.is(r) })
	case NearValue:
		return slices.ContainsFunc(e.Composites, func(r CompositeEntry) bool { return of(r.Param) && v.Holds(r) })
	}
	return false
}
