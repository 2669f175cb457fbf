package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// item is a value of an element, or a resource.
type item struct {
	value tree.Value
	typ   *model.Type // nil: any resource, which tells its type itself
}

// typed gives a resource in a resource its type.
func (i item) typed() item {
	if i.typ == nil {
		i.typ, _ = model.TypeOf(i.value.Get("resourceType").Text())
	}
	return i
}

// element answers the selected fields of a value. lists: it is one of several that
// are lifted into one object (@flatten); suffix tells which (@slice).
func (r *run) element(o *object, it item, set ast.SelectionSet, lists bool, suffix string, place []any) {
	for _, f := range r.collect(it.typ, set) {
		if !r.spend() {
			return
		}
		here := append(place[:len(place):len(place)], f.key+suffix)
		switch m := fieldOf(it.typ, f.Name); m.kind {
		case typename, typeOf:
			s := o.slot(f.key+suffix, lists && f.Directives.ForName("singleton") == nil)
			if s.items = append(s.items, appendString(nil, nameOf(it.typ))); !s.list {
				s.items = s.items[:1]
			}
		case introspection:
			r.introspect(o, f, here)
		case element, extended:
			r.values(o, it, f, m, lists, suffix, here)
		case target:
			r.target(o, it, f, lists, suffix, here)
		case list, connection:
			r.search(o, f, m, it.value.Get("resourceType").Text()+"/"+it.value.Get("id").Text(), here)
		default:
			o.slot(f.key+suffix, lists)
			r.failAt(f.Field, faultAt(f.Position, it.typ.Name+" has no element "+f.Name), here)
		}
	}
}

// values answers an element's values.
func (r *run) values(o *object, it item, f *field, m meaning, lists bool, suffix string, place []any) {
	var found []item
	for v := range it.value.Get(f.Name).Elements() {
		found = append(found, item{v, m.Type})
	}
	if len(f.Arguments) > 0 {
		var err error
		if found, err = r.filter(found, f); err != nil {
			o.slot(f.key+suffix, lists || m.Element.Repeats)
			r.failAt(f.Field, err, place)
			return
		}
	}
	r.emit(o, f, found, m.kind == element && scalar(m.Member), m.Element.Repeats, lists, suffix, place)
}

// emit puts values into their object, as the directives of R4's page say: first,
// singleton, flatten and slice.
func (r *run) emit(o *object, f *field, found []item, bare, repeats, lists bool, suffix string, place []any) {
	first, flatten := f.Directives.ForName("first") != nil, f.Directives.ForName("flatten") != nil
	if first && len(found) > 1 {
		found = found[:1]
	}
	slice := f.Directives.ForName("slice")
	if bare && flatten {
		r.failAt(f.Field, faultAt(f.Position, "@flatten lifts the fields of an element; "+f.Name+" has none"), place)
		return
	}
	if !flatten && slice == nil {
		r.place(o, f, found, bare, repeats || lists, suffix, place)
		return
	}
	for i, one := range found {
		name, err := r.sliceOf(slice, one, i)
		if err != nil {
			r.failAt(f.Field, err, place)
			return
		}
		if flatten {
			r.element(o, one.typed(), f.sets, lists || repeats && !first, suffix+name, place)
			continue
		}
		r.place(o, f, found[i:i+1], bare, true, suffix+name, place)
	}
}

// place adds values under the field's key.
func (r *run) place(o *object, f *field, found []item, bare, lists bool, suffix string, place []any) {
	single := f.Directives.ForName("singleton") != nil
	s := o.slot(f.key+suffix, lists && !single)
	if !lists && len(found) > 1 || single && len(s.items)+len(found) > 1 {
		r.failAt(f.Field, faultAt(f.Position, f.Name+" has several values, where one is expected"), place)
		return
	}
	for i, one := range found {
		switch {
		case one.value.Kind() == tree.Null:
			s.items = append(s.items, nil)
		case bare:
			s.items = append(s.items, one.value.Raw())
		default:
			o := newObject()
			s.items = append(s.items, o)
			here := place
			if s.list {
				here = append(place[:len(place):len(place)], i)
			}
			r.element(o, one.typed(), f.sets, false, "", here)
		}
	}
}
