// Package bench measures the service as its users meet it: whole processes, over
// HTTP, against limits that are taken in the same run on the same machine.
//
//	(a) limit   google/fhir Unmarshal alone over the resources of the bundles
//	(b) write   the bundles as transactions, into SQLite and into PostgreSQL
//	(c) read    resources by id with a token, against a bare net/http handler of
//	            the same bytes (on PostgreSQL: with one point query)
//	(d) pull    people connect the sandbox provider, the service pulls
//	(e) export  research exports of what was pulled, for n and for four times n people
//	(f) access  the same reads with a fixed decision on who asks, and without the audit
//	(g) growth  a mix of searches over ten and a hundred times the data
//	(k) load    the k6 scripts of a folder, against this service on PostgreSQL and on
//	            SQLite and against a peer, in turn, with the same data
//
// Every server is a process of its own, started from this same binary on a free
// port with fresh data, so that its processor time and its peak memory can be
// read from /proc. The load comes from this process and shares the processors
// with them: throughputs are those of the whole machine, and comparable only with
// each other. A ratio is only ever made of two figures of one run.
//
// Neighbours: cmd/tributary starts it and answers for the operator of the servers;
// internal/demo takes people through the portal; internal/synth makes patients
// where no folder of bundles is given.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"tributary/internal/demo"
)

// Operator is what somebody at the machine can do beside a running server; it
// works on that server's configuration.
type Operator interface {
	demo.Installation
	// Token is an access token for the service's own API.
	Token(ctx context.Context) (string, error)
	Close(ctx context.Context) error
}

// Options of a run.
type Options struct {
	Data     string   // folder of R4 transaction bundles; "" makes patients
	Patients int      // how many are made
	Pulled   int      // people whose records are pulled
	Seed     uint64   // of made-up patients
	Seconds  float64  // how long each throughput of (a) and (c) is measured
	Only     []string // parts to run, by name; empty: all
	Growth   int      // patients that the growth begins with; 0 leaves it out
	Postgres string   // URL of a server to make a database on; "" leaves PostgreSQL out
	Profile  bool     // keep processor profiles of the servers
	Out      string   // folder for the reports and the profiles
	Binary   string   // this program
	Version  string
	Print    io.Writer
	Workloads
	// Operate opens the installation of that configuration file, beside its servers.
	Operate func(ctx context.Context, file string) (Operator, error)
}

// run is the state of one run.
type run struct {
	Options
	report Report
	data   *bundles
	limit  float64 // processor time of google/fhir per resource, µs
	dir    string  // for the servers' data
}

// parts in the order in which they run; later ones may use what earlier ones
// found, but the limit is taken in any case.
var parts = []struct {
	name, does string
	run        func(*run, context.Context) error
}{
	{"limit", "google/fhir alone", (*run).measureLimit},
	{"sqlite", "writes and reads on SQLite", (*run).measureSQLite},
	{"postgres", "writes and reads on PostgreSQL", (*run).measurePostgres},
	{"pull", "the pull from a provider, and the research export", (*run).measurePull},
	{"access", "what access and its audit cost a read", (*run).measureAccess},
	{"load", "the k6 workloads", (*run).measureWorkloads},
	{"growth", "searches while the data grows", (*run).measureGrowth},
}

// check refuses names of parts that there are not.
func (o Options) check() error {
	known := ""
	for _, p := range parts {
		known += " " + p.name
	}
	for _, name := range o.Only {
		if !slices.Contains(strings.Fields(known), name) {
			return fmt.Errorf("there is no part %q; the parts are%s", name, known)
		}
	}
	return nil
}

// Run measures, prints each figure as it comes, and writes report.json and
// report.html. A missed
// target is no error: the report says it.
func Run(ctx context.Context, o Options) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	r := &run{Options: o, report: newReport(o)}
	if r.dir, err = os.MkdirTemp("", "tributary-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	if r.data, err = loadBundles(o); err != nil {
		return err
	}
	r.describe()
	for _, p := range parts {
		if !r.wanted(p.name) {
			continue
		}
		fmt.Fprintf(r.Print, "\n%s …\n", p.does)
		if err := p.run(r, ctx); err != nil {
			return errors.Join(fmt.Errorf("%s: %w", p.does, err), r.report.write(o.Out))
		}
	}
	r.report.table(r.Print)
	fmt.Fprintf(r.Print, "\n%s\n", filepath.Join(o.Out, "report.html"))
	return r.report.write(o.Out)
}

func (r *run) wanted(part string) bool {
	return part == "limit" || len(r.Only) == 0 || slices.Contains(r.Only, part)
}

func (r *run) describe() {
	d := &r.report.Data
	d.Source, d.Bundles, d.Resources, d.Bytes = r.data.source, len(r.data.patients), r.data.resources, r.data.bytes
	fmt.Fprintf(r.Print, "%d processors, %s; %d patient bundles (%s), %d resources, %.1f MB\n",
		r.report.Machine.Processors, r.report.Machine.Go, d.Bundles, d.Source, d.Resources, float64(d.Bytes)/1e6)
	fmt.Fprintln(r.Print, "the load is made on the same processors as the servers run on")
}

// add keeps a figure and prints it.
func (r *run) add(f Figure) {
	f.judge()
	r.report.Figures = append(r.report.Figures, f)
	fmt.Fprintf(r.Print, "  %s\n", f.line())
}
