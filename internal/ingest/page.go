package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"tributary/connectors"
	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// arrival is one resource of a page on its way in.
type arrival struct {
	typ, id string // the provider's
	raw     []byte
	key     search.Key
	hash    string
	draft   *records.Draft // nil for the Patient, of which only the source is kept
	refs    []store.Ref
	problem string // why it goes to quarantine
}

// sift sorts a page: what is unchanged since the last pull is dropped, what is
// no valid R4 or not this patient's goes to quarantine, the rest becomes drafts.
func (r *run) sift(ctx context.Context, resources [][]byte) ([]*arrival, error) {
	all := make([]*arrival, 0, len(resources))
	keys := make([]search.Key, 0, len(resources))
	seen := map[search.Key]bool{}
	for _, raw := range resources {
		a := r.arrive(raw)
		if a.problem == "" && seen[a.key] {
			continue // the same resource twice on a page
		}
		seen[a.key] = true
		all, keys = append(all, a), append(keys, a.key)
	}
	heads, err := r.connections.Heads(ctx, r.Store, keys)
	if err != nil {
		return nil, err
	}
	changed := all[:0]
	for _, a := range all {
		if heads[a.key].Hash != a.hash || a.problem != "" {
			changed = append(changed, a)
		}
	}
	inParallel(changed, r.read)
	return changed, nil
}

// arrive tells who a resource is without validating it.
func (r *run) arrive(raw []byte) *arrival {
	a := &arrival{raw: raw}
	sum := sha256.Sum256(raw)
	a.hash = hex.EncodeToString(sum[:])
	root, err := tree.Parse(raw)
	if err != nil {
		a.problem = err.Error()
		return a
	}
	a.typ, a.id = root.Get("resourceType").Text(), root.Get("id").Text()
	switch {
	case !fhir.IsResource(a.typ):
		a.typ, a.problem = "", "resourceType is not a type of FHIR R4"
	case a.id == "":
		a.problem = "the resource has no id"
	}
	a.key = search.KeyOf(a.typ, r.id(r.provider.ID, a.typ, a.id))
	return a
}

// read validates a resource and prepares its draft.
func (r *run) read(a *arrival) {
	if a.problem != "" {
		return
	}
	if a.typ == "Patient" {
		if a.id != r.creds.Patient {
			a.problem = "this is another patient"
		}
		return
	}
	res, err := fhir.Parse(a.raw)
	if err != nil {
		a.problem = reason(err)
		return
	}
	if r.foreign(res) {
		a.problem = "the resource is about another patient"
		return
	}
	w := r.rewrite(res)
	a.refs = w.refs
	a.draft = &records.Draft{
		Type: a.typ, ID: r.id(r.provider.ID, a.typ, a.id), Parsed: res, Edits: w.edits, Origin: records.FromEHR,
		Source: strings.TrimRight(r.provider.FHIRBase, "/") + "/" + a.typ + "/" + a.id,
	}
}

// reason is what a quarantined resource is shown with.
func reason(err error) string {
	var invalid *fhir.Invalid
	if errors.As(err, &invalid) {
		return invalid.Error()
	}
	e := errs.Of(err)
	if e.Expression != "" {
		return e.Expression + ": " + e.Safe
	}
	return e.Safe
}

// prepare readies the drafts for the transaction. What the write path refuses
// goes to quarantine as well, and does not take its page with it.
func (r *run) prepare(ctx context.Context, arrivals []*arrival) error {
	var ready []*arrival
	var drafts []records.Draft
	for _, a := range arrivals {
		if a.draft != nil && a.problem == "" {
			ready, drafts = append(ready, a), append(drafts, *a.draft)
		}
	}
	err := r.Records.Prepare(ctx, job, drafts)
	if refused(err) {
		return r.prepareEach(ctx, ready)
	}
	for i, a := range ready {
		*a.draft = drafts[i]
	}
	return err
}

func (r *run) prepareEach(ctx context.Context, arrivals []*arrival) error {
	for _, a := range arrivals {
		one := []records.Draft{*a.draft}
		err := r.Records.Prepare(ctx, job, one)
		if refused(err) {
			a.problem = reason(err)
		} else if err != nil {
			return err
		}
		*a.draft = one[0]
	}
	return nil
}

// refused tells a rule that a resource breaks from a failure of ours.
func refused(err error) bool {
	var invalid *fhir.Invalid
	if err == nil {
		return false
	}
	kind := errs.Of(err).Kind
	return errors.As(err, &invalid) || kind == errs.Invalid || kind == errs.Unprocessable || kind == errs.Forbidden
}

// store writes a page: all of it, and the checkpoint that mark sets, or nothing.
func (r *run) store(ctx context.Context, resources [][]byte, mark func(ctx context.Context, tx store.Tx, stored, quarantined int64) error) error {
	arrivals, err := r.sift(ctx, resources)
	if err != nil {
		return err
	}
	if err := r.prepare(ctx, arrivals); err != nil {
		return err
	}
	return r.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		now := r.Now()
		if err := r.pulls.Lease(ctx, tx.Store(), r.pull.ID, r.Owner, now, now.Add(r.Config.Lease)); err != nil {
			return err
		}
		return r.put(ctx, tx, arrivals, mark)
	})
}

func (r *run) put(ctx context.Context, tx *records.Tx, arrivals []*arrival, mark func(context.Context, store.Tx, int64, int64) error) error {
	db := tx.Store()
	heads, err := r.connections.Heads(ctx, db, keysOf(arrivals))
	if err != nil {
		return err
	}
	var b batch
	for _, a := range arrivals {
		if err := r.sort(ctx, db, a, heads[a.key], &b); err != nil {
			return err
		}
	}
	if err := r.provenance(&b); err != nil {
		return err
	}
	if _, err := tx.Put(ctx, b.drafts...); err != nil {
		return err
	}
	if err := r.connections.AddSources(ctx, db, b.sources); err != nil {
		return err
	}
	if err := r.pulls.Refer(ctx, db, r.pull.ID, b.refs); err != nil {
		return err
	}
	return mark(ctx, db, int64(len(b.sources)), b.quarantined)
}

// batch collects what a page's transaction writes.
type batch struct {
	drafts      []records.Draft
	sources     []store.Source
	refs        []store.Ref
	quarantined int64
}

func (r *run) sort(ctx context.Context, db store.Tx, a *arrival, head store.Source, b *batch) error {
	id := r.quarantineID(a)
	if a.problem != "" {
		b.quarantined++
		return r.connections.Quarantine(ctx, db, store.Quarantined{
			ID: id, Connection: r.connection.ID, Type: a.typ, ProviderID: a.id, Reason: a.problem, Received: db.Now(), Body: a.raw,
		})
	}
	if head.Hash == a.hash {
		return nil // another process was first
	}
	b.sources = append(b.sources, store.Source{
		Key: a.key, Version: head.Version + 1, Connection: r.connection.ID, Type: a.typ, ProviderID: a.id,
		Hash: a.hash, Received: db.Now(), Body: a.raw,
	})
	if a.draft != nil {
		b.drafts = append(b.drafts, *a.draft)
		b.refs = append(b.refs, a.refs...)
	}
	return r.connections.Unquarantine(ctx, db, id)
}

// quarantineID is the same for the same resource of the same connection; of
// one without an id, for the same bytes.
func (r *run) quarantineID(a *arrival) string {
	id := a.id
	if id == "" {
		id = a.hash
	}
	return hex.EncodeToString(r.mac("quarantine", r.connection.ID, a.typ, id))
}

func keysOf(arrivals []*arrival) []search.Key {
	keys := make([]search.Key, len(arrivals))
	for i, a := range arrivals {
		keys[i] = a.key
	}
	return keys
}

// query goes through the pages of one query from its checkpoint. A type that
// the provider refuses or breaks on is marked failed; the pull goes on.
func (r *run) query(ctx context.Context, q *store.PullQuery) error {
	seen := map[string]bool{q.Next: true}
	for q.State == store.QueryPending {
		page, err := r.fetch(ctx, func() (connectors.Page, error) {
			return r.Connector.Page(ctx, r.provider, r.creds, connectors.Query{Type: q.Type, URL: q.Next, Since: r.pull.Since})
		})
		if err == nil && page.Next != nil && seen[page.Next.URL] {
			err = &connectors.Error{Failure: connectors.BadAnswer, Detail: "the pages lead in a circle"}
		}
		if err != nil {
			if err := r.failed(ctx, q, err); err != nil {
				return err
			}
			continue
		}
		if q.N == 0 {
			if err := r.identify(ctx, page); err != nil {
				return err
			}
		}
		if err := r.store(ctx, page.Resources, r.advance(q, page)); err != nil {
			return err
		}
		seen[q.Next] = true
	}
	return nil
}

func (r *run) fetch(ctx context.Context, call func() (connectors.Page, error)) (page connectors.Page, err error) {
	if err := r.check(ctx); err != nil {
		return page, err
	}
	err = r.authorized(ctx, func() error {
		page, err = call()
		return err
	})
	return page, err
}

// advance moves the checkpoint behind the page.
func (r *run) advance(q *store.PullQuery, page connectors.Page) func(context.Context, store.Tx, int64, int64) error {
	before := *q
	return func(ctx context.Context, tx store.Tx, stored, quarantined int64) error {
		*q = before // the transaction may run again
		q.Fetched += int64(len(page.Resources))
		q.Stored += stored
		q.Quarantined += quarantined
		if q.Next = ""; page.Next != nil {
			q.Next = page.Next.URL
		} else {
			q.State = store.QueryDone
		}
		return r.pulls.Checkpoint(ctx, tx, *q)
	}
}

// failed records why a query cannot go on. What concerns the whole pull (its
// rights, a lapsed access, a pause that the provider asks for) is returned;
// so is everything about the Patient, without whom there is no record.
func (r *run) failed(ctx context.Context, q *store.PullQuery, err error) error {
	var e *connectors.Error
	if !errors.As(err, &e) || e.Failure == connectors.Reconnect || e.Failure == connectors.Throttled || e.Failure == connectors.Expired {
		return err
	}
	if q.N == 0 {
		if e.Failure == connectors.Down {
			return err
		}
		return r.end(ctx, store.ConnectionHeld, ReasonUnreadable)
	}
	r.Logger.Info("a type could not be pulled", "pull", r.pull.ID, "type", q.Type, "failure", string(e.Failure), "status", e.Status)
	q.State, q.Reason = store.QueryFailed, string(e.Failure)
	return r.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return r.pulls.Checkpoint(ctx, tx, *q) })
}
