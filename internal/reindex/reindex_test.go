package reindex_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/check"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/reindex"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

const base = "http://127.0.0.1/fhir/R4"

// nobody has consented to anything, and there are no Groups.
type nobody struct{}

func (nobody) Permissions(context.Context, string) (access.Permissions, error) {
	return access.Permissions{}, nil
}
func (nobody) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (nobody) Members(context.Context, string) ([]string, error) { return nil, nil }

// process is one of those that work on a database.
type process struct {
	t        *testing.T
	store    store.Store
	registry *search.Registry
	index    *reindex.Service
	records  *records.Service
	actor    access.Actor
}

var owners atomic.Int64

func begin(t *testing.T, db store.Store, now func() time.Time) *process {
	t.Helper()
	if now == nil {
		now = time.Now
	}
	p := &process{t: t, store: db, registry: search.Live(), actor: maintenance(t, "system/*.cruds")}
	n := int(owners.Add(1))
	ids := search.NewIDs(n, time.Now)
	events := audit.New(audit.Config{Store: db, IDs: ids, Now: time.Now})
	t.Cleanup(func() { events.Close(context.Background()) })
	p.index = reindex.New(reindex.Config{
		Store: db, Registry: p.registry, Audit: events, Base: base, Owner: fmt.Sprint("process ", n), Now: now, Barrier: time.Nanosecond,
		NewID: func() string { return ids.New("Basic") }, Logger: slog.New(slog.DiscardHandler),
	})
	p.records = records.New(records.Config{
		Store: db, Policy: &access.Policy{Consents: nobody{}, Groups: nobody{}, Registry: p.registry}, Audit: events, IDs: ids, Registry: p.registry,
		BaseURL: base, Guards: map[string]records.Guard{"SearchParameter": p.index},
	})
	if err := p.index.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	return p
}

func maintenance(t *testing.T, scope string) access.Actor {
	t.Helper()
	scopes, err := access.ParseScopes(scope)
	if err != nil {
		t.Fatal(err)
	}
	return access.Actor{Role: access.Maintenance, ID: "client", Client: "client", Scopes: scopes}
}

func (p *process) put(typ, id, members string) error {
	_, err := p.records.Update(p.t.Context(), p.actor, records.Op{Type: typ, ID: id, JSON: []byte(`{"resourceType":"` + typ + `","id":"` + id + `"` + members + `}`)})
	return err
}

func (p *process) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func mascot(value string) string {
	return `,"extension":[{"url":"http://x.example/mascot","valueCode":"` + value + `"}],"name":[{"family":"` + value + `"}]`
}

func parameter(status, expression string) string {
	return `,"url":"http://x.example/mascot","name":"mascot","description":"d","status":"` + status + `","code":"mascot","base":["Patient"],"type":"token","expression":"` + expression + `"`
}

const byExtension = "Patient.extension('http://x.example/mascot').value"

// fill makes patients, every other one an otter.
func (p *process) fill(n int) {
	p.t.Helper()
	for i := range n {
		p.must(p.put("Patient", fmt.Sprintf("p%03d", i), mascot([]string{"otter", "heron"}[i%2])))
	}
}

// open are the jobs that are not over.
func (p *process) open() []store.Reindex {
	p.t.Helper()
	jobs, err := tables.Reindexes{}.Open(p.t.Context(), p.store, 100)
	p.must(err)
	return jobs
}

func (p *process) workAll() {
	p.t.Helper()
	for _, job := range p.open() {
		p.must(p.index.Work(p.t.Context(), job.ID))
	}
}

func (p *process) count(query ...search.Pair) (int64, error) {
	page, err := p.records.Search(p.t.Context(), p.actor, records.Search{Type: "Patient", Query: append(query, search.Pair{Name: "_summary", Value: "count"})})
	return page.Total, err
}

func (p *process) finds(want int64, value string) {
	p.t.Helper()
	if n, err := p.count(search.Pair{Name: "mascot", Value: value}); err != nil || n != want {
		p.t.Errorf("%d are found by %s, want %d (%v)", n, value, want, err)
	}
}

// clean holds the whole store against itself.
func (p *process) clean() {
	p.t.Helper()
	p.must(p.index.Load(p.t.Context()))
	report, err := check.Run(p.t.Context(), check.Options{Store: p.store, Registry: p.registry, Base: base})
	p.must(err)
	for _, f := range report.Faults {
		p.t.Errorf("the check finds %+v", f)
	}
}

// rows are the index rows of custom parameters.
func (p *process) rows() (n int64) {
	p.t.Helper()
	p.must(p.store.QueryRow(p.t.Context(), `SELECT COUNT(*) FROM idx_token WHERE param >= $1`, int64(search.FirstCustom)).Scan(&n))
	return n
}

func TestAParameterFromItsDefinitionToItsEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		p, other := begin(t, db, nil), begin(t, db, nil)
		p.fill(250)
		p.must(p.put("SearchParameter", "mascot", parameter("active", byExtension)))
		p.must(other.index.Load(t.Context()))
		p.must(other.put("Patient", "new", mascot("otter"))) // indexed as it is written
		p.must(p.index.Load(t.Context()))
		if _, err := p.count(search.Pair{Name: "mascot", Value: "otter"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a parameter that is not indexed yet is searched by: %v", err)
		}
		p.clean()
		p.workAll()
		p.finds(126, "otter")
		p.must(other.index.Load(t.Context()))
		other.finds(125, "heron")
		p.clean()

		before := p.rows()
		p.must(p.put("SearchParameter", "mascot", parameter("active", byExtension)+`,"purpose":"the same"`))
		if len(p.open()) != 0 {
			t.Error("a definition that says the same is indexed again")
		}
		p.must(p.put("SearchParameter", "mascot", parameter("active", "Patient.name.family")))
		p.workAll()
		p.finds(126, "otter")
		if after := p.rows(); after == 0 || after == before {
			t.Errorf("%d rows before the definition changed, %d after", before, after)
		}
		p.clean()
		p.must(p.put("SearchParameter", "mascot", parameter("retired", "Patient.name.family")))
		p.workAll()
		if p.rows() != 0 {
			t.Error("a retired parameter has rows")
		}
		if _, err := p.count(search.Pair{Name: "mascot", Value: "otter"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a retired parameter is searched by: %v", err)
		}
		p.clean()
	})
}

// Writers change, delete and bring back what a job goes over; in the end the index
// has what the resources say.
func TestWritersMeanwhile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		p := begin(t, db, nil)
		p.fill(220)
		p.must(p.put("SearchParameter", "mascot", parameter("active", byExtension)))
		stop := make(chan struct{})
		var group sync.WaitGroup
		for writer := range 3 {
			group.Go(func() {
				for i := writer; ; i += 3 {
					select {
					case <-stop:
						return
					default:
					}
					id := fmt.Sprintf("p%03d", (i*37)%220)
					if i%5 == 0 {
						_, err := p.records.Delete(t.Context(), p.actor, records.Op{Type: "Patient", ID: id})
						raced(t, err)
						continue
					}
					raced(t, p.put("Patient", id, mascot([]string{"heron", "otter", "newt"}[i%3])))
				}
			})
		}
		p.workAll()
		again, err := p.index.Begin(t.Context(), p.actor, "once more", []string{"Patient"}, nil)
		p.must(err)
		p.must(p.index.Work(t.Context(), again.ID))
		close(stop)
		group.Wait()
		p.clean()
	})
}

// raced takes what a race may lead to.
func raced(t *testing.T, err error) {
	if err != nil && !errs.Is(err, errs.Conflict) {
		t.Error(err)
	}
}

// A job that was stopped goes on at its checkpoint, in another process.
func TestAJobGoesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx, stop := context.WithCancel(t.Context())
		var looks atomic.Int64
		first := begin(t, db, func() time.Time {
			if looks.Add(1) == 12 { // in the middle of the walk
				stop()
			}
			return time.Now()
		})
		first.fill(350)
		first.must(first.put("SearchParameter", "mascot", parameter("active", byExtension)))
		looks.Store(0)
		job := first.open()[0]
		if err := first.index.Work(ctx, job.ID); !errors.Is(err, context.Canceled) && looks.Load() >= 12 {
			t.Fatalf("the first process was not stopped: %v", err)
		}
		late := begin(t, db, func() time.Time { return time.Now().Add(time.Hour) })
		late.must(late.index.Resume(t.Context()))
		late.must(late.index.Work(t.Context(), job.ID))
		late.finds(175, "otter")
		if err := first.index.Work(t.Context(), job.ID); err != nil {
			t.Errorf("a job that is over is worked on again: %v", err)
		}
		_, steps, err := late.index.Progress(t.Context(), job.ID)
		late.must(err)
		if steps[0].Done != 350 {
			t.Errorf("%d resources were gone over, of 350", steps[0].Done)
		}
		late.clean()
	})
}

func TestWhatIsRefused(t *testing.T) {
	p := begin(t, storetest.SQLite(t, storetest.Options{}), nil)
	p.must(p.put("SearchParameter", "mascot", parameter("active", byExtension)))
	for _, c := range []struct {
		id, members string
		kind        errs.Kind
	}{
		{"other", parameter("active", byExtension), errs.Conflict},
		{"own", strings.Replace(parameter("active", byExtension), `"code":"mascot"`, `"code":"birthdate"`, 1), errs.Unprocessable},
		{"wrong", parameter("active", "Patient.name.where("), errs.Unprocessable},
	} {
		err := p.put("SearchParameter", c.id, c.members)
		if !errs.Is(err, c.kind) || !strings.HasPrefix(errs.Of(err).Expression, "SearchParameter.") {
			t.Errorf("%s: %v", c.id, err)
		}
		if _, err := p.records.Read(t.Context(), p.actor, "SearchParameter", c.id); !errs.Is(err, errs.NotFound) {
			t.Errorf("%s is stored", c.id)
		}
	}
	p.actor = access.Actor{Role: access.System, ID: "ingest", Unscoped: true}
	if err := p.put("SearchParameter", "pulled", parameter("active", byExtension)); !errs.Is(err, errs.Forbidden) {
		t.Errorf("a provider defines search parameters: %v", err)
	}
	p.actor = access.Actor{Role: access.EHR, ID: "ehr", Client: "ehr", Scopes: p.actor.Scopes, Unscoped: true}
	if err := p.put("SearchParameter", "ehr", parameter("active", byExtension)); !errs.Is(err, errs.Forbidden) {
		t.Errorf("an EHR system defines search parameters: %v", err)
	}
}

// A database that was indexed by an older release is indexed again.
func TestGenerations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		p := begin(t, db, nil)
		p.fill(3)
		for _, change := range []string{`DELETE FROM idx_string`, `UPDATE idx_date SET hi = hi + 1`, `UPDATE search_state SET generation = 0, version = version + 1`} {
			if _, err := db.Exec(t.Context(), change); err != nil {
				t.Fatal(err)
			}
		}
		next := begin(t, db, nil)
		if !next.registry.Unsettled() {
			t.Error("the index counts as right")
		}
		next.must(next.put("Patient", "p001", mascot("newt"))) // while rows of an older release stand
		next.must(next.index.Resume(t.Context()))
		next.must(next.index.Resume(t.Context()))
		if jobs := next.open(); len(jobs) != 1 {
			t.Fatalf("%d jobs were begun", len(jobs))
		}
		next.workAll()
		if state, err := next.index.State(t.Context()); err != nil || state.Generation != search.Generation || next.registry.Unsettled() {
			t.Errorf("%+v, %v", state, err)
		}
		next.clean()
	})
}
