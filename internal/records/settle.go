package records

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// settle resolves the conditional references of a resource that is written by itself. R4
// has them in transactions; clients send them in single writes and batches, too, where
// keeping them as they are would leave a reference that nobody can follow. Each must match
// exactly one resource that the actor finds.
func (s *Service) settle(ctx context.Context, actor access.Actor, c *change) error {
	if c.resource == nil || bytes.IndexByte(c.resource.Source(), '?') < 0 {
		return nil
	}
	var edits []tree.Edit
	for _, r := range c.resource.References() {
		ref := fhir.ParseReference(r.Text)
		if ref.Kind != fhir.RefConditional {
			continue
		}
		id, err := s.meant(ctx, actor, ref)
		if err != nil {
			return atEntry(err, r.Value.Expression())
		}
		edits = append(edits, tree.Replace(r.Value, []byte(`"`+ref.Type+"/"+id+`"`)))
	}
	c.edits = edits
	return nil
}

// meant is the id of the one stored resource that a conditional reference matches.
func (s *Service) meant(ctx context.Context, actor access.Actor, ref fhir.Ref) (string, error) {
	where, err := s.criteriaOf(ctx, actor, access.Search, ref.Type, ref.Query)
	if err != nil {
		return "", err
	}
	id, err := match(ctx, s.store, where, nil)
	if err == nil && id == "" {
		err = errs.New(errs.Precondition, "the conditional reference matches no %s", ref.Type)
	}
	return id, err
}

// urns are the fullUrls of a batch's entries by which only a transaction's could refer to
// one another.
func urns(b *fhir.Bundle) map[string]bool {
	all := map[string]bool{}
	for i := range b.Entries {
		if name := b.Entries[i].FullURL; strings.HasPrefix(name, "urn:") {
			all[name] = true
		}
	}
	return all
}

// apart refuses an entry of a batch that refers to another (R4, section 3.1.0.11.1): what
// it refers to is written under a name that it cannot know.
func apart(e *fhir.Entry, number int, names map[string]bool) error {
	if e.Resource == nil || len(names) == 0 || !bytes.Contains(e.Resource.Source(), []byte("urn:")) {
		return nil
	}
	for _, r := range e.Resource.References() {
		if names[r.Text] {
			return errs.New(errs.Invalid, "the entries of a batch are each on their own and cannot refer to one another; send them as a transaction").
				At(fmt.Sprintf("Bundle.entry[%d].resource%s", number, below(r.Value)))
		}
	}
	return nil
}
