package search

import (
	"fmt"
	"slices"
	"strings"
)

// unitable kinds have rows that a union can answer: each is compared by itself.
// References are followed, and the other kinds walked in order, by one number.
var unitable = map[Kind]bool{Token: true, Number: true, Quantity: true, Composite: true}

// unite finds the parameters that say only what others of the type say
// together, as combo-code says "code or component-code": those need no rows.
func (t *typeParams) unite() {
	for _, p := range t.sorted {
		if p.Alias == nil && unitable[p.Kind] {
			p.Union = t.parts(p)
		}
	}
}

// parts are the parameters whose paths together are those of p; nil when there
// are none. A part has fewer paths than p, so a union never leads to itself.
func (t *typeParams) parts(p *Param) []*Param {
	left, form := p.paths(), p.form()
	whole := len(left)
	var out []*Param
	for _, other := range t.sorted {
		paths := other.paths()
		if other.Alias != nil || other.form() != form || len(paths) >= whole || !within(paths, left) {
			continue
		}
		out = append(out, other)
		left = slices.DeleteFunc(left, func(path string) bool { return slices.Contains(paths, path) })
	}
	if len(left) > 0 {
		return nil
	}
	return out
}

func within(paths, all []string) bool {
	return !slices.ContainsFunc(paths, func(path string) bool { return !slices.Contains(all, path) })
}

// paths are the alternatives of the expression.
func (p *Param) paths() []string {
	paths := split(p.Expression, '|')
	for i := range paths {
		paths[i] = strings.TrimSpace(paths[i])
	}
	return paths
}

// form is what the rows of two parameters must share: the kind, and of
// composites how their components are read.
func (p *Param) form() string {
	form := p.Kind.String()
	for _, c := range p.Components {
		form += fmt.Sprint(" ", c.Param.Kind, c.Expression)
	}
	return form
}
