package records

import (
	"context"
	"encoding/json"
	"strconv"

	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// labels are the members of meta that are sets.
var labels = []string{"profile", "security", "tag"}

// AddMeta adds the profiles, security labels and tags of a Meta to a resource that
// are not there yet (R4, operation Resource-meta-add): a new version, if any is
// new. The label of the origin stays the server's.
func (s *Service) AddMeta(ctx context.Context, actor access.Actor, typ, id string, meta tree.Value) (store.Resource, error) {
	return s.changeMeta(ctx, actor, typ, id, meta, union)
}

// DeleteMeta takes them away (R4, operation Resource-meta-delete); what is not
// there is no error.
func (s *Service) DeleteMeta(ctx context.Context, actor access.Actor, typ, id string, meta tree.Value) (store.Resource, error) {
	return s.changeMeta(ctx, actor, typ, id, meta, difference)
}

// changeMeta patches what it has read; when someone else came between, it reads again.
func (s *Service) changeMeta(ctx context.Context, actor access.Actor, typ, id string, meta tree.Value, change func(set, other []tree.Value) []tree.Value) (store.Resource, error) {
	// Where nothing changes, nothing else would ask.
	if _, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Patch, Type: typ, ID: id}); err != nil {
		return store.Resource{}, s.refuse(ctx, actor, access.Patch, typ, id, err)
	}
	for attempt := 0; ; attempt++ {
		current, err := s.Read(ctx, actor, typ, id)
		if err != nil {
			return current, err
		}
		patch, err := metaPatch(current.Body, meta, change)
		if err != nil || patch == nil {
			return current, err
		}
		op := Op{Type: typ, ID: id, IfMatch: `W/"` + strconv.FormatInt(current.Version, 10) + `"`}
		result, err := s.Patch(ctx, actor, op, Patch{JSON: patch})
		if err == nil || attempt == 4 || !errs.Is(err, errs.Precondition) && !errs.Is(err, errs.Conflict) {
			return result.Resource, err
		}
	}
}

type operation struct {
	Op    string            `json:"op"`
	Path  string            `json:"path"`
	Value []json.RawMessage `json:"value,omitempty"`
}

// metaPatch is the JSON Patch that changes the sets of meta, nil when none changes.
func metaPatch(body []byte, meta tree.Value, change func(set, other []tree.Value) []tree.Value) ([]byte, error) {
	root, err := tree.Parse(body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "the resource cannot be read back")
	}
	var patch []operation
	for _, name := range labels {
		before := items(root.At("meta", name))
		after := change(before, items(meta.Get(name)))
		switch {
		case len(after) == len(before):
		case len(after) == 0:
			patch = append(patch, operation{Op: "remove", Path: "/meta/" + name})
		default:
			add := operation{Op: "add", Path: "/meta/" + name}
			for _, v := range after {
				add.Value = append(add.Value, v.Raw())
			}
			patch = append(patch, add)
		}
	}
	if len(patch) == 0 {
		return nil, nil
	}
	src, err := json.Marshal(patch)
	return src, err
}

func items(v tree.Value) (list []tree.Value) {
	for item := range v.Elements() {
		list = append(list, item)
	}
	return list
}

// identity is what two labels are the same by: system and code; a profile's URL.
func identity(v tree.Value) string {
	if v.Kind() == tree.String {
		return v.Text()
	}
	return v.Get("system").Text() + "|" + v.Get("code").Text()
}

func union(set, other []tree.Value) []tree.Value {
	have := identities(set)
	for _, v := range other {
		if !have[identity(v)] {
			have[identity(v)] = true
			set = append(set[:len(set):len(set)], v)
		}
	}
	return set
}

// difference leaves the server's own label of origin where it is.
func difference(set, other []tree.Value) (rest []tree.Value) {
	gone := identities(other)
	for _, v := range set {
		if !gone[identity(v)] || v.Get("system").Text() == OriginSystem {
			rest = append(rest, v)
		}
	}
	return rest
}

func identities(list []tree.Value) map[string]bool {
	all := make(map[string]bool, len(list))
	for _, v := range list {
		all[identity(v)] = true
	}
	return all
}
