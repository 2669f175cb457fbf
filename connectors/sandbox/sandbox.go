// Package sandbox is a provider EHR to develop and test against: an origin of
// its own with a FHIR API, a SMART authorization server, a login page and a
// patient picker, which can be told to misbehave as real providers do.
//
// It is no imitation: the FHIR API and the authorization server are Tributary's
// own, built a second time by internal/app over a store of their own and handed
// in as handlers. What this package adds is what a provider's organization has
// around them: people who sign in (login.go, any name will do, there is nothing
// to protect), the choice of whose record is shared, and the faults (faults.go),
// which are set over HTTP at /control or in the process.
//
// Neighbours: connectors/smart is tested against it; `tributary demo`, `run` and
// `sandbox` serve it.
package sandbox

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"

	"github.com/gorilla/mux"
)

// Patient is a line of the picker.
type Patient struct {
	ID, Name, BirthDate, Gender string
}

// Launch is an authorization request that waits for the person.
type Launch struct {
	Client string   // name of the app that asks
	Scopes []string // what it asks for
}

// Backend is what the sandbox needs of the second composition.
type Backend interface {
	// Launch describes a pending request.
	Launch(ctx context.Context, id string) (Launch, error)
	// Approve shares the patient's record and returns where to send the browser.
	Approve(ctx context.Context, id, user, patient string, scopes []string) (string, error)
	// Deny refuses and returns where to send the browser.
	Deny(ctx context.Context, id string) (string, error)
	// Patients lists patients whose name begins with text, a few at most.
	Patients(ctx context.Context, text string) ([]Patient, error)
}

// Config is what a Server works with.
type Config struct {
	Name    string       // of the provider, on its pages
	FHIR    http.Handler // serves /fhir/R4
	Auth    http.Handler // serves /auth and /.well-known
	Backend Backend
	Faults  *Faults
	Rand    io.Reader // crypto/rand by default
}

// LoginURL is the page that an authorization request is sent to.
func LoginURL(base, id string) string { return base + "/login?id=" + id }

// New returns the provider's whole origin.
func New(c Config) (http.Handler, error) {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	cookies, err := newKey(c.Rand)
	if err != nil {
		return nil, err
	}
	s := &server{c, cookies}
	pages := mux.NewRouter()
	pages.HandleFunc("/login", s.login).Methods(http.MethodGet, http.MethodPost)
	pages.HandleFunc("/pick", s.pick).Methods(http.MethodGet, http.MethodPost)
	pages.HandleFunc("/style.css", style).Methods(http.MethodGet)
	pages.PathPrefix("/auth").Handler(c.Auth)
	pages.PathPrefix("/.well-known").Handler(c.Auth)
	pages.HandleFunc("/", s.home)
	r := mux.NewRouter()
	r.Handle("/control", c.Faults).Methods(http.MethodGet, http.MethodPut, http.MethodDelete)
	r.PathPrefix("/fhir/R4").Handler(c.Faults.Around(c.FHIR))
	r.PathPrefix("/").Handler(c.Faults.AroundSignIn(pages))
	return http.MaxBytesHandler(r, 64<<20), nil
}

type server struct {
	Config
	key key
}
