package records

import (
	"context"
	"errors"
	"maps"
	"slices"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

// lists tells _list what has been deleted from a List. It asks nobody for permission: what it
// tells only takes away from what the List brings, which is narrowed to what the actor reaches.
type lists struct{ failed error }

func (s *Service) lists(ctx context.Context, from store.Reader, o *search.Options) *lists {
	l := &lists{}
	o.Removed = func(list, typ string) []string {
		r, err := from.Read(ctx, "List", list)
		if err == nil && !r.Deleted {
			var root tree.Value
			if root, err = tree.Parse(r.Body); err == nil {
				return removedFrom(root, typ, s.base)
			}
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			l.failed = err
		}
		return nil
	}
	return l
}

// removedFrom are the ids of a type that entries of the List name as deleted, and none as
// being in it.
func removedFrom(list tree.Value, typ, base string) []string {
	removed, kept := map[string]bool{}, map[string]bool{}
	for e := range list.Get("entry").Elements() {
		named, id, own := search.Own(e.At("item", "reference").Text(), base)
		switch {
		case !own || named != typ:
		case e.Get("deleted").Text() == "true":
			removed[id] = true
		default:
			kept[id] = true
		}
	}
	maps.DeleteFunc(removed, func(id string, _ bool) bool { return kept[id] })
	return slices.Sorted(maps.Keys(removed))
}
