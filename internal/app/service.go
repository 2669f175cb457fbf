package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tributary/config"
	"tributary/config/program"
	"tributary/connectors"
	"tributary/connectors/smart"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/biosample"
	"tributary/internal/cohort"
	"tributary/internal/consent"
	"tributary/internal/export"
	"tributary/internal/fulltext"
	"tributary/internal/ingest"
	"tributary/internal/jobs"
	"tributary/internal/keys"
	"tributary/internal/mail"
	"tributary/internal/measurement"
	"tributary/internal/news"
	journey "tributary/internal/program"
	"tributary/internal/retention"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/subscriptions"
	"tributary/internal/survey"
	"tributary/internal/visit"
)

// Service is the study's service.
type Service struct {
	core
	config       config.Config
	study        *program.Study
	consent      *consent.Service
	accounts     *account.Service
	program      *journey.Service
	surveys      *survey.Service
	visits       *visit.Service
	measurements *measurement.Service
	biosamples   *biosample.Service
	ingest       *ingest.Service
	export       *export.Service
	news         *news.Service
	cohort       *cohort.Service
	queue        *jobs.Queue
	retention    *retention.Service
	handler      http.Handler
	server       *listener
	watch        context.CancelFunc

	subscriptions *subscriptions.Service
	texts         *fulltext.Service // nil where it is not followed
	following     chan struct{}     // closed when nothing is followed any more
}

// NewService builds the service and prepares what the study stands on; it does
// nothing yet.
func NewService(ctx context.Context, c config.Config, o Options) (*Service, error) {
	o.defaults()
	s := &Service{core: core{Options: o}, config: c}
	for _, step := range []func(context.Context) error{
		s.openCore, s.openPeople, s.openWork, s.openPages, s.define,
	} {
		if err := step(ctx); err != nil {
			s.close(ctx)
			return nil, err
		}
	}
	return s, nil
}

func (s *Service) openCore(ctx context.Context) (err error) {
	if s.study, err = study(s.config.Program); err != nil {
		return err
	}
	results, err := access.NewResults(search.Base(), s.study.Governed())
	if err := errors.Join(err, s.study.Ready(s.Now())); err != nil {
		return err
	}
	c := s.config
	return s.open(ctx, settings{
		base: c.BaseURL, databaseURL: c.DatabaseURL, redisURL: c.RedisURL, dir: c.DataDir, node: c.Node, body: c.Limits.Body, bundle: c.Limits.Bundle, name: "tributary",
		defines: true, searchLimit: c.Search.Timeout, fullText: c.Search.FullText,
		keyFile: c.KeyFile, createKeys: c.Environment == config.Development,
		authorizing: s.authorizing,
		loginURL:    func(id string) string { return c.BaseURL + "/apps/authorize?id=" + id },
		people: func(st store.Store, p *access.Policy) {
			s.consent = consent.New(consent.Config{Store: st, Study: s.study, Sealer: s.ring, Now: s.Now, Logger: s.Logger,
				Journal: filepath.Join(filepath.Dir(s.config.KeyFile), "withdrawals.jsonl")})
			p.Consents, p.Groups, p.Delegations = s.consent, s.consent, s.consent
			p.Visits, p.Approvals = visit.Present{Store: st, Registry: p.Registry, Now: s.Now}, approvals{st, s.Now}
			p.Results = results
			p.NoMaintenance = !*c.Maintenance.Tokens
		},
		withdrawn: func(ctx context.Context, db store.DB, patient string) (bool, error) {
			now, err := s.consent.CurrentIn(ctx, db, patient)
			return now.Withdrawn, err
		},
	})
}

// openPeople makes what deals with participants: consent, accounts, the program.
func (s *Service) openPeople(ctx context.Context) error {
	development := s.config.Environment == config.Development
	signer, err := keys.OpenSigner(filepath.Join(filepath.Dir(s.config.KeyFile), "seal.pem"), s.study.Title.String(), development, s.Now())
	if err != nil {
		return err
	}
	sender, err := s.mailer()
	if err != nil {
		return err
	}
	s.consent.Signer = consent.Signer(signer)
	s.consent.Join(s.records)
	s.accounts = account.New(account.Config{
		Store: s.store, Records: s.records, Study: s.study, Sealer: s.ring, HashKey: s.ring.Derive("account hashes"), Mail: sender, Now: s.Now,
	})
	s.openNews()
	s.openCohort()
	if err := survey.Check(ctx, s.study, s.records.Vocabulary(access.Job("program", "HRESCH"))); err != nil {
		return err
	}
	s.surveys = survey.New(survey.Config{Study: s.study, Records: s.records, Consent: s.consent, Now: s.Now})
	s.openVisits()
	s.program = journey.New(journey.Config{Study: s.study, Records: s.records, Consent: s.consent, Surveys: s.surveys,
		Calendar: s.visits, Measurements: s.measurements, Connected: sharing{s}.Any, Sampled: s.sampled, Base: s.fhirBase(), Now: s.Now})
	s.mount(s.program.Routes()...)
	return errors.Join(s.program.Setup(ctx), s.news.Setup(ctx))
}

// mailer sends by SMTP where it is configured, else into the development mailbox.
func (s *Service) mailer() (mail.Sender, error) {
	c := s.config.SMTP
	if c.Host == "" {
		return mail.Mailbox{DB: s.store, Now: s.Now}, nil
	}
	password, err := secret(c.PasswordFile)
	if err != nil {
		return nil, err
	}
	queue := mail.NewQueue(mail.SMTP{Host: c.Host, Port: c.Port, User: c.User, Password: password, From: c.From}, s.Logger)
	s.add(queue.Close)
	return queue, nil
}

// secret reads a secret from its file; "" names none.
func secret(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	return strings.TrimSpace(string(raw)), err
}

// openWork makes what runs in the background.
func (s *Service) openWork(ctx context.Context) error {
	directory, err := s.directory()
	if err != nil {
		return err
	}
	s.queue = jobs.New(jobs.Options{Workers: s.config.Pull.Workers + exportWorkers, Logger: s.Logger})
	s.ingest = ingest.New(ingest.Config{
		Store: s.store, Records: s.records, Queue: s.queue, Consents: s.consent, Sealer: s.ring, Launches: s.sessions,
		Connector: smart.New(smart.Options{Page: s.config.Pull.Page, Now: s.Now}), Providers: directory,
		Redirect: s.base + "/connect/callback", Base: s.fhirBase(), Key: s.ring.Derive("provider identities"), Now: s.Now,
		NewID: func() string { return s.ids.New("Basic") }, Owner: s.Owner, Every: s.config.Pull.Every, Logger: s.Logger,
	})
	if err := s.openExport(); err != nil {
		return err
	}
	s.openIndex()
	s.openLeaving()
	s.openRetention()
	if err := errors.Join(s.openSigning(), jobs.Add(s.queue, ingest.PullTimeout, s.ingest.Work), jobs.Add(s.queue, ingest.RemoveTimeout, s.ingest.Remove), s.export.Register(s.queue), s.news.Register(s.queue), s.visits.Register(s.queue), s.cohort.Register(s.queue), s.retention.Register(s.queue), s.index.Register(s.queue)); err != nil {
		return err
	}
	if err := s.openSubscriptions(); err != nil {
		return err
	}
	return openQueue(ctx, s.queue, s.config.DatabaseURL)
}

// exportWorkers are the workers beside those for pulls.
const exportWorkers = 2

func (s *Service) directory() ([]connectors.Provider, error) {
	var out []connectors.Provider
	for _, p := range s.config.Providers {
		password, err := secret(p.SecretFile)
		if err != nil {
			return nil, err
		}
		out = append(out, connectors.Provider{
			ID: p.ID, Name: p.Name, Place: p.Place, FHIRBase: p.FHIRBase, Hosts: p.Hosts, ClientID: p.ClientID, Secret: password,
			Vendor: p.Vendor, Scopes: strings.Fields(p.Scopes),
		})
	}
	return out, nil
}

// Start listens, serves and begins to work.
func (s *Service) Start(ctx context.Context) (err error) {
	if err := s.queue.Start(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if _, embedded := sqlitePath(s.config.DatabaseURL); embedded {
		if err := errors.Join(s.ingest.TakeOver(ctx), s.index.TakeOver(ctx)); err != nil {
			return err
		}
	}
	if err := s.export.Resume(ctx); err != nil {
		return err
	}
	watching, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.watch = cancel
	go s.ingest.Watch(watching)
	go s.index.Watch(watching)
	s.followTexts(watching)
	s.followStrings(watching)
	go s.tidy(watching)
	s.following = make(chan struct{})
	go func() {
		defer close(s.following)
		s.subscriptions.Run(watching)
	}()
	if err := s.replayWithdrawals(ctx); err != nil {
		return err
	}
	s.server, err = listen(s.config.Listen, s.handler, s.Logger)
	return err
}

// Stop ends what Start began and closes everything; running jobs have until
// ctx ends to finish, and go on at the next start.
func (s *Service) Stop(ctx context.Context) error {
	if s.server != nil {
		if err := s.server.stop(ctx); err != nil {
			s.Logger.Warn("requests did not end in time", "error", err)
		}
	}
	if s.watch != nil {
		s.watch()
		<-s.following
	}
	if err := s.queue.Stop(ctx); err != nil {
		s.Logger.Warn("jobs did not end in time", "error", err)
	}
	return s.close(ctx)
}

// Handler serves the service's whole origin.
func (s *Service) Handler() http.Handler { return s.handler }

// Token is an access token of the maintenance client.
func (s *Service) Token(ctx context.Context, scope string, ttl time.Duration) (string, error) {
	return s.token(ctx, scope, ttl)
}

// healthy answers whether the database does.
func (s *Service) healthy(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	status := http.StatusOK
	var one int
	if err := s.store.QueryRow(ctx, "SELECT 1").Scan(&one); err != nil {
		s.Logger.Error("the database does not answer", "error", err)
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	answer := s.health(ctx)
	answer["status"] = http.StatusText(status)
	json.NewEncoder(w).Encode(answer)
}

// browserSessions are the portal's sessions, in cookies of their own for
// participants and for staff.
func (s *Service) browserSessions(cookie string) *session.Sessions {
	return session.NewSessions(s.sessions, session.Options{
		Name: cookie, Secure: strings.HasPrefix(s.base, "https://"), Idle: s.config.SignIn.Idle, Absolute: s.config.SignIn.Absolute, Now: s.Now,
	})
}
