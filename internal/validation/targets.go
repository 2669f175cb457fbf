package validation

import (
	"context"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
)

// targets finds what references name, as far as the client may read it.
type targets struct {
	service *Service
	ctx     context.Context
	actor   access.Actor
	found   map[string]tree.Value
}

// maxTargets bounds the resources that one call reads.
const maxTargets = 50

// find reads Type/id, or the same below our own base.
func (t *targets) find(reference string) (tree.Value, bool) {
	own := strings.TrimPrefix(reference, t.service.BaseURL+"/")
	own, _, _ = strings.Cut(own, "/_history/")
	typ, id, ok := strings.Cut(own, "/")
	if !ok || !fhir.IsResource(typ) || !fhir.IsID(id) {
		return tree.Value{}, false
	}
	if v, known := t.found[own]; known {
		return v, v.Exists()
	}
	if len(t.found) == maxTargets {
		return tree.Value{}, false
	}
	var v tree.Value
	if r, err := t.service.Records.Read(t.ctx, t.actor, typ, id); err == nil {
		if v, err = tree.Parse(r.Body); err != nil {
			v = tree.Value{}
		}
	}
	t.found[strings.Clone(own)] = v
	return v, v.Exists()
}
