package main

import (
	"context"
	"errors"
	"os"
	"time"

	"tributary/config"
	"tributary/internal/app"
	"tributary/internal/bench"
	"tributary/internal/demo"
)

type benchCommand struct {
	Data     string   `help:"Folder of R4 transaction bundles; made up if not given." type:"existingdir"`
	Patients int      `help:"How many patients are made up." default:"120"`
	Pulled   int      `help:"How many people's records are pulled." default:"5"`
	Seed     uint64   `help:"Of the made-up patients." default:"1"`
	Seconds  float64  `help:"How long each throughput of reads and of the limit is measured." default:"5"`
	Only     []string `help:"Parts to measure: sqlite, postgres, pull (with the exports), access, load, growth."`
	Growth   int      `help:"Patients that the growth of searches begins with, to a hundred times as many; 0 leaves it out." default:"16"`
	Profile  bool     `help:"Keep processor profiles of the servers beside the report."`
	Out      string   `help:"Folder for report.html and report.json." default:"out/bench" type:"path"`
	Postgres string   `help:"A PostgreSQL server to make a database on; none leaves PostgreSQL out." env:"TRIBUTARY_TEST_POSTGRES"`

	Workloads workloadFlags `embed:""`

	Baseline baselineFlags `embed:"" prefix:"baseline-" hidden:""`
	Measured string        `help:"Configuration of the installation whose reads are served without checks, to be measured." name:"measured-config" hidden:""`
}

// baselineFlags make this process the bare server that reads are held against.
type baselineFlags struct {
	Listen   string `help:"Where the bare server listens." hidden:""`
	Bodies   string `help:"Folder of the answers." hidden:""`
	Database string `help:"PostgreSQL database of the answers." hidden:""`
}

// workloadFlags choose the k6 scripts and the server that they are compared on.
type workloadFlags struct {
	Workloads string        `help:"Folder of k6 scripts: crud, import, read, search, everything." type:"existingdir" placeholder:"FOLDER"`
	K6        string        `help:"The program k6." default:"k6" name:"k6"`
	Duration  time.Duration `help:"Of each workload but the import." default:"30s"`
	Peer      string        `help:"FHIR base URL of another server on this machine, with an empty database, to be compared with." placeholder:"URL"`

	PeerToken       string `help:"The peer's bearer token." env:"PEER_TOKEN"`
	PeerTokenCmd    string `help:"A shell command that prints it." env:"PEER_TOKEN_CMD"`
	PeerAfterImport string `help:"A shell command after the peer's import, such as one that has its database gather statistics." env:"PEER_AFTER_IMPORT"`
	PeerPID         int    `help:"Process of the peer, for its processor time and memory." env:"PEER_PID" name:"peer-pid"`
}

func (f workloadFlags) options() bench.Workloads {
	return bench.Workloads{Folder: f.Workloads, K6: f.K6, Duration: f.Duration, Peer: bench.Peer{
		Base: f.Peer, Token: f.PeerToken, TokenCmd: f.PeerTokenCmd, AfterImport: f.PeerAfterImport, PID: f.PeerPID,
	}}
}

// Run implements the command bench.
func (c benchCommand) Run(e *environment) error {
	if c.Baseline.Listen != "" {
		return bench.ServeBaseline(e, bench.Baseline(c.Baseline))
	}
	if c.Measured != "" {
		return e.serveMeasured(c.Measured)
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	return bench.Run(e, bench.Options{
		Data: c.Data, Patients: c.Patients, Pulled: c.Pulled, Seed: c.Seed, Seconds: c.Seconds, Only: c.Only,
		Postgres: c.Postgres, Profile: c.Profile, Out: c.Out, Binary: binary, Growth: c.Growth, Version: version, Print: os.Stdout,
		Operate: e.operate, Workloads: c.Workloads.options(),
	})
}

// operator is at the machine of the servers that are measured.
type operator struct {
	demo.Installation
	service  *app.Service
	provider *app.Provider
}

// operate opens the installation of a configuration file, as a node of its own
// beside the servers that run on it.
func (e *environment) operate(ctx context.Context, file string) (bench.Operator, error) {
	c, err := config.Load(file, []string{"TRIBUTARY_NODE=2"})
	if err != nil {
		return nil, err
	}
	options := e.options
	options.Logger = quiet()
	s, err := app.NewService(ctx, c, options)
	if err != nil {
		return nil, err
	}
	p, err := app.NewProvider(ctx, c, options)
	if err != nil {
		return nil, errors.Join(err, s.Stop(ctx))
	}
	return operator{app.Demonstration(s, p), s, p}, nil
}

// serveMeasured serves an installation of a measurement with and without checks.
func (e *environment) serveMeasured(file string) (err error) {
	c, err := config.Load(file, []string{"TRIBUTARY_NODE=3"})
	if err != nil {
		return err
	}
	s, err := app.NewService(e, c, e.options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Stop(context.WithoutCancel(e))) }()
	return s.ServeMeasured(e, bench.MeasuredHeader, bench.Known, bench.Unaudited)
}

// Token implements bench.Operator.
func (o operator) Token(ctx context.Context) (string, error) {
	return o.service.Token(ctx, "system/*.cruds", time.Hour)
}

// Close implements bench.Operator.
func (o operator) Close(ctx context.Context) error {
	return errors.Join(o.service.Stop(ctx), o.provider.Stop(ctx))
}
