// Package fhirserver is the FHIR R4 RESTful API over package records: it knows
// HTTP and nothing of storage or policy.
//
//	request -> route -> token to actor -> package records -> stored bytes
//
// A read answers the bytes as they are stored, and a search joins them into a
// Bundle, without decoding. Every failure is an OperationOutcome, made in one
// place (outcome.go) from the error's kind. Paging is by links whose cursor is
// signed, so that a page cannot be asked of another search than the one that it
// continues.
//
// Handlers know JSON. XML, indentation, compressed bodies and the formats that a
// client accepts are the edge's: inbound.go and accept.go before a handler,
// translate.go after it; a plain request passes both untouched.
//
// The routes are a table (routes.go); operations such as $export are added by
// their own packages with Mount, and stand in the CapabilityStatement like
// everything else that is served.
//
// Neighbours: internal/app gives it an Authenticator and the operations;
// the sandbox provider is a second composition of the same server.
package fhirserver

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"
	"golang.org/x/sync/semaphore"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/operation"
	"tributary/internal/paging"
	"tributary/internal/records"
)

// Authenticator tells who asks. Without a token the error is errs.Unauthorized.
type Authenticator interface {
	Authenticate(r *http.Request) (access.Actor, error)
}

// Config is what a Server works with. Records, Auth, BaseURL and CursorKey must
// be set.
type Config struct {
	Records   *records.Service
	Auth      Authenticator
	BaseURL   string // without a slash at the end: http://127.0.0.1:8080/fhir/R4
	CursorKey []byte // 32 bytes; seals page links; the same in all processes of a service
	Registry  *search.Registry
	Now       func() time.Time
	Logger    *slog.Logger
	Software  Software
	OAuth     OAuth
	GraphQL   Select // of the answers of operations, by _graphql; may be nil
	// Limits of bodies in bytes: of Bundles, and of everything else.
	BundleLimit, BodyLimit int64
}

// Select answers what a GraphQL text selects of a resource, for who asked for it, with
// its HTTP status.
type Select func(r *http.Request, actor access.Actor, resource []byte, text string) (status int, answer []byte)

// Software names the service in the CapabilityStatement.
type Software struct{ Name, Version string }

// OAuth are the endpoints of the authorization server that a client finds in the
// CapabilityStatement; empty ones are left out.
type OAuth struct{ Authorize, Token, Introspect, Revoke, Register string }

// Server is the API's http.Handler.
type Server struct {
	config     Config
	router     *mux.Router
	paths      map[string]methods // by template, so that a path may be added method by method
	path       string             // of BaseURL
	realm      string             // of WWW-Authenticate
	operations []Operation
	profiles   Profiles
	topics     []string // canonicals of what can be subscribed to
	statement  atomic.Pointer[rendered]
	modes      map[string]func() []byte // of metadata
	boot       string                   // what request ids of this process begin with
	count      atomic.Uint64
	cursors    *paging.Cursors
	bundles    *semaphore.Weighted // bytes of large Bundles that are under way
}

// New returns a Server; operations are added before it serves.
func New(c Config) (*Server, error) {
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil:
		return nil, err
	case c.Records == nil || c.Auth == nil || len(c.CursorKey) != 32 || base.Host == "" || strings.HasSuffix(c.BaseURL, "/"):
		return nil, errors.New("fhirserver: records, an authenticator, a base URL without a slash at its end and a key of 32 bytes are needed")
	}
	c.complete()
	var boot [6]byte
	if _, err := rand.Read(boot[:]); err != nil {
		return nil, err
	}
	cursors, err := paging.New(c.CursorKey)
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, bundles: semaphore.NewWeighted(c.BundleLimit), paths: map[string]methods{}, cursors: cursors, path: base.Path, realm: `Bearer realm="` + c.BaseURL + `"`, boot: hex.EncodeToString(boot[:]) + "-"}
	s.route()
	s.routeOperations()
	return s, nil
}

func (c *Config) complete() {
	if c.Registry == nil {
		c.Registry = search.Base()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	if c.BundleLimit == 0 {
		c.BundleLimit = 32 << 20
	}
	if c.BodyLimit == 0 {
		c.BodyLimit = 8 << 20
	}
	if c.Software.Name == "" {
		c.Software.Name = "Tributary"
	}
}

// Operation is one operation of the API (R4, section 3.2).
type Operation struct {
	Name       string // without the $
	Definition string // canonical of its OperationDefinition
	Type       string // the type that it is on; "" for the whole system
}

// operationStep is the step of a Route's path that names its operation.
var operationStep = regexp.MustCompile(`/\$[a-z-]+`)

// Mount adds an operation. Routes of the same path may come method by method.
func (s *Server) Mount(o operation.Route) {
	if o.Name != "" {
		types := o.Types
		if len(types) == 0 {
			types = []string{""}
		}
		for _, typ := range types {
			s.operations = append(s.operations, Operation{o.Name, o.Definition, typ})
		}
	}
	path := operationStep.ReplaceAllStringFunc(o.Path, func(step string) string { return "/" + named(step[2:]) })
	s.add(path, methods{o.Method: func(s *Server, w http.ResponseWriter, r *request) error { return o.Handle(w, r.Request, r.actor) }})
}
