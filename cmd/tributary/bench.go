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
	Only     []string `help:"Parts to measure: sqlite, postgres, pull (with the exports)."`
	Profile  bool     `help:"Keep processor profiles of the servers beside the report."`
	Out      string   `help:"Folder for report.json." default:"out/bench" type:"path"`
	Postgres string   `help:"A PostgreSQL server to make a database on; none leaves PostgreSQL out." env:"TRIBUTARY_TEST_POSTGRES"`

	Baseline baselineFlags `embed:"" prefix:"baseline-" hidden:""`
}

// baselineFlags make this process the bare server that reads are held against.
type baselineFlags struct {
	Listen   string `help:"Where the bare server listens." hidden:""`
	Bodies   string `help:"Folder of the answers." hidden:""`
	Database string `help:"PostgreSQL database of the answers." hidden:""`
}

// Run implements the command bench.
func (c benchCommand) Run(e *environment) error {
	if c.Baseline.Listen != "" {
		return bench.ServeBaseline(e, bench.Baseline(c.Baseline))
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	return bench.Run(e, bench.Options{
		Data: c.Data, Patients: c.Patients, Pulled: c.Pulled, Seed: c.Seed, Seconds: c.Seconds, Only: c.Only,
		Postgres: c.Postgres, Profile: c.Profile, Out: c.Out, Binary: binary, Version: version, Print: os.Stdout,
		Operate: e.operate,
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

// Token implements bench.Operator.
func (o operator) Token(ctx context.Context) (string, error) {
	return o.service.Token(ctx, "system/*.cruds", time.Hour)
}

// Close implements bench.Operator.
func (o operator) Close(ctx context.Context) error {
	return errors.Join(o.service.Stop(ctx), o.provider.Stop(ctx))
}
