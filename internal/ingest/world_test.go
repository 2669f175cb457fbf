package ingest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"tributary/connectors"
	"tributary/fhir/fhirtest"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/ingest"
	"tributary/internal/keys"
	"tributary/internal/records"
	"tributary/internal/session/embedded"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

const (
	providerBase = "https://ehr.example/fhir/R4"
	ourBase      = "https://study.example/fhir/R4"
)

// clock is a time that only tests move.
type clock struct{ micros atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.micros.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
	return c
}
func (c *clock) Now() time.Time          { return time.UnixMicro(c.micros.Load()).UTC() }
func (c *clock) Advance(d time.Duration) { c.micros.Add(d.Microseconds()) }

// world is a store with the real write path, an ingest service, and a provider
// that follows a script.
type world struct {
	*ingest.Service
	t        testing.TB
	clock    *clock
	store    store.Store
	records  *records.Service
	config   ingest.Config
	provider *script
	queue    *queue
	consents *consents
	rows     tables.Connections
	pulls    tables.Pulls

	concerned []string // by the last decision
}

// ingestJob is who stops connections in the transactions of others.
var ingestJob = access.Job("ingest", "HRESCH")

func contains(body []byte, text string) bool { return bytes.Contains(body, []byte(text)) }

// each runs a test in a fresh world on every backend.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	c := newClock()
	storetest.EachWith(t, storetest.Options{Now: c.Now}, func(t *testing.T, s store.Store) { test(t, newWorld(t, s, c)) })
}

func newWorld(t testing.TB, s store.Store, c *clock) *world {
	t.Helper()
	w := &world{t: t, clock: c, store: s, provider: newScript(), queue: &queue{}, consents: newConsents()}
	ids := search.NewIDs(1, c.Now)
	trail := audit.New(audit.Config{Store: s, IDs: ids, Now: c.Now, Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { trail.Close(context.Background()) })
	policy := &access.Policy{Consents: w.consents, Groups: w.consents, Registry: search.Base()}
	w.records = records.New(records.Config{Store: s, Policy: policy, Audit: trail, IDs: ids, BaseURL: ourBase, Now: c.Now})
	ring, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"), true)
	if err != nil {
		t.Fatal(err)
	}
	launches, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"), c.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { launches.Close() })
	var n atomic.Int64
	w.config = ingest.Config{
		Store: s, Records: w.records, Queue: w.queue, Consents: w.consents, Sealer: ring, Launches: launches, Connector: w.provider,
		Providers: []connectors.Provider{{ID: "harbor", Name: "Harbor Health", FHIRBase: providerBase}},
		Redirect:  "https://study.example/connect/callback", Base: ourBase, Key: make([]byte, 32), Now: c.Now,
		NewID: func() string { return fmt.Sprintf("row-%06d", n.Add(1)) }, Owner: "one", Lease: time.Minute,
		Logger: slog.New(slog.DiscardHandler),
	}
	w.Service = ingest.New(w.config)
	return w
}

// other is another process on the same database.
func (w *world) other(owner string) *ingest.Service {
	c := w.config
	c.Owner = owner
	return ingest.New(c)
}

// participant joins: a Patient of ours, who shares their record.
func (w *world) participant(id string, o ...fhirtest.Option) {
	w.t.Helper()
	o = append([]fhirtest.Option{fhirtest.ID(id), fhirtest.With("birthDate", "1980-05-06"), fhirtest.With("gender", "female")}, o...)
	err := w.records.Write(w.t.Context(), access.Job("accounts", "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, records.Draft{Type: "Patient", ID: id, JSON: fhirtest.Patient(o...)})
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.consents.set(id, access.Permissions{Research: true, EHR: true})
}

// begin starts a launch and returns its state.
func (w *world) begin(account, patient string) string {
	w.t.Helper()
	target, err := w.Start(w.t.Context(), account, patient, "harbor")
	if err != nil {
		w.t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		w.t.Fatal(err)
	}
	return u.Query().Get("state")
}

// connect goes through a launch and returns the connection.
func (w *world) connect(patient string) store.Connection {
	w.t.Helper()
	state := w.begin("account-"+patient, patient)
	if err := w.Callback(w.t.Context(), "account-"+patient, url.Values{"state": {state}, "code": {"c"}}); err != nil {
		w.t.Fatal(err)
	}
	return w.connection(patient)
}

// connection is the participant's latest.
func (w *world) connection(patient string) store.Connection {
	w.t.Helper()
	all, err := w.rows.OfPatient(w.t.Context(), w.store, patient)
	if err != nil || len(all) == 0 {
		w.t.Fatalf("no connection: %v", err)
	}
	return all[len(all)-1]
}

// status is what the participant sees of their latest connection.
func (w *world) status(patient string) ingest.Status {
	w.t.Helper()
	all, err := w.OfPatient(w.t.Context(), patient)
	if err != nil || len(all) == 0 {
		w.t.Fatalf("no status: %v", err)
	}
	return all[len(all)-1]
}

func typeOf(s ingest.Status, typ string) ingest.TypeStatus {
	for _, t := range s.Types {
		if t.Type == typ {
			return t
		}
	}
	return ingest.TypeStatus{}
}

// work runs the next job on a service, as attempt n of the job runner's.
func (w *world) work(s *ingest.Service, attempt int) error {
	w.t.Helper()
	args, ok := w.queue.next()
	if !ok {
		w.t.Fatal("no job waits")
	}
	return run(w.t.Context(), s, args, attempt)
}

func run(ctx context.Context, s *ingest.Service, args ingest.PullArgs, attempt int) error {
	return s.Work(ctx, &river.Job[ingest.PullArgs]{JobRow: &rivertype.JobRow{Attempt: attempt, MaxAttempts: 8}, Args: args})
}

// pull runs the next job to its end and returns the pull.
func (w *world) pull(patient string) store.Pull {
	w.t.Helper()
	if err := w.work(w.Service, 1); err != nil {
		w.t.Fatal(err)
	}
	return w.status(patient).Pull
}

// again asks for a further pull and runs it.
func (w *world) again(patient string) store.Pull {
	w.t.Helper()
	w.clock.Advance(time.Hour)
	if err := w.Again(w.t.Context(), w.connection(patient).ID); err != nil {
		w.t.Fatal(err)
	}
	return w.pull(patient)
}

// held lists the stored resources of a type.
func (w *world) held(typ string) []store.Resource {
	w.t.Helper()
	page, err := w.store.Search(w.t.Context(), search.Query{Type: typ, Count: 1000}, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Resources
}

// count runs a query that counts rows.
func (w *world) count(query string) (n int) {
	w.t.Helper()
	if err := w.store.QueryRow(w.t.Context(), query).Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// queue keeps the jobs of committed transactions, roughly: a test that rolls
// one back does not ask for its job.
type queue struct {
	mu   sync.Mutex
	jobs []ingest.PullArgs
}

func (q *queue) Enqueue(_ context.Context, _ store.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	if _, ok := args.(ingest.RemoveArgs); ok {
		return nil // tests run removals themselves
	}
	pull, ok := args.(ingest.PullArgs)
	if !ok {
		return errors.New("an unknown job")
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, pull)
	return nil
}

func (q *queue) next() (ingest.PullArgs, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.jobs) == 0 {
		return ingest.PullArgs{}, false
	}
	first := q.jobs[0]
	q.jobs = q.jobs[1:]
	return first, true
}

// consents answers as told.
type consents struct {
	mu  sync.Mutex
	all map[string]access.Permissions
}

func newConsents() *consents { return &consents{all: map[string]access.Permissions{}} }

func (c *consents) set(patient string, p access.Permissions) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all[patient] = p
}

func (c *consents) Permissions(_ context.Context, patient string) (access.Permissions, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all[patient], nil
}
func (c *consents) Withdrawn(context.Context) ([]string, error)       { return nil, nil }
func (c *consents) Members(context.Context, string) ([]string, error) { return nil, nil }
