package fhir

import (
	"bytes"
	"slices"

	"tributary/fhir/tree"
)

// label is what becomes of meta.tag or meta.security: the client's codings but
// for those that the server owns or adds itself, then the server's. It is
// empty when nothing changes.
func (s Stamp) label(meta tree.Value, name string, add []Coding) []part {
	var items [][]byte
	changed := len(add) > 0
	for c := range meta.Get(name).Elements() {
		if s.owns(c) || slices.ContainsFunc(add, sameCoding(c)) {
			changed = true
			continue
		}
		items = append(items, c.Raw())
	}
	if !changed {
		return nil
	}
	for _, c := range add {
		items = append(items, encode(c))
	}
	if len(items) == 0 {
		return []part{{name, nil}}
	}
	return []part{{name, slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))}}
}

func (s Stamp) owns(coding tree.Value) bool {
	return slices.Contains(s.OwnedSystems, coding.Get("system").Text())
}

func sameCoding(v tree.Value) func(Coding) bool {
	return func(c Coding) bool {
		return c.System == v.Get("system").Text() && c.Code == v.Get("code").Text()
	}
}

// change edits a meta that is there: members stay where they are, new ones
// stand first.
func change(meta tree.Value, parts []part) []tree.Edit {
	var fresh []part
	var edits, drops []tree.Edit
	dropped := map[string]bool{}
	for _, p := range parts {
		v := meta.Get(p.name)
		switch {
		case p.raw == nil:
			dropped[p.name] = true
		case v.Exists():
			edits = append(edits, tree.Replace(v, p.raw))
		default:
			fresh = append(fresh, p)
		}
	}
	if len(dropped) == meta.Len() && len(fresh) == 0 {
		return []tree.Edit{without(meta)}
	}
	drops = dropMembers(meta, dropped)
	return slices.Concat(insertFirst(meta, fresh, len(dropped) == meta.Len()), edits, drops)
}

// insertFirst is the edit that puts new members first.
func insertFirst(obj tree.Value, fresh []part, alone bool) []tree.Edit {
	if len(fresh) == 0 {
		return nil
	}
	raw := members(fresh)
	if !alone {
		raw = append(raw, ',')
	}
	start, _ := obj.Span()
	return []tree.Edit{{Start: start + 1, End: start + 1, New: raw}}
}

// dropMembers takes members out, neighbours in one edit: their edits would
// overlap at the comma between them.
func dropMembers(obj tree.Value, names map[string]bool) []tree.Edit {
	var edits []tree.Edit
	for c := obj.First(); c.Exists(); c = c.Next() {
		if !names[c.Key()] {
			continue
		}
		first := c
		for n := c.Next(); n.Exists() && names[n.Key()]; n = n.Next() {
			c = n
		}
		edits = append(edits, withoutRun(first, c))
	}
	return edits
}

func members(parts []part) []byte {
	var out []byte
	comma := ""
	for _, p := range parts {
		out = append(out, member(comma, p.name, p.raw)...)
		comma = ","
	}
	return out
}
