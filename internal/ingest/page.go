package ingest

import (
	"context"
	"encoding/hex"

	"tributary/fhir"
	"tributary/internal/records"
	"tributary/internal/store"
)

// mark writes what is to change together with arrivals: their checkpoint.
type mark func(ctx context.Context, tx store.Tx, b *batch) error

// store writes arrivals: all of them, and the checkpoint that mark sets, or nothing.
func (r *run) store(ctx context.Context, arrivals []*arrival, mark mark) error {
	if err := r.prepare(ctx, arrivals); err != nil {
		return err
	}
	var b batch
	err := r.Records.Write(ctx, job, func(ctx context.Context, tx *records.Tx) error {
		if err := r.hold(ctx, tx.Store()); err != nil {
			return err
		}
		b = newBatch() // the transaction may run again
		return r.put(ctx, tx, arrivals, &b, mark)
	})
	if err == nil {
		r.note(&b)
	}
	return err
}

// batch collects what a transaction writes.
type batch struct {
	drafts  []records.Draft
	sources []store.Source
	refs    []store.Ref
	mended  []string // ids of rows in quarantine that are to go
	broken  []store.Quarantined
	// how many of each query's resources are stored, and quarantined
	stored, quarantined map[*store.PullQuery]int64
}

func newBatch() batch {
	return batch{stored: map[*store.PullQuery]int64{}, quarantined: map[*store.PullQuery]int64{}}
}

func (r *run) put(ctx context.Context, tx *records.Tx, arrivals []*arrival, b *batch, mark mark) error {
	db := tx.Store()
	if err := claim(ctx, db, arrivals); err != nil {
		return err
	}
	heads, err := r.connections.Heads(ctx, db, keysOf(arrivals))
	if err != nil {
		return err
	}
	for _, a := range arrivals {
		r.sort(a, heads[a.key], b, db)
	}
	if err := r.write(ctx, tx, b); err != nil {
		return err
	}
	return mark(ctx, db, b)
}

// claim makes the pulls of several participants that bring the same resource of
// nobody's record (a practitioner, a medication) wait for each other.
func claim(ctx context.Context, db store.Tx, arrivals []*arrival) error {
	var shared []int64
	for _, a := range arrivals {
		if !fhir.InPatientCompartment(a.typ) {
			shared = append(shared, int64(a.key))
		}
	}
	if len(shared) == 0 {
		return nil
	}
	return db.Claim(ctx, shared...)
}

func (r *run) sort(a *arrival, head store.Source, b *batch, db store.Tx) {
	id := r.quarantineID(a)
	if a.problem != "" {
		b.quarantined[a.query]++
		b.broken = append(b.broken, store.Quarantined{
			ID: id, Connection: r.connection.ID, Type: a.typ, ProviderID: a.id, Reason: a.problem, Received: db.Now(), Body: a.raw,
		})
		return
	}
	if r.quarantined[id] {
		b.mended = append(b.mended, id)
	}
	b.refs = append(b.refs, a.refs...)
	if head.Hash == a.hash {
		return // it came back as it was, or another pull was first
	}
	b.stored[a.query]++
	b.sources = append(b.sources, store.Source{
		Key: a.key, Version: head.Version + 1, Connection: r.connection.ID, Type: a.typ, ProviderID: a.id,
		Hash: a.hash, Received: db.Now(), Body: a.raw,
	})
	if a.draft != nil {
		b.drafts = append(b.drafts, *a.draft)
	}
}

func (r *run) write(ctx context.Context, tx *records.Tx, b *batch) error {
	if err := r.resources(ctx, tx, b.drafts); err != nil {
		return err
	}
	db := tx.Store()
	if err := r.connections.AddSources(ctx, db, b.sources); err != nil {
		return err
	}
	for _, q := range b.broken {
		if err := r.connections.Quarantine(ctx, db, q); err != nil {
			return err
		}
	}
	if err := r.connections.Unquarantine(ctx, db, b.mended); err != nil {
		return err
	}
	return r.pulls.Refer(ctx, db, r.pull.ID, r.unasked(b.refs))
}

// resources writes the drafts, and one Provenance for those that are new or changed.
func (r *run) resources(ctx context.Context, tx *records.Tx, drafts []records.Draft) error {
	results, err := tx.Put(ctx, drafts...)
	if err != nil {
		return err
	}
	var targets []reference
	for _, written := range results {
		if !written.Unchanged {
			targets = append(targets, reference{Reference: written.Resource.Type + "/" + written.Resource.ID})
		}
	}
	if len(targets) == 0 {
		return nil
	}
	p, err := r.provenance(targets)
	if err == nil {
		_, err = tx.Put(ctx, p)
	}
	return err
}

// unasked are the references, each once, that this run has not noted before.
func (r *run) unasked(refs []store.Ref) []store.Ref {
	var out []store.Ref
	seen := map[store.Ref]bool{}
	for _, ref := range refs {
		if !r.noted[ref] && !seen[ref] {
			seen[ref] = true
			out = append(out, ref)
		}
	}
	return out
}

// note remembers what the transaction, now committed, has changed.
func (r *run) note(b *batch) {
	for _, ref := range b.refs {
		r.noted[ref] = true
	}
	for _, q := range b.broken {
		r.quarantined[q.ID] = true
	}
	for _, id := range b.mended {
		delete(r.quarantined, id)
	}
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
