// Package tree holds JSON as it was sent: a flat tree of values that remember
// their byte offsets, so that a reader can navigate without decoding and an
// editor can replace single values in place and leave every other byte alone
// (key order, decimals such as 6.50, white space, escapes).
//
// Parse makes the one pass over the bytes that a resource gets on its way in;
// validation, FHIRPath, index extraction and the splicing of meta all work on
// its result. A tree is immutable and safe for concurrent use; it aliases the
// source, which must not change while the tree lives.
//
// Neighbours: package fhir validates resources over it, fhir/path evaluates
// FHIRPath on it, fhir/search extracts index entries from it.
package tree

import (
	"iter"
	"strconv"
	"strings"
	"unsafe"
)

// Kind is the JSON type of a value. None is the kind of an absent value.
type Kind uint8

// The kinds of JSON values.
const (
	None Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// tree is the arena that all values of one document share.
type tree struct {
	src   []byte
	nodes []node
}

type node struct {
	start, end       uint32 // span of the value in src
	keyStart, keyEnd uint32 // span of the member's key, without quotes; 0,0 for items
	parent           int32
	next             int32 // next sibling, 0 when last
	first            int32 // first child, 0 when none
	count            int32 // number of children
	kind             Kind
	escaped          bool // the string has escapes
	keyEscaped       bool
}

// Value is one JSON value inside its document. The zero Value is an absent
// one: every method works on it and answers as for nothing.
type Value struct {
	t *tree
	i int32
}

func (v Value) node() *node { return &v.t.nodes[v.i] }

// Exists reports whether the value is there (JSON null is there).
func (v Value) Exists() bool { return v.t != nil }

// Kind returns the JSON type, None for an absent value.
func (v Value) Kind() Kind {
	if v.t == nil {
		return None
	}
	return v.node().kind
}

// Span returns the value's byte offsets [start, end) in the source.
func (v Value) Span() (start, end int) {
	if v.t == nil {
		return 0, 0
	}
	n := v.node()
	return int(n.start), int(n.end)
}

// Raw returns the value's bytes as sent; the caller must not change them.
func (v Value) Raw() []byte {
	if v.t == nil {
		return nil
	}
	n := v.node()
	return v.t.src[n.start:n.end:n.end]
}

// Source returns the whole document that the value is part of.
func (v Value) Source() []byte {
	if v.t == nil {
		return nil
	}
	return v.t.src
}

// Text returns the text of a string (unescaped), the literal of a number or
// boolean as sent, and "" for everything else. Without escapes it does not
// copy: the result aliases the source.
func (v Value) Text() string {
	if v.t == nil {
		return ""
	}
	n := v.node()
	switch n.kind {
	case String:
		s := alias(v.t.src[n.start+1 : n.end-1])
		if n.escaped {
			return unescape(s)
		}
		return s
	case Number, Bool:
		return alias(v.t.src[n.start:n.end])
	}
	return ""
}

// True reports whether the value is the JSON literal true.
func (v Value) True() bool { return v.Kind() == Bool && v.t.src[v.node().start] == 't' }

// Key returns the name under which the value stands in its parent object, ""
// for items of an array and for the root.
func (v Value) Key() string {
	if v.t == nil {
		return ""
	}
	return v.t.key(v.node())
}

func (t *tree) key(n *node) string {
	s := alias(t.src[n.keyStart:n.keyEnd])
	if n.keyEscaped {
		return unescape(s)
	}
	return s
}

// KeySpan returns the offsets of the member's key with its quotes.
func (v Value) KeySpan() (start, end int) {
	n := v.node()
	if n.keyEnd == 0 {
		return 0, 0
	}
	return int(n.keyStart) - 1, int(n.keyEnd) + 1
}

// Parent returns the enclosing object or array, absent for the root.
func (v Value) Parent() Value {
	if v.t == nil || v.i == 0 {
		return Value{}
	}
	return Value{v.t, v.node().parent}
}

// Len returns the number of members or items, 0 for scalars.
func (v Value) Len() int {
	if v.t == nil {
		return 0
	}
	return int(v.node().count)
}

// First returns the first member or item, Next the following sibling; absent
// at the end. They are the allocation-free way to walk.
func (v Value) First() Value {
	if v.t == nil {
		return Value{}
	}
	if f := v.node().first; f != 0 {
		return Value{v.t, f}
	}
	return Value{}
}

// Next returns the next sibling, absent after the last one.
func (v Value) Next() Value {
	if v.t == nil {
		return Value{}
	}
	if x := v.node().next; x != 0 {
		return Value{v.t, x}
	}
	return Value{}
}

// Get returns the member with that name, absent if there is none or the value
// is no object. Of duplicate names, which package fhir refuses, it takes the first.
func (v Value) Get(name string) Value {
	if v.Kind() != Object {
		return Value{}
	}
	for c := v.First(); c.Exists(); c = c.Next() {
		if c.Key() == name {
			return c
		}
	}
	return Value{}
}

// At follows member names from the value: At("subject", "reference").
func (v Value) At(names ...string) Value {
	for _, name := range names {
		v = v.Get(name)
	}
	return v
}

// Index returns item i of an array, absent when out of range.
func (v Value) Index(i int) Value {
	if v.Kind() != Array {
		return Value{}
	}
	for c := v.First(); c.Exists(); c = c.Next() {
		if i == 0 {
			return c
		}
		i--
	}
	return Value{}
}

// Members ranges over the names and values of an object.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.Kind() != Object {
			return
		}
		for c := v.First(); c.Exists(); c = c.Next() {
			if !yield(c.Key(), c) {
				return
			}
		}
	}
}

// Elements ranges over the items of an array; a value that is no array is
// its own only element, an absent one has none. That is how FHIR paths see
// repeating and single elements alike.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if v.t == nil {
			return
		}
		if v.node().kind != Array {
			yield(v)
			return
		}
		for c := v.First(); c.Exists(); c = c.Next() {
			if !yield(c) {
				return
			}
		}
	}
}

// Walk visits the value and everything below it in document order; visit
// returns false to skip what is below a value.
func (v Value) Walk(visit func(Value) bool) {
	if v.t == nil || !visit(v) {
		return
	}
	for c := v.First(); c.Exists(); c = c.Next() {
		c.Walk(visit)
	}
}

// Same reports whether both are the same place of the same document.
func (v Value) Same(w Value) bool { return v.t == w.t && v.i == w.i }

// Expression names the place of the value as a FHIRPath, such as
// "Patient.name[0].given[1]". A resource (an object with resourceType) that
// is the root gives its type as the first step; otherwise "$this" stands for it.
func (v Value) Expression() string {
	if v.t == nil {
		return ""
	}
	var steps []string
	for v.i != 0 {
		n, p := v.node(), v.Parent()
		if p.Kind() == Array {
			steps = append(steps, "["+strconv.Itoa(v.position(p))+"]")
		} else {
			steps = append(steps, "."+v.t.key(n))
		}
		v = p
	}
	root := v.Get("resourceType").Text()
	if root == "" {
		root = "$this"
	}
	var b strings.Builder
	b.WriteString(root)
	for i := len(steps) - 1; i >= 0; i-- {
		b.WriteString(steps[i])
	}
	return b.String()
}

func (v Value) position(array Value) int {
	i := 0
	for c := array.First(); c.Exists() && c.i != v.i; c = c.Next() {
		i++
	}
	return i
}

func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
