package records

import (
	"bytes"
	"context"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
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
			twice := errs.New(errs.Invalid, "two entries write %s/%s", c.typ, c.id)
			if err := t.note(e, twice, e.place+".request.url"); err != nil {
				return err
			}
		} else {
			taken[key] = true
		}
		if c.resource != nil {
			if err := t.rewrite(ctx, e); err != nil {
				return err
			}
		}
		if c.patch != nil {
			if err := t.note(e, t.linked(ctx, c), e.place); err != nil {
				return err
			}
		}
		t.changes = append(t.changes, c)
	}
	return nil
}

// rewrite makes the edits of one resource's references, and of those attachments
// and other uris that name an entry by its urn.
func (t *transaction) rewrite(ctx context.Context, e *entry) error {
	c := e.change
	c.edits = nil
	root := rootOf(e.FullURL)
	for _, ref := range c.resource.References() {
		target, err := t.target(ctx, root, ref.Text)
		if err != nil {
			if err = t.note(e, err, e.place+".resource"+below(ref.Value)); err != nil {
				return err
			}
			continue
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

// rootOf is the base of the server that a fullUrl names a resource of, with a slash at
// its end; "" of any other.
func rootOf(fullURL string) string {
	rest, _, found := cutLast(fullURL)
	root, typ, more := cutLast(rest)
	if !found || !more || !fhir.IsResource(typ) || !strings.HasPrefix(fullURL, "http") {
		return ""
	}
	return root + "/"
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '/')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// placeOf is what becomes of what a reference names: by the fullUrl of an entry or, when
// the reference is relative, by that of one below the same root as the entry that it
// stands in (R4, section 2.36.4.1).
func (t *transaction) placeOf(root, name string) (string, bool) {
	if place, ok := t.places[name]; ok || root == "" {
		return place, ok
	}
	place, ok := t.places[root+name]
	return place, ok
}

// target is what a reference in an entry below the root becomes; "" leaves it as it is.
func (t *transaction) target(ctx context.Context, root, text string) (string, error) {
	base, version, _ := strings.Cut(text, "/_history/")
	if place, ok := t.placeOf(root, base); ok && place != base {
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
	if err, ok := t.unmatched[text]; ok {
		return "", err
	}
	place, err := t.find(ctx, ref)
	if err != nil {
		t.unmatched[text] = err
		return "", err
	}
	t.conditional[text] = place
	return place, nil
}

// find searches for what a conditional reference means when everything else of the
// transaction has been carried out (R4, section 3.1.0.11.2, step 5): among what is stored
// and not written here, and what is written here.
func (t *transaction) find(ctx context.Context, ref fhir.Ref) (string, error) {
	where, err := t.service.criteriaOf(ctx, t.actor, access.Search, ref.Type, ref.Query)
	if err != nil {
		return "", err
	}
	made, err := t.made(ctx, where)
	if err != nil {
		return "", err
	}
	stored, err := matching(ctx, t.service.store, where, t.written(ref.Type))
	if err != nil {
		return "", err
	}
	id, err := where.only(append(stored, made...))
	switch {
	case err != nil:
		return "", err
	case id == "":
		return "", errs.New(errs.Precondition, "the conditional reference matches no %s", ref.Type)
	}
	return ref.Type + "/" + id, nil
}

// linking are the members, beside references, that may name an entry of the bundle
// by its fullUrl (R4, section 3.1.0.11.2): elements of the types uri, url, oid and uuid.
var linking = map[string]bool{"url": true, "uri": true, "instantiatesUri": true, "valueUri": true, "valueUrl": true, "valueUuid": true, "valueOid": true}

// urls are the edits of entries' fullUrls in such elements and in narratives.
func (t *transaction) urls(c *change) []tree.Edit {
	if !t.names(c.resource.Source()) {
		return nil
	}
	var edits []tree.Edit
	c.resource.Root.Walk(func(v tree.Value) bool {
		switch key := v.Key(); {
		case v.Kind() != tree.String:
		case key == "div":
			if links := t.links(v); links != nil {
				edits = append(edits, tree.Replace(v, links))
			}
		case linking[key] && !(key == "url" && isExtension(v.Parent())):
			if place, ok := t.places[v.Text()]; ok {
				edits = append(edits, tree.Replace(v, []byte(`"`+place+`"`)))
			}
		}
		return true
	})
	return edits
}

// names tells whether a resource says the fullUrl of an entry anywhere.
func (t *transaction) names(source []byte) bool {
	if bytes.Contains(source, []byte("urn:uuid:")) {
		return true
	}
	for fullURL := range t.places {
		if !strings.HasPrefix(fullURL, "urn:uuid:") && bytes.Contains(source, []byte(fullURL)) {
			return true
		}
	}
	return false
}

func isExtension(v tree.Value) bool {
	key := v.Parent().Key()
	return key == "extension" || key == "modifierExtension"
}

// links is a narrative, as JSON, whose links and images name the stored entries;
// nil when it names none.
func (t *transaction) links(div tree.Value) []byte {
	raw, changed := string(div.Raw()), false
	for fullURL, place := range t.places {
		for _, attribute := range []string{`href=\"`, `src=\"`, `href='`, `src='`} {
			quote := attribute[strings.IndexByte(attribute, '=')+1:]
			if from := attribute + fullURL + quote; strings.Contains(raw, from) {
				raw, changed = strings.ReplaceAll(raw, from, attribute+place+quote), true
			}
		}
	}
	if !changed {
		return nil
	}
	return []byte(raw)
}
