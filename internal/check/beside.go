package check

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"tributary/fhir/search"
	"tributary/internal/audit"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// audit goes over the trail: each event can be read, stands under the key of its id,
// and names no written version that is not there.
func (r *run) audit(ctx context.Context) error {
	for after, first := int64(-1<<63), true; ; first = false {
		page, err := r.events(ctx, after, first)
		if err != nil {
			return err
		}
		said := map[int64]audit.Entity{}
		for _, e := range page {
			after = int64(e.Key)
			r.event(e, said)
		}
		if err := r.versionsThere(ctx, said); err != nil {
			return err
		}
		r.tell("audit", r.Events, r.Events+int64(len(page)))
		if r.Events += int64(len(page)); len(page) < pageSize {
			return nil
		}
	}
}

func (r *run) events(ctx context.Context, after int64, first bool) ([]store.AuditRow, error) {
	compare := ">"
	if first {
		compare = ">="
	}
	rows, err := r.db.Query(ctx, `SELECT key, at, facts FROM audit_event WHERE key `+compare+` $1 ORDER BY key LIMIT `+strconv.Itoa(pageSize), after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var page []store.AuditRow
	for rows.Next() {
		var e store.AuditRow
		var at int64
		if err := rows.Scan((*int64)(&e.Key), &at, &e.Facts); err != nil {
			return nil, err
		}
		e.At = store.Time(at)
		page = append(page, e)
	}
	return page, rows.Err()
}

// event notes the latest version of each resource that events say was written.
func (r *run) event(e store.AuditRow, said map[int64]audit.Entity) {
	id, versions, err := audit.Written(e.Facts)
	switch {
	case err != nil:
		r.fault(Fault{Kind: Audit, Detail: fmt.Sprintf("an event cannot be read (key %d)", e.Key)})
	case search.KeyOf("AuditEvent", id) != e.Key:
		r.fault(Fault{Kind: Audit, Type: "AuditEvent", ID: id, Detail: "its key is not that of its id"})
	case e.At.IsZero():
		r.fault(Fault{Kind: Audit, Type: "AuditEvent", ID: id, Detail: "it has no time"})
	}
	for _, v := range versions {
		if key := int64(search.KeyOf(v.Type, v.ID)); v.Version > said[key].Version {
			said[key] = v
		}
	}
}

// asked is how many resources one statement looks up.
const asked = 100

func (r *run) versionsThere(ctx context.Context, said map[int64]audit.Entity) error {
	keys := make([]int64, 0, len(said))
	for key := range said {
		keys = append(keys, key)
	}
	for len(keys) > 0 {
		part := keys[:min(asked, len(keys))]
		keys = keys[len(part):]
		current, err := tables.Versions{}.Current(ctx, r.db, part)
		if err != nil {
			return err
		}
		for _, key := range part {
			if v := said[key]; current[key] < v.Version {
				r.fault(Fault{Kind: Audit, Type: v.Type, ID: v.ID, Version: v.Version, Detail: "this version was written, says the audit, and is not there"})
			}
		}
	}
	return nil
}

// sources are the providers' own bytes: each is of a resource that is there, but for
// Patients, of which only the bytes are kept.
func (r *run) sources(ctx context.Context) error {
	rows, err := r.db.Query(ctx, `SELECT h.type, h.key FROM source_head h WHERE h.type <> 'Patient' AND NOT EXISTS (SELECT 1 FROM resource r WHERE r.key = h.key)
		ORDER BY h.key LIMIT `+strconv.Itoa(r.Most))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var typ string
		var key int64
		if err := rows.Scan(&typ, &key); err != nil {
			return err
		}
		r.fault(Fault{Kind: Source, Type: typ, Detail: fmt.Sprintf("a provider's bytes are of a resource that is not there (key %d)", key)})
	}
	return rows.Err()
}

// silent is after what time without a sign of life nobody works on a job.
const silent = time.Hour

// work looks at what should be finished in the background.
func (r *run) work(ctx context.Context) error {
	open, err := tables.Reindexes{}.Open(ctx, r.db, 1000)
	if err != nil {
		return err
	}
	if r.state.Generation < search.Generation && len(open) == 0 {
		r.fault(Fault{Kind: Work, Detail: "the index was made by an older release, and nobody is to bring it up to date: start the service, or run reindex"})
	}
	byID := map[string]bool{}
	for _, job := range open {
		byID[job.ID] = true
		if r.Now().Sub(job.Beat) > silent {
			r.fault(Fault{Kind: Work, Detail: "a job on the index gave no sign of life for an hour (" + job.ID + ")"})
		}
	}
	params, err := tables.SearchParams{}.All(ctx, r.db)
	for _, p := range params {
		if p.State != store.ParamReady && !byID[p.Reindex] {
			r.fault(Fault{Kind: Work, Type: "SearchParameter", ID: p.Resource, Param: p.Type + "." + p.Code, Detail: "it is " + string(p.State) + ", and no job will change that: ask for its $reindex"})
		}
	}
	if err != nil {
		return err
	}
	return r.releases(ctx)
}

func (r *run) releases(ctx context.Context) error {
	stalled, err := tables.Releases{}.Stalled(ctx, r.db, r.Now().Add(-silent), r.Most)
	for _, id := range stalled {
		r.fault(Fault{Kind: Work, Detail: "an export gave no sign of life for an hour (" + id + ")"})
	}
	return err
}
