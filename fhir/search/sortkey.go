package search

import (
	"fmt"
	"math"
	"slices"

	"tributary/fhir/tree"
)

// Indexed tells whether an index holds the values of the parameter in an order
// that means something. Tokens and references are kept as hashes: what is sorted by
// them is read from the resources themselves, by SortKey.
func (p *Param) Indexed() bool {
	switch p.Kind {
	case String, Date, Number, Quantity, URI:
		return true
	}
	return p.Code == ID
}

// Sortable tells whether _sort may name the parameter (R4, section 3.1.1.5.1):
// a composite has no order of its own, nor have the special ones.
func (p *Param) Sortable() bool {
	return p.Indexed() && p.Code != Phonetic || p.Code != Compartment && (p.Kind == Token || p.Kind == Reference)
}

// SortKey is what a resource is sorted by: of several values the smallest, or
// the largest when descending. Keys compare as bytes. A token goes by its code, an
// identifier or contact by its value, a concept without coding by its text; a
// reference by Type/id, or the URL as written. Without a value there is no key.
func (r *Registry) SortKey(typ, id string, s Sort, root tree.Value, base string) (key string, ok bool, err error) {
	t, known := r.typ(typ)
	if !known {
		return "", false, fmt.Errorf("search: %q is no resource type", typ)
	}
	k := extreme{descending: s.Descending}
	switch {
	case s.Param.Code == ID:
		k.add(id)
	case s.Param.Indexed():
		err = r.indexedKeys(typ, id, s.Param, root, base, &k)
	default:
		err = t.plan().sortKeys(s.Param, root, base, &k)
	}
	return k.key, k.found, err
}

// extreme keeps the key that counts.
type extreme struct {
	key               string
	found, descending bool
}

func (k *extreme) add(key string) {
	if !k.found || (key < k.key) != k.descending && key != k.key {
		k.key, k.found = key, true
	}
}

// either adds one of the ends of a range.
func (k *extreme) either(lo, hi string) {
	if k.descending {
		lo = hi
	}
	k.add(lo)
}

// indexedKeys are those of the rows that the resource has in the index.
func (r *Registry) indexedKeys(typ, id string, p *Param, root tree.Value, base string, k *extreme) error {
	e, err := r.Extract(typ, id, root, base)
	numbers := p.Numbers()
	for _, s := range e.Strings {
		if slices.Contains(numbers, s.Param) {
			k.add(s.Folded)
		}
	}
	for _, u := range e.URIs {
		if slices.Contains(numbers, u.Param) {
			k.add(u.Value)
		}
	}
	for _, d := range e.Dates {
		if slices.Contains(numbers, d.Param) {
			k.either(TimeKey(d.Lo), TimeKey(d.Hi))
		}
	}
	quantityKeys(e.Quantities, numbers, k)
	return err
}

// quantityKeys go by the rows whose unit is known, if there are any.
func quantityKeys(rows []QuantityEntry, numbers []int32, k *extreme) {
	known := extreme{descending: k.descending}
	for _, q := range rows {
		if !slices.Contains(numbers, q.Param) {
			continue
		}
		lo, hi, comparable := q.SortBounds()
		if k.either(numberKey(lo), numberKey(hi)); comparable {
			known.either(numberKey(lo), numberKey(hi))
		}
	}
	if known.found {
		*k = known
	}
}

// TimeKey is a time in microseconds as a key that sorts like it.
func TimeKey(micros int64) string { return fmt.Sprintf("%016x", uint64(micros)^1<<63) }

// numberKey turns the bits of a float into ones that sort like the number.
func numberKey(n float64) string {
	bits := math.Float64bits(n)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return fmt.Sprintf("%016x", bits)
}

// sortKeys are those of a token or reference, from its places.
func (p *plan) sortKeys(param *Param, root tree.Value, base string, k *extreme) error {
	numbers := param.Numbers()
	p.root.walk(root, func(e *emit, v tree.Value) {
		if slices.Contains(numbers, e.param.Number) {
			param.sortKeysOf(v, e.typ, base, k)
		}
	})
	for _, s := range p.slow {
		if !slices.Contains(numbers, s.param.Number) {
			continue
		}
		items, err := s.expr.Eval(root, nil)
		if err != nil {
			return fmt.Errorf("search: sorting by %s: %w", param.Code, err)
		}
		for _, item := range items {
			if v, ok := item.Node(); ok {
				param.sortKeysOf(v, item.Type(), base, k)
			} else {
				k.add(item.String())
			}
		}
	}
	return nil
}

func (p *Param) sortKeysOf(v tree.Value, typ, base string, k *extreme) {
	if p.Kind == Reference {
		p.referenceKey(referenceText(v, typ), base, k)
		return
	}
	all := codings(nil, v, typ)
	for _, c := range all {
		if c.code != "" {
			k.add(c.code)
		}
	}
	if text := v.Get("text").Text(); typ == "CodeableConcept" && len(all) == 0 && text != "" {
		k.add(text)
	}
}

// referenceKey leaves out what a narrower parameter, such as patient, does not mean.
func (p *Param) referenceKey(text, base string, k *extreme) {
	typ, id, own := Own(text, base)
	switch {
	case own && (!p.narrows() || slices.Contains(p.Targets, typ)):
		k.add(typ + "/" + id)
	case !own && !p.narrows() && text != "" && text[0] != '#':
		k.add(text)
	}
}
