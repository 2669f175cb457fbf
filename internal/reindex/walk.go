package reindex

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// The phases of jobs; the package comment tells what they do.
const (
	fill  = "fill"
	late  = "late"
	sweep = "sweep"
	purge = "purge"
)

var phases = map[string]func(s *Service, ctx context.Context, job store.Reindex, step *store.ReindexStep) error{
	fill: (*Service).fillBatch, late: (*Service).fillBatch, sweep: (*Service).sweepBatch, purge: (*Service).purgeBatch,
}

// step works on a step, batch by batch, until it is over.
func (s *Service) step(ctx context.Context, job store.Reindex, step *store.ReindexStep) error {
	batch, known := phases[step.Phase]
	if !known {
		return fmt.Errorf("reindex: there is no phase %q", step.Phase)
	}
	for !step.Over {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := batch(s, ctx, job, step); err != nil {
			return err
		}
	}
	return nil
}

// walkBatch is how many resources one transaction locks: some tens of
// milliseconds for whoever waits for one of them.
const walkBatch = 100

// margin is from how long before a job began the late phase looks, and how long after
// it a walk ends: a write that was being prepared then may have been committed behind
// the walk.
const margin = 5 * time.Minute

// place is where a walk over the resources of a type goes on.
type place struct{ updated, key int64 }

func (p place) String() string {
	return strconv.FormatInt(p.updated, 10) + " " + strconv.FormatInt(p.key, 10)
}

func placeOf(job store.Reindex, step *store.ReindexStep) (p place, err error) {
	if step.Place == "" && step.Phase == late {
		p.updated = store.Micros(job.Created.Add(-margin))
	}
	if step.Place != "" {
		_, err = fmt.Sscan(step.Place, &p.updated, &p.key)
	}
	return p, err
}

// fillBatch adds the rows that are missing of the next resources of a type.
func (s *Service) fillBatch(ctx context.Context, job store.Reindex, step *store.ReindexStep) error {
	at, err := placeOf(job, step)
	if err != nil {
		return err
	}
	typ, err := store.TypeNumber(step.Type)
	if err != nil {
		return err
	}
	if step.Place == "" {
		if err := s.count(ctx, step, typ, at); err != nil {
			return err
		}
	}
	found, next, err := s.changedAfter(ctx, typ, at)
	if err != nil {
		return err
	}
	ready := make(map[string]prepared, len(found))
	for _, r := range found {
		ready[keyOf(r)] = s.prepare(r, job.Numbers)
	}
	after := *step
	// What is written long after the job began is indexed by whoever writes it: a walk
	// does not run behind those who write faster.
	after.Place, after.Over = next.String(), len(found) < walkBatch || next.updated > store.Micros(job.Started.Add(margin))
	after.Done += int64(len(found))
	after.Total = max(after.Total, after.Done)
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		noted := after
		if err := s.complete(ctx, tx, job, &noted, found, ready); err != nil {
			return err
		}
		*step = noted
		return s.jobs.Checkpoint(ctx, tx, job.ID, s.Owner, noted, s.Now())
	})
	return err
}

// count is for the progress alone: what is written meanwhile adds to it.
func (s *Service) count(ctx context.Context, step *store.ReindexStep, typ int16, at place) error {
	return s.Store.QueryRow(ctx, `SELECT COUNT(*) FROM resource WHERE type=$1 AND updated>=$2 AND deleted=0`, int64(typ), at.updated).Scan(&step.Total)
}

// changedAfter reads resources of a type in the order of their change.
func (s *Service) changedAfter(ctx context.Context, typ int16, at place) (found []store.Resource, next place, err error) {
	rows, err := s.Store.Query(ctx, `SELECT key, id, version, updated, body FROM resource WHERE type=$1 AND deleted=0
		AND updated>=$2 AND (updated, key) > ($2, $3) ORDER BY updated, key LIMIT `+strconv.Itoa(walkBatch), int64(typ), at.updated, at.key)
	if err != nil {
		return nil, at, err
	}
	defer rows.Close()
	for rows.Next() {
		r := store.Resource{Type: store.TypeName(typ)}
		if err := rows.Scan(&at.key, &r.ID, &r.Version, &at.updated, &r.Body); err != nil {
			return nil, at, err
		}
		found = append(found, r)
	}
	return found, at, rows.Err()
}

// prepared is what the index should have of a version.
type prepared struct {
	version int64
	entries search.Entries
	failed  bool
}

// prepare extracts what parameters of these numbers (none: all) say of a resource.
func (s *Service) prepare(r store.Resource, numbers []int32) prepared {
	entries, err := s.extract(r)
	if err != nil {
		s.Logger.Error("a stored resource cannot be indexed", "type", r.Type, "id", r.ID, "error", err)
	}
	return prepared{r.Version, only(entries, numbers), err != nil}
}

func (s *Service) extract(r store.Resource) (search.Entries, error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return search.Entries{}, err
	}
	return s.Registry.Extract(r.Type, r.ID, root, s.Base)
}

// complete adds what is missing of resources, as they are now that they are locked.
func (s *Service) complete(ctx context.Context, tx store.Tx, job store.Reindex, step *store.ReindexStep, found []store.Resource, ready map[string]prepared) error {
	current, err := tx.Lock(ctx, refsOf(found))
	if err != nil {
		return err
	}
	rows := make([]store.Indexed, 0, len(current))
	for _, r := range current {
		p := ready[keyOf(r)]
		if r.Deleted {
			continue
		}
		if p.version != r.Version {
			p = s.prepare(r, job.Numbers)
		}
		if p.failed {
			step.Failed++
		}
		rows = append(rows, store.Indexed{Key: r.Key(), Entries: p.entries})
	}
	if err := (tables.Parts{}).Hold(ctx, tx); err != nil && !errors.Is(err, store.ErrStale) {
		return err
	}
	added, err := tx.(store.Indexer).Index(ctx, rows)
	if step.Added += added; err != nil || added == 0 {
		return err
	}
	return addParts(ctx, tx, rows)
}

// addParts adds those of the strings: the change feed has passed the resources.
func addParts(ctx context.Context, tx store.Tx, rows []store.Indexed) error {
	var keys []search.Key
	for _, r := range rows {
		if len(r.Entries.Strings) > 0 {
			keys = append(keys, r.Key)
		}
	}
	return tables.Parts{}.Add(ctx, tx, keys)
}

func refsOf(resources []store.Resource) []store.Ref {
	refs := make([]store.Ref, len(resources))
	for i, r := range resources {
		refs[i] = store.Ref{Type: r.Type, ID: r.ID}
	}
	return refs
}

// only keeps the rows of parameters.
func only(e search.Entries, numbers []int32) search.Entries {
	if len(numbers) == 0 {
		return e
	}
	in := make(map[int32]bool, len(numbers))
	for _, n := range numbers {
		in[n] = true
	}
	return search.Entries{
		Tokens:     which(e.Tokens, func(r search.TokenEntry) bool { return in[r.Param] }),
		References: which(e.References, func(r search.ReferenceEntry) bool { return in[r.Param] }),
		Strings:    which(e.Strings, func(r search.StringEntry) bool { return in[r.Param] }),
		Dates:      which(e.Dates, func(r search.DateEntry) bool { return in[r.Param] }),
		Quantities: which(e.Quantities, func(r search.QuantityEntry) bool { return in[r.Param] }),
		URIs:       which(e.URIs, func(r search.URIEntry) bool { return in[r.Param] }),
		Composites: which(e.Composites, func(r search.CompositeEntry) bool { return in[r.Param] }),
	}
}

func which[E any](rows []E, keep func(E) bool) (kept []E) {
	for _, row := range rows {
		if keep(row) {
			kept = append(kept, row)
		}
	}
	return kept
}

// keysList is $1,$2,… for so many.
func keysList(n int) string {
	places := make([]string, n)
	for i := range places {
		places[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(places, ",")
}

// keyOf names a resource among those of a batch.
func keyOf(r store.Resource) string { return r.Type + "/" + r.ID }
