package graphql

import (
	"github.com/vektah/gqlparser/v2/ast"

	"tributary/fhir/model"
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

// mutations answer one after the other, in their order (GraphQL, section 6.2.2).
func (r *run) mutations(o *object) {
	for _, f := range r.collect(nil, r.request.operation.SelectionSet) {
		if f.Name == "__typename" {
			o.set(f.key, []byte(`"Mutation"`))
			continue
		}
		if err := r.call(); err != nil {
			r.failAt(f.Field, err, []any{f.key})
			return
		}
		o.slot(f.key, false)
		of, verb := mutationOf(f.Name)
		written, err := r.mutate(f, of, verb)
		if err != nil {
			r.failAt(f.Field, err, []any{f.key})
			continue
		}
		r.made(o, f, of, written)
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

func (r *run) mutate(f *field, typ, verb string) (Written, error) {
	id, err := r.request.argument(f.Arguments, "id")
	if err != nil {
		return Written{}, err
	}
	if verb != "Create" && id == "" {
		return Written{}, faultAt(f.Position, f.Name+" takes the argument id")
	}
	if verb == "Delete" {
		return Written{}, r.source.Delete(r.ctx, typ, id)
	}
	body, err := r.input(f, typ)
	if err != nil {
		return Written{}, err
	}
	if verb == "Create" {
		return r.source.Create(r.ctx, typ, body)
	}
	return r.source.Update(r.ctx, typ, id, body)
}

// input is the resource that a mutation brings: its argument resource, or res. The
// type need not be said in it.
func (r *run) input(f *field, typ string) ([]byte, error) {
	a := f.Arguments.ForName("resource")
	if a == nil {
		a = f.Arguments.ForName("res")
	}
	if a == nil {
		return nil, faultAt(f.Position, f.Name+" takes the argument resource")
	}
	body, err := r.request.appendJSON(nil, a.Value)
	if err != nil {
		return nil, err
	}
	return withType(body, typ), nil
}

// made answers what became of a mutation: location, resource, and information, which
// is null because a fault stands under errors.
func (r *run) made(o *object, f *field, typ string, w Written) {
	result := newObject()
	o.slot(f.key, false).items = []any{result}
	for _, g := range r.collect(nil, f.sets) {
		switch here := []any{f.key, g.key}; g.Name {
		case "location":
			result.slot(g.key, false)
			if w.Location != "" {
				result.set(g.key, appendString(nil, w.Location))
			}
		case "resource":
			t, _ := model.TypeOf(typ)
			if w.Resource.Exists() {
				r.emit(result, g, []item{{w.Resource, t}}, false, false, false, "", here)
				continue
			}
			result.slot(g.key, false)
		default:
			result.slot(g.key, false)
		}
	}
}

// mutations checks the fields of a mutation.
func (c *checker) mutations(set ast.SelectionSet) {
	c.selections(nil, set, 0, func(_ *model.Type, f *ast.Field) {
		of, verb := mutationOf(f.Name)
		if f.Name == "__typename" {
			return
		}
		if verb == "" {
			c.fault(f.Position, "a mutation is PatientCreate, PatientUpdate or PatientDelete, or those of another type; not "+f.Name)
			return
		}
		typ, _ := model.TypeOf(of)
		c.fixed(map[string]bool{"location": true, "resource": false, "information": false, "__typename": true}, f.SelectionSet, 1, func(g *ast.Field) {
			if g.Name == "resource" {
				c.element(typ, g.SelectionSet, 2)
			}
		})
	})
}
