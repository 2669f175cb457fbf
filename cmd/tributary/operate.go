package main

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"tributary/internal/app"
	"tributary/internal/store"
)

type clientCommand struct {
	Add  clientAddCommand  `cmd:"" help:"Register a client."`
	List clientListCommand `cmd:"" help:"Say which clients there are, and what apps that registered themselves say."`
	Show clientShowCommand `cmd:"" help:"Put an app into the gallery, one that registered itself for instance."`
}

type clientAddCommand struct {
	ID       string   `arg:"" help:"Client id."`
	Name     string   `help:"Name that people see." required:""`
	Purpose  string   `help:"What it is: app (a person's app), research (a warehouse), ehr (an EHR system)." enum:"app,research,ehr" required:""`
	Redirect []string `help:"Redirect URI of an app; may be repeated." sep:"none"`
	Scope    string   `help:"The most that it may be granted, e.g. 'launch/patient patient/*.rs'." required:""`
	Secret   bool     `help:"A confidential app with a secret, which is printed once."`
	JWKS     string   `help:"File with its public keys as a JSON Web Key Set." type:"existingfile"`
	JWKSURL  string   `help:"Where its public keys are." name:"jwks-url"`
	Group    []string `help:"Id of a Group that it may export; may be repeated."`
	Provider string   `help:"Id of the provider whose EHR system it is: it reaches who shares with that."`

	told `embed:""`
}

// Run implements the command client add.
func (c clientAddCommand) Run(e *environment) error {
	row := store.Client{
		ID: c.ID, Name: c.Name, Purpose: c.Purpose, RedirectURIs: c.Redirect, Scopes: c.Scope,
		JWKSURL: c.JWKSURL, Groups: c.Group, Organization: c.Provider,
	}
	if c.Secret {
		row.SecretHash = app.MakeSecret
	}
	if c.JWKS != "" {
		raw, err := os.ReadFile(c.JWKS)
		if err != nil {
			return err
		}
		row.JWKS = string(raw)
	}
	listing, logo, err := c.listing(c.ID)
	if err != nil {
		return err
	}
	return e.offline(func(s *app.Service) error {
		secret, err := s.RegisterApp(e, row, listing, logo)
		if err != nil {
			return err
		}
		fmt.Printf("client %s is registered\n", c.ID)
		if secret != "" {
			fmt.Printf("secret: %s\n", secret)
		}
		return nil
	})
}

type staffCommand struct {
	Add staffAddCommand `cmd:"" help:"Add a member of staff, or give one a new password."`
}

type staffAddCommand struct {
	Login string `arg:"" help:"Login name."`
	Role  string `help:"center or study." enum:"center,study" required:""`
	Site  string `help:"Id of the site, for center staff."`
}

// Run implements the command staff add.
func (c staffAddCommand) Run(e *environment) error {
	if (c.Role == "center") != (c.Site != "") {
		return errors.New("--site is for center staff, who need one")
	}
	return e.offline(func(s *app.Service) error {
		password, err := s.AddStaff(e, c.Login, c.Role, c.Site)
		if err == nil {
			fmt.Printf("login %s, password %s\n", c.Login, password)
		}
		return err
	})
}

type tokenCommand struct {
	Scope   string        `help:"System scopes." default:"system/*.rs"`
	TTL     time.Duration `help:"How long it is good." default:"1h" name:"ttl"`
	Sandbox bool          `help:"For the sandbox provider instead of the service."`
}

// Run implements the command token.
func (c tokenCommand) Run(e *environment) error {
	if !*e.config.Maintenance.Tokens {
		return errors.New("maintenance tokens are off (maintenance.tokens in the configuration)")
	}
	if c.Sandbox {
		if err := e.whisper(); err != nil {
			return err
		}
		p, err := app.NewProvider(e, e.config, e.options)
		if err != nil {
			return err
		}
		defer p.Stop(e)
		return printToken(p.Token(e))
	}
	return e.offline(func(s *app.Service) error { return printToken(s.Token(e, strings.TrimSpace(c.Scope), c.TTL)) })
}

func printToken(token string, err error) error {
	if err == nil {
		fmt.Println(token)
	}
	return err
}

// offline opens the service's data without serving; a server may run beside it.
func (e *environment) offline(do func(*app.Service) error) error {
	if err := e.whisper(); err != nil {
		return err
	}
	s, err := app.NewService(e, e.config, e.options)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Stop(e))
}

// whisper is how commands log that end at once: only what is wrong, unless they
// are asked for more.
func (e *environment) whisper() error {
	level, err := levelOf(e.level, slog.LevelWarn)
	if err == nil {
		e.options.Logger = logTo(level)
	}
	return err
}
