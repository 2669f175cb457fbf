// Command tributary is the one binary: the service, the sandbox provider, and
// what an operator and a developer need beside them.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"tributary/config"
	"tributary/internal/app"
)

// version is set by the build.
var version = "development"

type commands struct {
	Config string `help:"Configuration file (YAML)." type:"path" placeholder:"FILE"`
	Log    string `help:"Least level of log lines: debug, info, warn, error. Servers log from info, other commands from warn." default:"" enum:",debug,info,warn,error"`

	Serve      serveCommand      `cmd:"" help:"Run the service."`
	Run        runCommand        `cmd:"" help:"Run the service and a sandbox provider, for trying things out."`
	Sandbox    sandboxCommand    `cmd:"" help:"Run the sandbox provider alone."`
	Demo       demoCommand       `cmd:"" help:"Drive the whole main job on fresh data and compare all counts."`
	Migrate    migrateCommand    `cmd:"" help:"Bring the database schema up to date."`
	Client     clientCommand     `cmd:"" help:"Register clients of the API."`
	Staff      staffCommand      `cmd:"" help:"Add staff of partner centers and of the study."`
	Researcher researcherCommand `cmd:"" help:"Approve people of research."`
	Check      checkCommand      `cmd:"" help:"Verify the whole store: resources, versions, index rows, audit. A server may run beside it."`
	Audit      auditCommand      `cmd:"" help:"Verify the audit trail, print its head, remove what is too old."`
	Program    programCommand    `cmd:"" help:"Check the program that runs, compare versions of it, begin another one."`
	Hold       holdCommand       `cmd:"" help:"Keep all data of a person, whatever the retention times say."`
	Reindex    reindexCommand    `cmd:"" help:"Index again what is stored; a server may run beside it."`
	Token      tokenCommand      `cmd:"" help:"Print an access token of the maintenance client, for load tests and repair."`
	Load       loadCommand       `cmd:"" help:"Load conformance resources: FHIR packages, folders, Bundles."`
	Fhirpath   fhirpathCommand   `cmd:"" help:"Evaluate a FHIRPath expression on a resource."`
	Synth      synthCommand      `cmd:"" help:"Make plausible patients as FHIR transaction bundles."`
	Bench      benchCommand      `cmd:"" help:"Measure this build on this machine."`

	Version kong.VersionFlag `help:"Print the version."`
}

// environment is what every command gets.
type environment struct {
	context.Context
	config  config.Config
	options app.Options
	level   string // of the log, as asked for; "" for the command's own
}

func main() {
	tuneCollector()
	var c commands
	parsed := kong.Parse(&c, kong.Name("tributary"), kong.Vars{"version": version},
		kong.Description("The data service of a research cohort: consent, health records, surveys, visits, and research exports over FHIR R4."),
		kong.UsageOnError())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	env, err := c.environment(ctx)
	if err == nil {
		err = parsed.Run(env)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tributary:", err)
		os.Exit(1)
	}
}

func (c *commands) environment(ctx context.Context) (*environment, error) {
	level, err := levelOf(c.Log, slog.LevelInfo)
	if err != nil {
		return nil, err
	}
	logger := logTo(level)
	loaded, err := config.Load(c.Config, os.Environ())
	return &environment{Context: ctx, config: loaded, options: app.Options{Version: version, Logger: logger}, level: c.Log}, err
}

// part is a server that starts and stops as a whole.
type part interface {
	Start(context.Context) error
	Stop(context.Context) error
}

const stopPatience = 20 * time.Second

// serve runs parts until the process is told to stop, or one of them fails.
func (e *environment) serve(ready func() error, parts ...part) (err error) {
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e), stopPatience)
		defer cancel()
		for i := len(parts) - 1; i >= 0; i-- {
			if fault := parts[i].Stop(ctx); err == nil {
				err = fault
			}
		}
	}()
	for _, p := range parts {
		if err := p.Start(e); err != nil {
			return err
		}
	}
	if err := ready(); err != nil {
		return err
	}
	<-e.Done()
	return nil
}
