package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tributary/internal/app"
	"tributary/internal/demo"
	"tributary/internal/synth"
)

type demoCommand struct {
	Data         string  `help:"Folder of R4 transaction bundles for the provider; made up if not given." type:"existingdir"`
	Participants int     `help:"How many people join." default:"5"`
	Out          string  `help:"Where the results go." default:"out/demo" type:"path"`
	Seed         uint64  `help:"Of the made-up patients; with the default the first five hold a Device and a Medication." default:"11"`
	BuildSeconds float64 `help:"For the summary." hidden:""`
}

// Run implements the command demo.
func (c demoCommand) Run(e *environment) (err error) {
	if c.Participants < 1 {
		return errors.New("--participants must be at least 1")
	}
	data, err := os.MkdirTemp("", "tributary-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(data)
	if err := errors.Join(os.RemoveAll(c.Out), os.MkdirAll(c.Out, 0o755)); err != nil {
		return err
	}
	e.fresh(data)
	p, err := app.NewProvider(e, e.config, e.options)
	if err != nil {
		return err
	}
	s, err := app.NewService(e, e.config, e.options)
	if err != nil {
		return err
	}
	ctx, done := context.WithCancel(e)
	running := &environment{Context: ctx, config: e.config, options: e.options}
	return running.serve(func() error {
		defer done()
		return demo.Run(e, app.Demonstration(s, p), demo.Options{
			Data: c.Data, Participants: c.Participants, Out: c.Out, BuildSeconds: c.BuildSeconds, Seed: c.Seed,
			Print: os.Stdout, Now: time.Now,
		})
	}, p, s)
}

// fresh makes the configuration that of an installation that begins now:
// embedded parts only, in a folder of its own.
func (e *environment) fresh(dir string) {
	e.config.DataDir = dir
	e.config.DatabaseURL = "sqlite:" + filepath.Join(dir, "tributary.db")
	e.config.RedisURL = ""
	e.config.KeyFile = filepath.Join(dir, "keys", "master.json")
	e.config.Providers = withSandbox(e.config)
	e.config.Limits.Attempts = 0 // all participants come from this machine
	e.options.Logger = quiet()
}

type synthCommand struct {
	Out      string    `arg:"" help:"Folder to write the bundles to." type:"path"`
	Patients int       `help:"How many." default:"10"`
	Seed     uint64    `help:"The same seed makes the same patients." default:"1"`
	Years    int       `help:"Of records for each patient, at most." default:"7"`
	End      time.Time `help:"Until when the records go." format:"2006-01-02" default:"2026-01-01"`
}

// Run implements the command synth.
func (c synthCommand) Run(*environment) error {
	if err := synth.Write(c.Out, c.Patients, synth.Options{Seed: c.Seed, MaxYears: c.Years, End: c.End}); err != nil {
		return err
	}
	fmt.Printf("%d patients in %s\n", c.Patients, c.Out)
	return nil
}
