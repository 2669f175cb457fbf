package records

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"tributary/fhir"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Bundle carries out a transaction (R4, section 3.1.0.11.2: all entries or none)
// or a batch (each entry on its own). The results stand in the order of the
// entries. The error of a transaction names the entry by its expression.
func (s *Service) Bundle(ctx context.Context, actor access.Actor, b *fhir.Bundle) ([]EntryResult, error) {
	if _, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Transaction}); err != nil {
		return nil, s.refuse(ctx, actor, access.Transaction, "", "", err)
	}
	switch b.Type {
	case "transaction":
		results, err := s.transaction(ctx, actor, b)
		if err != nil {
			err = s.refuse(ctx, actor, access.Transaction, "", "", stale(err))
		}
		return results, err
	case "batch":
		return s.batch(ctx, actor, b)
	}
	return nil, errs.New(errs.Invalid, "a Bundle posted here is of type transaction or batch").At("Bundle.type")
}

// entry is one entry as it is carried out.
type entry struct {
	*fhir.Entry
	call
	place  string
	change *change // of a write
	found  string  // id of the match of a conditional entry, "" for none
	where  criteria
	locked bool // the entry is conditional
}

// transaction prepares everything outside, and begins anew when the match of a
// condition has changed by the time of the database transaction.
func (s *Service) transaction(ctx context.Context, actor access.Actor, b *fhir.Bundle) ([]EntryResult, error) {
	var results []EntryResult
	err := s.again(func() error {
		t := &transaction{service: s, actor: actor, conditional: map[string]string{}, places: map[string]string{}, deleted: map[string]bool{}}
		if err := t.plan(ctx, b); err != nil {
			return err
		}
		if err := s.prepare(ctx, s.store, actor, t.changes); err != nil {
			return err
		}
		return s.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
			results, err = t.run(ctx, tx)
			return err
		})
	})
	return results, err
}

// transaction is the state of one attempt.
type transaction struct {
	service     *Service
	actor       access.Actor
	entries     []*entry
	changes     []*change
	places      map[string]string // fullUrl -> Type/id
	conditional map[string]string // Type?query -> Type/id
	deleted     map[string]bool   // Type/id of the DELETE entries
}

// plan reads the entries, gives each its id, and rewrites references.
func (t *transaction) plan(ctx context.Context, b *fhir.Bundle) error {
	t.entries = make([]*entry, len(b.Entries))
	for i := range b.Entries {
		e := &entry{Entry: &b.Entries[i], place: fmt.Sprintf("Bundle.entry[%d]", i)}
		var err error
		if e.call, err = parseCall(e.Entry, t.service.base); err != nil {
			return atEntry(err, e.place+".request")
		}
		t.entries[i] = e
		if e.method == "DELETE" && e.criteria == nil {
			t.deleted[e.typ+"/"+e.id] = true
		}
	}
	for _, e := range t.entries {
		if err := t.resolve(ctx, e); err != nil {
			return atEntry(err, e.place)
		}
	}
	return t.link(ctx)
}

func atEntry(err error, place string) error {
	var moved *errs.Error
	if !errors.As(err, &moved) {
		return err
	}
	e := *moved
	if e.Expression == "" || !strings.HasPrefix(e.Expression, "Bundle") {
		e.Expression = place
	}
	return &e
}

// resolve finds what a write is of: its own id, a fresh one, or a match.
func (t *transaction) resolve(ctx context.Context, e *entry) error {
	make, ok := resolvers[e.method]
	if !ok {
		return nil // GET and HEAD change nothing
	}
	if e.criteria != nil {
		if err := t.matchEntry(ctx, e); err != nil {
			return err
		}
	}
	c, err := make(t, e)
	if err != nil {
		return err
	}
	if c != nil {
		c.place = e.place
		e.change = c
	}
	return t.name(e)
}

func (t *transaction) matchEntry(ctx context.Context, e *entry) (err error) {
	if e.where, err = t.service.criteriaOf(ctx, t.actor, e.typ, *e.criteria); err != nil {
		return err
	}
	e.locked = true
	e.found, err = match(ctx, t.service.store, e.where, t.deleted)
	return err
}

// name tells what references to the entry's fullUrl become.
func (t *transaction) name(e *entry) error {
	id := e.found
	if e.change != nil {
		id = e.change.id
	}
	if e.FullURL == "" || id == "" {
		return nil
	}
	t.places[e.FullURL] = e.typ + "/" + id
	return nil
}

var resolvers = map[string]func(t *transaction, e *entry) (*change, error){
	"POST": (*transaction).post, "PUT": (*transaction).put, "DELETE": (*transaction).remove,
}

func (t *transaction) post(e *entry) (*change, error) {
	switch {
	case e.Resource == nil:
		return nil, errs.New(errs.Invalid, "a POST needs a resource")
	case e.Resource.Type != e.typ:
		return nil, errs.New(errs.Invalid, "the resource is a %s, the request is for %s", e.Resource.Type, e.typ)
	case e.found != "":
		return nil, nil // a conditional create that has a match writes nothing
	}
	return &change{typ: e.typ, id: t.service.ids.New(e.typ), method: "POST", interaction: access.Create, resource: e.Resource, fresh: true}, nil
}

func (t *transaction) put(e *entry) (*change, error) {
	if e.Resource == nil {
		return nil, errs.New(errs.Invalid, "a PUT needs a resource")
	}
	op := Op{Type: e.typ, ID: e.id, Resource: e.Resource, IfMatch: e.IfMatch, IfNoneMatch: e.IfNoneMatch}
	if e.criteria == nil {
		return t.service.update(op)
	}
	c, err := parseIfMatch(e.IfMatch)
	if err != nil {
		return nil, err
	}
	own := e.Resource.ID
	switch {
	case e.Resource.Type != e.typ:
		return nil, errs.New(errs.Invalid, "the resource is a %s, the request is for %s", e.Resource.Type, e.typ)
	case e.found != "" && own != "" && own != e.found:
		return nil, errs.New(errs.Invalid, "the resource's id is not that of the match")
	case e.found != "":
		return &change{typ: e.typ, id: e.found, method: "PUT", interaction: access.Update, resource: e.Resource, expect: c}, nil
	case own != "":
		return &change{typ: e.typ, id: own, method: "PUT", interaction: access.Update, resource: e.Resource, expect: expectation{absent: true}}, nil
	}
	return &change{typ: e.typ, id: t.service.ids.New(e.typ), method: "POST", interaction: access.Create, resource: e.Resource, fresh: true}, nil
}

func (t *transaction) remove(e *entry) (*change, error) {
	id := e.id
	if e.criteria != nil {
		if id = e.found; id == "" {
			return nil, nil
		}
	}
	expect, err := parseIfMatch(e.IfMatch)
	return &change{typ: e.typ, id: id, method: "DELETE", interaction: access.Delete, expect: expect}, err
}

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

// run carries the transaction out in the order of the specification: DELETE,
// POST, PUT, then GET; the writes are one batch of rows.
func (t *transaction) run(ctx context.Context, tx store.Tx) ([]EntryResult, error) {
	if err := t.claim(ctx, tx); err != nil {
		return nil, err
	}
	written, err := t.service.commit(ctx, tx, t.actor, access.Transaction, t.changes)
	if err != nil {
		return nil, err
	}
	byChange := make(map[*change]Result, len(written))
	for i, c := range t.changes {
		byChange[c] = written[i]
	}
	results := make([]EntryResult, len(t.entries))
	for i, e := range t.entries {
		if results[i], err = t.result(ctx, tx, e, byChange); err != nil {
			return nil, atEntry(err, e.place)
		}
	}
	return results, nil
}

// claim makes bundles with the same conditions wait for each other, and checks
// that the conditions still match what was prepared.
func (t *transaction) claim(ctx context.Context, tx store.Tx) error {
	var hashes []int64
	for _, e := range t.entries {
		if e.locked {
			hashes = append(hashes, e.where.hash)
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	if err := tx.Claim(ctx, hashes...); err != nil {
		return err
	}
	for _, e := range t.entries {
		if !e.locked {
			continue
		}
		id, err := match(ctx, tx, e.where, t.deleted)
		if err != nil {
			return atEntry(err, e.place)
		}
		if id != e.found {
			return errMoved
		}
	}
	return nil
}

func (t *transaction) result(ctx context.Context, tx store.Tx, e *entry, written map[*change]Result) (EntryResult, error) {
	switch {
	case e.change != nil:
		return entryResult(written[e.change]), nil
	case e.method == "DELETE":
		return EntryResult{Status: 204}, nil
	case e.found != "":
		r, err := tx.Read(ctx, e.typ, e.found)
		return EntryResult{Status: 200, Resource: r, Location: true}, err
	}
	return t.service.get(ctx, reading{tx, t.actor, t.inside(tx)}, e.call)
}

// inside audits the reads of a transaction in it.
func (t *transaction) inside(tx store.Tx) func(context.Context, audit.Event) error {
	return func(ctx context.Context, e audit.Event) error {
		return t.service.audit.Append(ctx, tx, t.actor, audit.PurposeOf(t.actor), e)
	}
}

func entryResult(r Result) EntryResult {
	switch {
	case r.Resource.Deleted:
		return EntryResult{Status: 204, Resource: r.Resource}
	case r.Created:
		return EntryResult{Status: 201, Resource: r.Resource, Location: true}
	}
	return EntryResult{Status: 200, Resource: r.Resource, Location: true}
}
