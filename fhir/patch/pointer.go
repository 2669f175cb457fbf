package patch

import (
	"strconv"
	"strings"

	"tributary/fhir/tree"
)

// pointer is a JSON Pointer, taken apart and unescaped (RFC 6901).
type pointer []string

func (p pointer) below(steps ...string) pointer {
	return append(p[:len(p):len(p)], steps...)
}

// within reports whether p leads to a place in what q leads to.
func (p pointer) within(q pointer) bool {
	if len(p) < len(q) {
		return false
	}
	for i, step := range q {
		if p[i] != step {
			return false
		}
	}
	return true
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// parsePointer reads a JSON Pointer; false if it is none.
func parsePointer(text string) (pointer, bool) {
	if text == "" {
		return pointer{}, true
	}
	steps := strings.Split(text, "/")
	if steps[0] != "" {
		return nil, false
	}
	steps = steps[1:]
	for i, step := range steps {
		if strings.Contains(strings.NewReplacer("~0", "", "~1", "").Replace(step), "~") {
			return nil, false
		}
		steps[i] = unescape.Replace(step)
	}
	return steps, true
}

// pointerTo is the way from the root to a value.
func pointerTo(v tree.Value) pointer {
	parent := v.Parent()
	switch parent.Kind() {
	case tree.Object:
		return append(pointerTo(parent), v.Key())
	case tree.Array:
		return append(pointerTo(parent), strconv.Itoa(position(v)))
	}
	return pointer{}
}

// position is the number of an item in its array.
func position(v tree.Value) int {
	n := 0
	for c := v.Parent().First(); c.Exists() && !c.Same(v); c = c.Next() {
		n++
	}
	return n
}

// index reads an array's index up to and including limit; false for what is none:
// signs, leading zeros, too far.
func index(step string, limit int) (int, bool) {
	n, err := strconv.Atoi(step)
	return n, err == nil && strconv.Itoa(n) == step && n >= 0 && n <= limit
}
