// Package authserver is the SMART App Launch 2.2 authorization server: OAuth
// 2.0 and OpenID Connect for apps that act for a person, and for backend
// services that act for themselves.
//
// An authorization's life:
//
//	authorize   checks client, redirect URI, aud, PKCE, scopes; keeps the request; sends the
//	            browser to the login page of the composition (Config.LoginURL)
//	interaction the login page asks what it is about (Request) and answers it (Complete, Deny)
//	code        single use, 60 s, bound to client, redirect URI and challenge; replayed, it
//	            revokes what came of it
//	grant       one row; the family of all tokens that descend from it, revoked as one
//	tokens      opaque, random, kept as SHA-256; refresh tokens rotate, reuse of an old one
//	            revokes the grant, except for a short time, in which it gets the same answer
//	            again (a client whose connection broke)
//
// HTTP parsing, routing and rendering are zitadel/oidc's (its op.Server
// interface); what SMART asks for beyond OpenID Connect is decided here:
// client authentication by ES384 and RS384 assertions, PKCE for every client,
// aud, scopes, launch context, introspection. The RFC numbers are at the
// functions that implement them.
//
// A Server is one composition: the service has one, the sandbox provider
// another with its own store and login page. Codes, requests and assertion ids
// are in session.Store; clients, grants, tokens and keys in tables of
// store.Store. internal/fhirserver resolves a bearer token by Resolver; the
// login pages use Interactions. internal/app wires them.
package authserver

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"tributary/internal/access"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Lifetimes that are not configured.
const (
	codeTTL        = time.Minute          // SMART: about one minute
	requestTTL     = 30 * time.Minute     // for signing up and logging in
	refreshTTL     = 100 * 24 * time.Hour // since the last use; (g)(10) asks for three months
	replayGrace    = 30 * time.Second     // a refresh token just exchanged gets the same answer
	maxAccessTTL   = time.Hour
	maxBackendTTL  = 5 * time.Minute
	spentCodeTTL   = time.Hour // how long a replayed code is recognised
	clockSkew      = time.Minute
	assertionTTL   = 5 * time.Minute
	resolveMaxAge  = time.Second // how long a token is believed without looking
	resolveEntries = 1 << 16
)

// Sealer encrypts what is kept; aad is authenticated with it.
type Sealer interface {
	Seal(plain, aad []byte) (sealed []byte, err error)
	Open(sealed, aad []byte) (plain []byte, err error)
}

// Config composes a Server. Issuer, FHIRBase, LoginURL, Store, Sessions and
// Sealer are required.
type Config struct {
	Issuer   string                 // absolute URL without a trailing slash; endpoints are below it
	FHIRBase string                 // absolute URL of the FHIR API: the only aud
	LoginURL func(id string) string // where a browser goes to answer the authorization request
	Store    store.Store
	Sessions session.Store
	Sealer   Sealer

	// CheckQuery says whether the query of a granular scope
	// (patient/Observation.rs?category=laboratory) can be enforced; nil: no
	// granular scope is granted.
	CheckQuery func(typ, query string) error
	// ManagementURL is the page on which a person sees and ends their
	// authorizations; "" for none.
	ManagementURL string

	Name   string            // of the service, as people know it
	Style  map[string]string // the look of the pages around an app; nil for the portal's
	Brands *Brands           // nil: none are published
	Audit  Auditor           // nil: nothing is audited
	// SessionLives says whether a person's session (Grant.Session) lasts; nil: no
	// online_access is granted.
	SessionLives func(ctx context.Context, session string) (bool, error)
	// Acts says who may act for whom; nil: no delegate lets an app in.
	Acts Acts
	// PickEncounter finds the Encounter that is put in context for an app that asks
	// for one and was not launched in one; "" where there is none. nil: no
	// launch/encounter is granted without a launch.
	PickEncounter func(ctx context.Context, patient string) (id string, err error)
	Registration  Registration  // by apps themselves; off in its zero value
	PrivateKeys   bool          // clients' keys may be at hosts with private addresses
	RotateEvery   time.Duration // how long a key signs id_tokens; 90 days by default

	Now        func() time.Time
	Rand       io.Reader
	AccessTTL  func() time.Duration // of access tokens, at most an hour, the default
	BackendTTL func() time.Duration // of backend services' tokens, at most 5 minutes, the default
	HTTP       *http.Client         // fetches clients' keys; nil for one that reaches public addresses only
	Log        *slog.Logger
}

// Server is an authorization server.
type Server struct {
	c       Config
	tables  tables.OAuth
	keys    keyring
	jwks    remoteKeys
	known   resolved
	origins origins
	style   style
	brands  []byte
	handler http.Handler
}

// The three faces of a Server.
var (
	_ Interactions = (*Server)(nil)
	_ Resolver     = (*Server)(nil)
)

// Interactions are how a login page answers an authorization request. The id
// is the one that LoginURL was given; it is a secret of the browser.
type Interactions interface {
	// Request says what is asked; errs.NotFound when it is answered or too old.
	Request(ctx context.Context, id string) (RequestInfo, error)
	// Complete approves and returns where the browser goes on. A request can
	// be answered once.
	Complete(ctx context.Context, id string, g Grant) (redirectURL string, err error)
	// Deny refuses and returns where the browser goes on.
	Deny(ctx context.Context, id string) (redirectURL string, err error)
}

// Resolver tells who bears a token.
type Resolver interface {
	// Resolve returns errs.Unauthorized for every token that is not good now.
	Resolve(ctx context.Context, bearer string) (access.Actor, error)
}

// New checks the configuration and returns a Server.
func New(c Config) (*Server, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	s := &Server{c: c}
	s.jwks = newRemoteKeys(c.HTTP, c.PrivateKeys, c.Now)
	var err error
	if s.style, err = newStyle(c.Issuer, c.Style); err != nil {
		return nil, err
	}
	if c.Brands != nil {
		if s.brands, err = brandsBundle(c.Brands, c.FHIRBase); err != nil {
			return nil, err
		}
	}
	s.known.entries = map[tokenHash]resolvedEntry{}
	s.handler = s.routes()
	return s, nil
}

// Handler serves /auth/… and /.well-known/openid-configuration.
func (s *Server) Handler() http.Handler { return s.handler }

func (c *Config) complete() error {
	for _, u := range []string{c.Issuer, c.FHIRBase} {
		if !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") || strings.HasSuffix(u, "/") {
			return errors.New("authserver: Issuer and FHIRBase must be absolute URLs without a trailing slash")
		}
	}
	if c.LoginURL == nil || c.Store == nil || c.Sessions == nil || c.Sealer == nil {
		return errors.New("authserver: LoginURL, Store, Sessions and Sealer are required")
	}
	c.defaults()
	return nil
}

func (c *Config) defaults() {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.AccessTTL == nil {
		c.AccessTTL = func() time.Duration { return maxAccessTTL }
	}
	if c.BackendTTL == nil {
		c.BackendTTL = func() time.Duration { return maxBackendTTL }
	}
	if c.RotateEvery == 0 {
		c.RotateEvery = 90 * 24 * time.Hour
	}
	if c.Name == "" {
		c.Name = "this service"
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
}

func (s *Server) now() time.Time { return s.c.Now().UTC() }
