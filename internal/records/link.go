package records

import (
	"context"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/errs"
)

// link rewrites the references of every resource, and refuses two writes of one.
func (t *transaction) link(ctx context.Context) error {
	taken := map[string]bool{}
	for _, e := range t.entries {
		c := e.change
		if c == nil {
			continue
		}
		if key := c.typ + "/" + c.id; taken[key] {
			return errs.New(errs.Invalid, "two entries write %s", c.typ).At(e.place + ".request.url")
		} else {
			taken[key] = true
		}
		if c.resource != nil {
			if err := t.rewrite(ctx, c); err != nil {
				return err
			}
		}
		t.changes = append(t.changes, c)
	}
	return nil
}

// rewrite makes the edits of one resource's references, and of those attachments
// and other uris that name an entry by its urn.
func (t *transaction) rewrite(ctx context.Context, c *change) error {
	c.edits = nil
	for _, ref := range c.resource.References() {
		target, err := t.target(ctx, ref.Text)
		if err != nil {
			return atEntry(err, c.place+".resource"+below(ref.Value))
		}
		if target != "" {
			c.edits = append(c.edits, tree.Replace(ref.Value, []byte(`"`+target+`"`)))
		}
	}
	c.edits = append(c.edits, t.urls(c)...)
	return nil
}

func below(v tree.Value) string {
	_, path, _ := strings.Cut(v.Expression(), ".")
	return "." + path
}

// target is what a reference becomes; "" leaves it as it is.
func (t *transaction) target(ctx context.Context, text string) (string, error) {
	base, version, _ := strings.Cut(text, "/_history/")
	if place, ok := t.places[base]; ok {
		if version != "" {
			place += "/_history/" + version
		}
		return place, nil
	}
	if strings.HasPrefix(text, "urn:uuid:") {
		return "", errs.New(errs.Invalid, "no entry has this fullUrl")
	}
	if !strings.Contains(text, "?") {
		return "", nil
	}
	if ref := fhir.ParseReference(text); ref.Kind == fhir.RefConditional {
		return t.conditionally(ctx, text, ref)
	}
	return "", nil
}

// conditionally resolves Type?query, each once in a bundle.
func (t *transaction) conditionally(ctx context.Context, text string, ref fhir.Ref) (string, error) {
	if place, ok := t.conditional[text]; ok {
		return place, nil
	}
	where, err := t.service.criteriaOf(ctx, t.actor, ref.Type, ref.Query)
	if err != nil {
		return "", err
	}
	id, err := match(ctx, t.service.store, where, t.deleted)
	switch {
	case err != nil:
		return "", err
	case id == "":
		return "", errs.New(errs.Precondition, "the conditional reference matches no %s", ref.Type)
	}
	t.conditional[text] = ref.Type + "/" + id
	return t.conditional[text], nil
}

// urls are the edits of urns in the urls of attachments.
func (t *transaction) urls(c *change) []tree.Edit {
	if !strings.Contains(string(c.resource.Source()), `"urn:uuid:`) {
		return nil
	}
	var edits []tree.Edit
	c.resource.Root.Walk(func(v tree.Value) bool {
		if v.Kind() == tree.String && v.Key() == "url" {
			if place, ok := t.places[v.Text()]; ok {
				edits = append(edits, tree.Replace(v, []byte(`"`+place+`"`)))
			}
		}
		return true
	})
	return edits
}
