package records

import (
	"context"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/store"
)

// Shaper checks the resources of a type before they are stored, and says what of
// them is stored otherwise than it was sent: secrets are sealed, say, or a status
// is the server's. previous is nil for a first version. It may be asked more than
// once for one write, and outside of its transaction.
type Shaper interface {
	Shape(ctx context.Context, actor access.Actor, id string, r *fhir.Resource, previous *store.Resource) ([]tree.Edit, error)
}

// Shape makes a Shaper responsible for a type; before the first write.
func (s *Service) Shape(typ string, by Shaper) {
	if s.shapers == nil {
		s.shapers = map[string]Shaper{}
	}
	s.shapers[typ] = by
}

// shaped are the edits of a change: its own, and those of the type's Shaper.
func (s *Service) shaped(ctx context.Context, c *change) ([]tree.Edit, error) {
	by := s.shapers[c.typ]
	if by == nil {
		return c.edits, nil
	}
	more, err := by.Shape(ctx, c.actor, c.id, c.resource, c.previous)
	return append(c.edits[:len(c.edits):len(c.edits)], more...), err
}

// owner is the tag of an owned resource: the one it has, or that of who makes it.
func (c *change) owner() []fhir.Coding {
	if access.ClassOf(c.typ) != access.Owned {
		return nil
	}
	if c.previous != nil && !c.previous.Deleted {
		if root, err := tree.Parse(c.previous.Body); err == nil {
			if code := tagOf(root, access.OwnerSystem); code != "" {
				return []fhir.Coding{{System: access.OwnerSystem, Code: code}}
			}
		}
	}
	if code := access.Owner(c.actor); code != "" {
		return []fhir.Coding{{System: access.OwnerSystem, Code: code}}
	}
	return nil
}

func tagOf(root tree.Value, system string) string {
	for tag := range root.At("meta", "tag").Elements() {
		if tag.Get("system").Text() == system {
			return tag.Get("code").Text()
		}
	}
	return ""
}

// Guard makes a Guard responsible for a type; before the first write.
func (s *Service) Guard(typ string, g Guard) {
	if s.guards == nil {
		s.guards = map[string]Guard{}
	}
	s.guards[typ] = g
}
