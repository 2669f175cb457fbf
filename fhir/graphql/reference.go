package graphql

import (
	"errors"

	"tributary/fhir/model"
	"tributary/fhir/tree"
)

// target answers the field resource of a Reference. With type, a target of another
// one is passed over; with optional, one that cannot be had is.
func (r *run) target(o *object, it item, f *field, lists bool, suffix string, place []any) {
	o.slot(f.key+suffix, lists && f.Directives.ForName("singleton") == nil)
	wanted, err := r.request.argument(f.Arguments, "type")
	if err != nil {
		r.failAt(f.Field, err, place)
		return
	}
	found, err := r.follow(it.value)
	if err != nil {
		if optional, _ := r.request.argument(f.Arguments, "optional"); optional != "true" {
			r.failAt(f.Field, err, place)
		}
		return
	}
	typ, _ := model.TypeOf(found.Get("resourceType").Text())
	if typ == nil || wanted != "" && !typ.Is(wanted) {
		return
	}
	r.emit(o, f, []item{{found, typ}}, false, false, lists, suffix, place)
}

// follow finds what a Reference names: a contained resource, or one of this server.
func (r *run) follow(reference tree.Value) (tree.Value, error) {
	text := reference.Get("reference").Text()
	if len(text) > 1 && text[0] == '#' {
		return containedIn(reference, text[1:])
	}
	typ, id, ok := r.source.Local(text)
	if !ok {
		return tree.Value{}, errors.New("the reference does not name a resource of this server")
	}
	return r.read(typ, id)
}

// containedIn finds a contained resource by its id, in the resource around a place.
func containedIn(place tree.Value, id string) (tree.Value, error) {
	for ; place.Exists(); place = place.Parent() {
		for c := range place.Get("contained").Elements() {
			if c.Get("id").Text() == id {
				return c, nil
			}
		}
	}
	return place, errors.New("the reference names a contained resource that is not there")
}

// read asks the source, once for each resource of a request.
func (r *run) read(typ, id string) (tree.Value, error) {
	if known, ok := r.known[typ+"/"+id]; ok {
		return known, nil
	}
	if err := r.call(); err != nil {
		return tree.Value{}, err
	}
	found, err := r.source.Read(r.ctx, typ, id)
	if err == nil {
		r.resources++
		r.known[typ+"/"+id] = found
	}
	return found, err
}
