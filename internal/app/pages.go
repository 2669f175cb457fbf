package app

import (
	"context"
	"net/http"
	"strings"

	"github.com/gorilla/mux"

	"tributary/config"
	"tributary/internal/exampleapp"
	"tributary/internal/mail"
	"tributary/internal/passkey"
	"tributary/internal/portal"
	"tributary/internal/portal/web"
)

// staffCookie is the cookie of staff; participants have another.
const staffCookie = "tributary_staff"

// openPages puts the origin together.
func (s *Service) openPages(context.Context) error {
	var box portal.Mailbox // stays nil where mail is really sent
	if s.config.SMTP.Host == "" && s.config.Environment == config.Development {
		box = mail.Mailbox{DB: s.store, Now: s.Now}
	}
	staff, err := s.openID(s.config.SignIn.Staff, "/signin/staff/callback", "/staff/signin")
	if err != nil {
		return err
	}
	person, err := s.openID(s.config.SignIn.Participants, "/signin/callback", "/")
	if err != nil {
		return err
	}
	keys, err := passkey.New(passkey.Config{Base: s.base, Title: s.study.Title.String(), Store: s.store, Sealer: s.ring, States: s.sessions, Now: s.Now})
	if err != nil {
		return err
	}
	site := web.New(web.Config{Study: s.study, People: s.accounts, Trail: seen{s}, Acts: s.acts, Ended: s.ended, Sessions: s.browserSessions("tributary"), StaffSessions: s.browserSessions(staffCookie),
		Secure: strings.HasPrefix(s.base, "https://"), Logger: s.Logger, Now: s.Now})
	door := portal.New(portal.Config{Site: site,
		Accounts: s.accounts, Consent: s.consent, Program: s.program, Records: s.records,
		Authorizations: authorizations{s}, Listings: s.listings(), Trail: seen{s},
		StaffProvider: staff, PersonProvider: person, Passkeys: keys, EndApps: s.takeBack, Mailbox: box,
	})
	pages, err := site.Handler(append(s.rooms(site), door.Room())...)
	if err != nil {
		return err
	}
	fhir, err := s.fhirHandler()
	if err != nil {
		return err
	}
	r := mux.NewRouter().UseEncodedPath().SkipClean(true)
	r.PathPrefix("/fhir/R4").Handler(fhir)
	r.PathPrefix("/auth/").Handler(s.auth.Handler())
	r.PathPrefix("/.well-known/").Handler(s.auth.Handler())
	r.PathPrefix("/export/files/").Handler(s.export.Files(bearer{s.auth}.Authenticate))
	r.HandleFunc(socketPath, s.subscriptions.ServeSocket).Methods(http.MethodGet)
	r.HandleFunc("/healthz", s.healthy).Methods(http.MethodGet)
	if s.config.Environment == config.Development {
		r.PathPrefix(exampleapp.Path).Handler(exampleapp.Handler()).Methods(http.MethodGet)
	}
	r.PathPrefix("/").Handler(pages)
	s.handler = limited(s.config.Limits.Attempts, apiFirst(fhir, r))
	return nil
}
