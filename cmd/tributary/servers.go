package main

import (
	"fmt"
	"os"

	"tributary/config"
	"tributary/internal/app"
)

type serveCommand struct {
	profiling
}

// Run implements the command serve.
func (c serveCommand) Run(e *environment) error {
	if err := c.profiling.start(); err != nil {
		return err
	}
	s, err := app.NewService(e, e.config, e.options)
	if err != nil {
		return err
	}
	return e.serve(func() error {
		e.options.Logger.Info("serving", "portal", e.config.BaseURL, "fhir", e.config.FHIRBase())
		return nil
	}, s)
}

type sandboxCommand struct{}

// Run implements the command sandbox.
func (sandboxCommand) Run(e *environment) error {
	p, err := app.NewProvider(e, e.config, e.options)
	if err != nil {
		return err
	}
	return e.serve(func() error {
		e.options.Logger.Info("serving the sandbox provider", "fhir", e.config.Sandbox.BaseURL+"/fhir/R4")
		return nil
	}, p)
}

type migrateCommand struct{}

// Run implements the command migrate.
func (migrateCommand) Run(e *environment) error {
	if err := e.whisper(); err != nil {
		return err
	}
	if err := app.Migrate(e, e.config, e.options); err != nil {
		return err
	}
	fmt.Println("the schema is up to date")
	return nil
}

type runCommand struct {
	Patients int `help:"Synthetic patients that the sandbox provider starts with." default:"20"`
}

// Run implements the command run.
func (c runCommand) Run(e *environment) error {
	e.config.Providers = withSandbox(e.config)
	p, err := app.NewProvider(e, e.config, e.options)
	if err != nil {
		return err
	}
	s, err := app.NewService(e, e.config, e.options)
	if err != nil {
		return err
	}
	return e.serve(func() error { return c.welcome(e, s, p) }, p, s)
}

// withSandbox adds the sandbox to a directory that does not name it.
func withSandbox(c config.Config) []config.Provider {
	base := c.Sandbox.BaseURL + "/fhir/R4"
	for _, p := range c.Providers {
		if p.FHIRBase == base {
			return c.Providers
		}
	}
	return append(c.Providers, config.Provider{ID: "harbor", Name: "Harbor Health (sandbox)", Place: "Salem, MA", FHIRBase: base, ClientID: "tributary"})
}

func (c runCommand) welcome(e *environment, s *app.Service, p *app.Provider) error {
	if err := p.Seed(e, c.Patients); err != nil {
		return err
	}
	if err := s.AddExample(e); err != nil {
		return err
	}
	out := os.Stdout
	fmt.Fprintf(out, "\nTributary is running.\n\n  portal      %s\n  mail        %s/dev/mail   (what the portal sends)\n  FHIR API    %s\n  provider    %s   (a sandbox EHR; any user name signs in)\n  an app      %s/apps/connect   (a small SMART app, for who takes part)\n\n",
		e.config.BaseURL, e.config.BaseURL, e.config.FHIRBase(), e.config.Sandbox.BaseURL, e.config.BaseURL)
	for _, staff := range []struct{ role, site, at string }{{"center", s.Sites()[0], "/center"}, {"study", "", "/staff/held"}} {
		password, err := s.AddStaff(e, "demo-"+staff.role, staff.role, staff.site)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "  %s staff: %s%s   login demo-%s, password %s\n", staff.role, e.config.BaseURL, staff.at, staff.role, password)
	}
	fmt.Fprintf(out, "\nPatients of the provider whom you can sign up as (birth date and sex must match):\n\n")
	people, err := p.People(e, 5)
	if err != nil {
		return err
	}
	for _, person := range people {
		fmt.Fprintf(out, "  %-32s %s  %s\n", person.Name, person.BirthDate, person.Gender)
	}
	fmt.Fprintf(out, "\nA token for the API: bin/tributary token --scope 'system/*.rs'\nCtrl-C stops both.\n")
	return nil
}
