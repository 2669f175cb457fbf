package export_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/blob"
	"tributary/internal/errs"
	"tributary/internal/export"
	"tributary/internal/records"
	"tributary/internal/store"
)

// people are the participants of a test: what they permit, and who they are in research.
type people struct {
	mu        sync.Mutex
	order     []string
	permitted map[string]access.Permissions
	during    func(id string) // called when a participant's turn comes
}

func (p *people) set(id string, now access.Permissions) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.permitted[id]; !known {
		p.order = append(p.order, id)
	}
	p.permitted[id] = now
}

func (p *people) Permissions(_ context.Context, id string) (access.Permissions, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.permitted[id], nil
}

func (p *people) PermittedIn(ctx context.Context, _ store.DB, id string) (access.Permissions, error) {
	return p.Permissions(ctx, id)
}

func (p *people) Withdrawn(context.Context) ([]string, error) { return nil, nil }

func (p *people) Members(_ context.Context, group string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if group != "cohort" {
		return nil, nil
	}
	return append([]string(nil), p.order...), nil
}

func (p *people) ResearchID(_ context.Context, id string) (string, int, error) {
	if p.during != nil {
		p.during(id)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, other := range p.order {
		if id == other {
			return fmt.Sprintf("R%032x", i+1), 10 + i%300, nil
		}
	}
	return "", 0, errs.New(errs.NotFound, "nobody")
}

// clear seals by doing nothing but binding to the owner.
type clear struct{}

func (clear) Seal(plain, aad []byte) ([]byte, error) {
	return append(append([]byte{}, aad...), plain...), nil
}

func (clear) Open(sealed, aad []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(sealed, aad)
	if !ok {
		return nil, fmt.Errorf("sealed for another")
	}
	return plain, nil
}

// queue keeps what was enqueued; the test runs it.
type queue struct {
	mu   sync.Mutex
	args []river.JobArgs
}

func (q *queue) Enqueue(_ context.Context, _ store.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.args = append(q.args, args)
	return nil
}

func (q *queue) take() []river.JobArgs {
	q.mu.Lock()
	defer q.mu.Unlock()
	args := q.args
	q.args = nil
	return args
}

// site is a service with its store and people.
type site struct {
	*export.Service
	t       testing.TB
	records *records.Service
	people  *people
	queue   *queue
	blobs   blob.Sink
	now     time.Time
}

func newSite(t testing.TB, s store.Store, change func(*export.Config)) *site {
	t.Helper()
	x := &site{t: t, people: &people{permitted: map[string]access.Permissions{}}, queue: &queue{},
		now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	ids := search.NewIDs(1, time.Now)
	log := audit.New(audit.Config{Store: s, IDs: ids, Now: time.Now})
	t.Cleanup(func() { log.Close(context.Background()) })
	policy := &access.Policy{Consents: x.people, Groups: x.people, Registry: search.Base()}
	x.records = records.New(records.Config{Store: s, Policy: policy, Audit: log, IDs: ids, BaseURL: "http://t/fhir/R4"})
	var err error
	if x.blobs, err = blob.Folder(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.blobs.Close() })
	c := export.Config{Store: s, Access: policy, Consents: x.people, Groups: x.people, Participants: x.people, Audit: log,
		Queue: x.queue, Sealer: clear{}, Blobs: x.blobs, FHIRBase: "http://t/fhir/R4", FilesBase: "http://t/export/files",
		Now: func() time.Time { return x.now }}
	if change != nil {
		change(&c)
	}
	x.Service = export.New(c)
	return x
}

// put stores resources as the ingest does.
func (x *site) put(origin records.Origin, bodies ...[]byte) {
	x.t.Helper()
	drafts := make([]records.Draft, len(bodies))
	for i, b := range bodies {
		r, err := fhir.Parse(b)
		if err != nil {
			x.t.Fatalf("%v\n%s", err, b)
		}
		drafts[i] = records.Draft{Type: r.Type, ID: r.ID, Parsed: r, Origin: origin}
	}
	err := x.records.Write(x.t.Context(), access.Job("seed", "HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		_, err := tx.Put(ctx, drafts...)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

// withdraw is what package consent does.
func (x *site) withdraw(patient string) {
	x.t.Helper()
	err := x.records.Write(x.t.Context(), access.Job("consent", "HRESCH"), func(ctx context.Context, tx *records.Tx) error {
		x.people.set(patient, access.Permissions{Withdrawn: true})
		return x.Withdrawn(ctx, tx, patient, x.now)
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

func client(id string, role access.Role, scope string) access.Actor {
	scopes, err := access.ParseScopes(scope)
	if err != nil {
		panic(err)
	}
	return access.Actor{Role: role, Client: id, Scopes: scopes, Groups: []string{"cohort"}}
}

var warehouse = client("warehouse", access.Research, "system/*.rs")

type handler func(w http.ResponseWriter, r *http.Request, a access.Actor) error

// ask calls a handler as the server does; errors become their status.
func (x *site) ask(h handler, a access.Actor, method, url string, header ...string) *httptest.ResponseRecorder {
	x.t.Helper()
	r := httptest.NewRequestWithContext(x.t.Context(), method, url, nil)
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	if err := h(w, r, a); err != nil {
		e := errs.Of(err)
		if e.RetryAfter > 0 {
			w.Header().Set("Retry-After", fmt.Sprint(e.RetryAfter.Seconds()))
		}
		w.WriteHeader(e.Kind.Status())
		io.WriteString(w, err.Error())
	}
	return w
}

// start kicks off and returns the status URL.
func (x *site) start(a access.Actor, path string, header ...string) string {
	x.t.Helper()
	w := x.ask(x.KickOff, a, "GET", "http://t/fhir/R4/"+path, header...)
	if w.Code != http.StatusAccepted {
		x.t.Fatalf("kick-off: %d %s", w.Code, w.Body)
	}
	return w.Header().Get("Content-Location")
}

// work runs what is enqueued.
func (x *site) work() {
	x.t.Helper()
	for args := x.queue.take(); len(args) > 0; args = x.queue.take() {
		for _, a := range args {
			var err error
			switch a := a.(type) {
			case export.ReleaseArgs:
				err = x.Work(x.t.Context(), a.ID, true)
			case export.PurgeArgs:
				err = x.blobs.DeleteAll(x.t.Context(), a.Prefix)
			}
			if err != nil {
				x.t.Fatal(err)
			}
		}
	}
}

type manifest struct {
	TransactionTime, Request string
	RequiresAccessToken      bool
	Output, Error            []struct {
		Type, URL string
		Count     int
	}
}

func (x *site) manifest(a access.Actor, status string) (m manifest) {
	x.t.Helper()
	w := x.ask(x.Status, a, "GET", status)
	if w.Code != http.StatusOK {
		x.t.Fatalf("status: %d %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		x.t.Fatal(err)
	}
	return m
}

func (x *site) file(a access.Actor, url string) *httptest.ResponseRecorder {
	x.t.Helper()
	return x.ask(x.File, a, "GET", url)
}

// lines downloads everything, by type, and holds the counts against the manifest.
func (x *site) lines(a access.Actor, status string) map[string][]string {
	x.t.Helper()
	all := map[string][]string{}
	for _, o := range x.manifest(a, status).Output {
		w := x.file(a, o.URL)
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/fhir+ndjson" {
			x.t.Fatalf("%s: %d %s", o.URL, w.Code, w.Body)
		}
		got := strings.Split(strings.TrimSuffix(w.Body.String(), "\n"), "\n")
		if len(got) != o.Count {
			x.t.Errorf("%s has %d lines, the manifest says %d", o.URL, len(got), o.Count)
		}
		all[o.Type] = append(all[o.Type], got...)
	}
	return all
}

// run exports the cohort.
func (x *site) run(a access.Actor) map[string][]string {
	x.t.Helper()
	status := x.start(a, "Group/cohort/$export")
	x.work()
	return x.lines(a, status)
}

var (
	all       = access.Permissions{Research: true, EHR: true}
	noRecords = access.Permissions{Research: true}
)
