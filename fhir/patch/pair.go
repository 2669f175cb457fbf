package patch

import (
	"bytes"
	"strconv"

	"tributary/fhir/tree"
)

// An element of primitive type stands in two members, "name" and "_name": a pair,
// whose lists go in step.

// insertPair puts an element into a list of n.
func (d *document) insertPair(s slot, n int, r rendered) error {
	if err := d.insertSide(s.owner.below(s.name), s.index, n, r.value); err != nil {
		return err
	}
	return d.insertSide(s.owner.below("_"+s.name), s.index, n, r.extensions)
}

func (d *document) insertSide(list pointer, i, n int, raw []byte) error {
	switch there := d.optional(list).Exists(); {
	case !there && raw == nil:
		return nil
	case !there:
		return d.add(list, sparse(n+1, i, raw))
	}
	return d.add(list.below(strconv.Itoa(i)), orNull(raw))
}

// replacePair puts an element in the place of one in a list.
func (d *document) replacePair(s slot, r rendered) error {
	n := d.length(s.owner, s.name)
	if err := d.replaceSide(s.owner.below(s.name), s.index, n, r.value); err != nil {
		return err
	}
	return d.replaceSide(s.owner.below("_"+s.name), s.index, n, r.extensions)
}

func (d *document) replaceSide(list pointer, i, n int, raw []byte) error {
	switch there := d.optional(list).Exists(); {
	case !there && raw == nil:
		return nil
	case !there:
		return d.add(list, sparse(n, i, raw))
	}
	return d.replace(list.below(strconv.Itoa(i)), orNull(raw))
}

// sparse is a list of n items, all null but one.
func sparse(n, i int, raw []byte) []byte {
	items := bytes.Split(bytes.Repeat([]byte("null,"), n), []byte{','})[:n]
	items[i] = raw
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']')
}

func orNull(raw []byte) []byte {
	if raw == nil {
		return []byte("null")
	}
	return raw
}

// removePair takes an element out, value and extensions.
func (d *document) removePair(s slot) error {
	for _, side := range []string{s.name, "_" + s.name} {
		p := s.owner.below(side)
		if s.index >= 0 {
			p = p.below(strconv.Itoa(s.index))
		}
		if !d.optional(p).Exists() {
			continue
		}
		if err := d.remove(p); err != nil {
			return err
		}
	}
	return nil
}

// putPair sets an element outside of a list, which may get another name.
func (d *document) putPair(owner pointer, old, name string, r rendered) error {
	if err := d.putSide(owner, old, name, r.value); err != nil {
		return err
	}
	return d.putSide(owner, "_"+old, "_"+name, r.extensions)
}

func (d *document) putSide(owner pointer, old, name string, raw []byte) error {
	v := d.optional(owner.below(old))
	switch {
	case !v.Exists() && raw == nil:
		return nil
	case !v.Exists():
		return d.add(owner.below(name), raw)
	case raw == nil:
		return d.remove(owner.below(old))
	case old == name:
		return d.apply(tree.Replace(v, raw))
	}
	start, end := v.KeySpan()
	return d.apply(tree.Edit{Start: start, End: end, New: quote(name)}, tree.Replace(v, raw))
}
