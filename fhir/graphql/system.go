package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// system answers the fields of the root: a resource by its id, and searches.
func (r *run) system(o *object) {
	for _, f := range r.collect(nil, r.request.operation.SelectionSet) {
		if !r.spend() {
			return
		}
		here := []any{f.key}
		switch m := rootField(f.Name); m.kind {
		case typename:
			o.set(f.key, []byte(`"Query"`))
		case introspection:
			r.introspect(o, f, here)
		case one:
			r.one(o, f, m.of, here)
		case list, connection:
			r.search(o, f, m, "", here)
		}
	}
}

// one answers Patient(id: …); _id is its other name.
func (r *run) one(o *object, f *field, typ string, place []any) {
	o.slot(f.key, false)
	id, err := r.request.argument(f.Arguments, "id")
	if err == nil && id == "" {
		id, err = r.request.argument(f.Arguments, "_id")
	}
	if err == nil && (id == "" || len(f.Arguments) > 1) {
		err = faultAt(f.Position, typ+" takes the argument id; a search is "+typ+"List or "+typ+"Connection")
	}
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	found, err := r.read(typ, id)
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	t, _ := model.TypeOf(typ)
	r.emit(o, f, []item{{found, t}}, false, false, false, "", place)
}

// mutations are carried out one after the other, in their order (GraphQL, section
// 6.2.2); the first that fails is the last.
func (r *run) mutations(o *object) {
	for _, f := range r.collect(nil, r.request.operation.SelectionSet) {
		if f.Name == "__typename" {
			o.set(f.key, []byte(`"Mutation"`))
			continue
		}
		of, verb := mutationOf(f.Name)
		o.slot(f.key, false)
		written, err := tree.Value{}, r.call()
		if err == nil {
			written, err = r.mutate(f, of, verb)
		}
		if err != nil {
			r.failAt(f.Field, err, []any{f.key})
			return
		}
		if typ, _ := model.TypeOf(of); written.Exists() {
			r.emit(o, f, []item{{written, typ}}, false, false, false, "", []any{f.key})
		}
	}
}

// mutationOf takes PatientCreate apart.
func mutationOf(name string) (typ, verb string) {
	for _, verb := range []string{"Create", "Update", "Delete"} {
		if typ, ok := cutSuffix(name, verb); ok && model.IsResource(typ) {
			return typ, verb
		}
	}
	return "", ""
}

func cutSuffix(name, suffix string) (string, bool) {
	if n := len(name) - len(suffix); n > 0 && name[n:] == suffix {
		return name[:n], true
	}
	return "", false
}

func (r *run) mutate(f *field, typ, verb string) (tree.Value, error) {
	id, err := r.request.argument(f.Arguments, "id")
	if err != nil {
		return tree.Value{}, err
	}
	if verb != "Create" && id == "" {
		return tree.Value{}, faultAt(f.Position, f.Name+" takes the argument id")
	}
	if verb == "Delete" {
		return tree.Value{}, r.source.Delete(r.ctx, typ, id)
	}
	body, err := r.input(f, typ)
	if err != nil {
		return tree.Value{}, err
	}
	if verb == "Create" {
		return r.source.Create(r.ctx, typ, body)
	}
	return r.source.Update(r.ctx, typ, id, body)
}

// input is the resource that a mutation brings: its argument res, or resource as some
// clients call it. The type need not be said in it.
func (r *run) input(f *field, typ string) ([]byte, error) {
	a := f.Arguments.ForName("res")
	if a == nil {
		a = f.Arguments.ForName("resource")
	}
	if a == nil {
		return nil, faultAt(f.Position, f.Name+" takes the argument res")
	}
	body, err := r.request.appendJSON(nil, a.Value)
	if err != nil {
		return nil, err
	}
	return withType(body, typ), nil
}

// mutations checks the fields of a mutation.
func (c *checker) mutations(set ast.SelectionSet) {
	c.selections(nil, set, 0, func(_ *model.Type, f *ast.Field) {
		of, verb := mutationOf(f.Name)
		typ, _ := model.TypeOf(of)
		switch {
		case f.Name == "__typename":
		case verb == "":
			c.fault(f.Position, "a mutation is PatientCreate, PatientUpdate or PatientDelete, or those of another type; not "+f.Name)
		case verb == "Delete" && len(f.SelectionSet) > 0:
			c.fault(f.Position, f.Name+" returns nothing to select from")
		case verb != "Delete" && len(f.SelectionSet) == 0:
			c.fault(f.Position, "say which fields of the "+of+" you want")
		case verb != "Delete":
			c.element(typ, f.SelectionSet, 1)
		}
	})
}
