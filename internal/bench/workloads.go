package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Workloads says which k6 scripts load the servers, and what they are held against.
type Workloads struct {
	Folder   string        // with crud.js, import.js, read.js, search.js, everything.js; "" runs none
	K6       string        // the program
	Duration time.Duration // of each workload but the import, which ends with its bundles
	Peer     Peer
}

// Peer is another FHIR server on this machine, with an empty database. An empty
// Base is none.
type Peer struct {
	Base        string // FHIR base URL
	Token       string // bearer token, or
	TokenCmd    string // a shell command that prints one
	AfterImport string // a shell command, such as one that lets its database gather statistics
	PID         int    // of its server, for its processor time and memory; 0 is not known
}

// workload is one script. Rates are requests a second, of the import resources.
type workload struct {
	name  string
	users int     // virtual users
	rate  float64 // how many times the peer's rate is the target
	tail  float64 // at most this share of the peer's p99; 0 has no target
}

var workloads = []workload{
	{name: "crud", users: 16, rate: 2},
	{name: "import", users: 8, rate: 3},
	{name: "read", users: 16, rate: 1.25},
	{name: "search", users: 8, rate: 3, tail: 0.2},
	{name: "everything", users: 4, rate: 3},
}

// mostImport is the target for the server's processor time per imported resource,
// as a multiple of google/fhir's alone.
const mostImport = 1.7

// measureWorkloads runs each workload against every server in turn: all have
// their own database with the same data, and the others are idle meanwhile.
func (r *run) measureWorkloads(ctx context.Context) error {
	if r.Workloads.Folder == "" {
		fmt.Fprintln(r.Print, "  left out: --workloads names no folder of k6 scripts")
		return nil
	}
	index, err := r.indexBundles()
	if err != nil {
		return err
	}
	return r.onPostgres(ctx, func(database string) error { return r.inTurns(ctx, database, index) })
}

func (r *run) inTurns(ctx context.Context, database string, index bundleIndex) (err error) {
	targets, stop, err := r.targets(ctx, database)
	defer func() { err = errors.Join(err, stop()) }()
	if err != nil {
		return err
	}
	if len(targets) > 0 && targets[0].database != nil {
		if r.report.Machine.Database, err = targets[0].database.settings(ctx); err != nil {
			return err
		}
	}
	for _, w := range workloads {
		row := make([]Measured, len(targets))
		for i, t := range targets {
			if row[i], err = r.load(ctx, w, t, index); err != nil {
				return fmt.Errorf("%s against %s: %w", w.name, t.name, err)
			}
			fmt.Fprintf(r.Print, "  %s\n", row[i].line())
		}
		r.report.Workloads = append(r.report.Workloads, row...)
		r.compare(w, row)
	}
	return nil
}

// warm is how long a server is loaded before what counts.
const warm = 10 * time.Second

// load runs one workload against one server.
func (r *run) load(ctx context.Context, w workload, t *target, index bundleIndex) (m Measured, err error) {
	if w.name == workloads[0].name {
		short := k6{workload: w, duration: min(warm, r.Workloads.Duration), target: t, index: index, out: filepath.Join(r.dir, "warm")}
		if _, err := r.k6(ctx, short); err != nil {
			return m, err
		}
	}
	out := filepath.Join(r.Out, "k6", t.file)
	before, err := t.spent(ctx)
	if err != nil {
		return m, err
	}
	profiled := r.profileLoad(ctx, w, t)
	if m, err = r.k6(ctx, k6{workload: w, duration: r.Workloads.Duration, target: t, index: index, out: out}); err != nil {
		return m, errors.Join(err, profiled())
	}
	after, err := t.spent(ctx)
	if err != nil {
		return m, err
	}
	m.cost(before, after, index.entries)
	if err = errors.Join(profiled(), t.settle(ctx, w, &m)); err != nil {
		return m, err
	}
	return m, nil
}

// profileLoad keeps a profile of the middle of a workload, where the server is ours.
func (r *run) profileLoad(ctx context.Context, w workload, t *target) (wait func() error) {
	if t.process == nil {
		return func() error { return nil }
	}
	wait0, seconds := r.Workloads.Duration/4, max(1, int(r.Workloads.Duration.Seconds()/3))
	if w.name == "import" {
		wait0, seconds = time.Second, 5
	}
	done := make(chan error, 1)
	go func() {
		timer := time.NewTimer(wait0)
		defer timer.Stop()
		select {
		case <-timer.C:
			done <- r.keepProfile(ctx, w, t, seconds)
		case <-ctx.Done():
			done <- ctx.Err()
		}
	}()
	return func() error { return <-done }
}

func (r *run) keepProfile(ctx context.Context, w workload, t *target, seconds int) error {
	name := w.name + "-" + t.file
	if err := r.fetchProfile(ctx, t.process, name, seconds); err != nil {
		return err
	}
	raw, err := os.ReadFile(r.profileFile(name))
	if err != nil {
		return err
	}
	p, err := parseProfile(raw)
	if err != nil {
		return fmt.Errorf("the profile of %s: %w", name, err)
	}
	r.report.Profiles = append(r.report.Profiles, p.top(w.name, t.name))
	return nil
}

// compare makes the figures with targets: ours against the peer's, and what an
// imported resource costs against the limit.
func (r *run) compare(w workload, row []Measured) {
	for _, ours := range row {
		if w.name == "import" && ours.Server != peerName {
			r.add(Figure{Part: "k", Name: "import into " + ours.Server + ", processor time a resource as a multiple of (a)",
				Value: ours.Processor / r.limit, Unit: "×", Most: mostImport})
		}
	}
	peer := row[len(row)-1]
	if peer.Server != peerName || peer.Rate == 0 {
		return
	}
	for _, ours := range row[:len(row)-1] {
		f := Figure{Part: "k", Name: w.name + " on " + ours.Server + " against the peer", Value: ours.Rate / peer.Rate, Unit: "×"}
		tail := Figure{Part: "k", Name: w.name + " on " + ours.Server + ", p99 against the peer's", Value: ours.P99 / peer.P99, Unit: "×"}
		if strings.HasPrefix(ours.Server, "PostgreSQL") {
			f.Least, tail.Most = w.rate, w.tail
		}
		r.add(f)
		r.add(tail)
	}
}
