package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
)

// field is a field of the answer: all that the query says of one response key.
type field struct {
	*ast.Field
	key  string
	sets ast.SelectionSet // of all its mentions
}

// collect lists the fields that a set selects of a type, in their order (GraphQL,
// section 6.3.2): through fragments that apply, without what is skipped, and the
// mentions of one key as one.
func (r *run) collect(typ *model.Type, set ast.SelectionSet) []*field {
	var fields []*field
	byKey := map[string]*field{}
	r.gather(typ, set, 0, func(f *ast.Field) {
		known := byKey[f.Alias]
		if known == nil {
			known = &field{Field: f, key: f.Alias}
			byKey[f.Alias] = known
			fields = append(fields, known)
		} else if known.Name != f.Name || !sameArguments(known.Arguments, f.Arguments) {
			r.fail(faultAt(f.Position, f.Alias+" is asked for in two ways: give one an alias"), nil)
			return
		}
		known.sets = append(known.sets, f.SelectionSet...)
	})
	return fields
}

func sameArguments(a, b ast.ArgumentList) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		y := b.ForName(x.Name)
		if y == nil || x.Value.String() != y.Value.String() {
			return false
		}
	}
	return true
}

func (r *run) gather(typ *model.Type, set ast.SelectionSet, depth int, add func(*ast.Field)) {
	if depth > MaxDepth || !r.spend() {
		return
	}
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if r.wanted(s.Directives) {
				add(s)
			}
		case *ast.InlineFragment:
			if r.wanted(s.Directives) && applies(typ, s.TypeCondition) {
				r.gather(typ, s.SelectionSet, depth+1, add)
			}
		case *ast.FragmentSpread:
			if f := r.request.fragments[s.Name]; f != nil && r.wanted(s.Directives) && applies(typ, f.TypeCondition) {
				r.gather(typ, f.SelectionSet, depth+1, add)
			}
		}
	}
}

// applies reports whether a fragment's condition holds for a type; the system and
// connections have none.
func applies(typ *model.Type, condition string) bool {
	if condition == "" || typ == nil {
		return true // outside of resources there is nothing to choose from
	}
	t, known := typeNamed(condition)
	return known && typ.DerivesFrom(t)
}

// wanted answers skip and include (GraphQL, section 3.13).
func (r *run) wanted(list ast.DirectiveList) bool {
	return !r.condition(list.ForName("skip"), false) && r.condition(list.ForName("include"), true)
}

func (r *run) condition(d *ast.Directive, without bool) bool {
	if d == nil {
		return without
	}
	text, err := r.request.argument(d.Arguments, "if")
	if err != nil || text != "true" && text != "false" {
		r.fail(faultAt(d.Position, "@"+d.Name+" takes if: true or false"), nil)
		return without
	}
	return text == "true"
}
