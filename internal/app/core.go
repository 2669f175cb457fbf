package app

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/authserver"
	"tributary/internal/document"
	"tributary/internal/errs"
	"tributary/internal/fhirserver"
	"tributary/internal/graphql"
	"tributary/internal/keys"
	"tributary/internal/match"
	"tributary/internal/operation"
	"tributary/internal/paging"
	"tributary/internal/records"
	"tributary/internal/reindex"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/terminology"
	"tributary/internal/validation"
)

// core is what the service and the sandbox provider have in common.
type core struct {
	Options
	closers
	base     string // origin
	ring     *keys.Ring
	store    store.Store
	sessions session.Store
	ids      *search.IDs
	audit    *audit.Log
	policy   *access.Policy
	records  *records.Service
	auth     *authserver.Server
	fhir     *fhirserver.Server
	routes   []operation.Route // that are mounted
	index    *reindex.Service  // of the service: a provider's parameters are R4's own
}

// settings are what differs between compositions.
type settings struct {
	base        string // origin, without a slash at the end
	databaseURL string
	redisURL    string
	dir         string // data folder: sessions, keys
	keyFile     string
	createKeys  bool
	node        int
	name        string // prefix of keys in a shared Redis
	loginURL    func(id string) string
	accessTTL   func() time.Duration
	authorizing func(*authserver.Config) error // what else the authorization server does; may be nil
	// people sets who answers the policy about people, once the store is open.
	people func(store.Store, *access.Policy)
	// withdrawn asks about consent again, inside a write's transaction.
	withdrawn    func(ctx context.Context, db store.DB, patient string) (bool, error)
	body, bundle int64 // limits of bodies
	defines      bool  // whether clients define search parameters
	searchLimit  time.Duration
	fullText     bool // whether the full text is kept
}

// open makes the parts that everything else is built on.
func (c *core) open(ctx context.Context, s settings) (err error) {
	c.base = s.base
	if c.ring, err = keys.Open(s.keyFile, s.createKeys); err != nil {
		return err
	}
	if c.store, err = openStore(ctx, s.databaseURL, c.Now, s.searchLimit); err != nil {
		return err
	}
	c.add(func(context.Context) error { return c.store.Close() })
	if err := c.agreeing(ctx); err != nil {
		return err
	}
	if c.sessions, err = openSessions(ctx, s.redisURL, filepath.Join(s.dir, "sessions.db"), s.name, c.Now); err != nil {
		return err
	}
	c.add(func(context.Context) error { return c.sessions.Close() })
	node, err := c.nodes(ctx, s.node)
	if err != nil {
		return err
	}
	c.ids = search.NewIDs(node, c.Now)
	c.audit = audit.New(audit.Config{Store: c.store, IDs: c.ids, Now: c.Now, Logger: c.Logger, Key: c.sealKey()})
	c.add(c.audit.Close)
	if err := c.audit.Open(ctx); err != nil {
		return err
	}
	if err := c.compose(s); err != nil || c.index == nil {
		return err
	}
	return c.index.Open(ctx)
}

func (c *core) compose(s settings) (err error) {
	registry, guards := search.Base(), map[string]records.Guard(nil)
	if s.defines {
		registry = search.Live()
		c.index = reindex.New(reindex.Config{
			Store: c.store, Registry: registry, Audit: c.audit, Base: c.fhirBase(), Owner: c.Owner, Now: c.Now, Logger: c.Logger,
			NewID: func() string { return c.ids.New("Basic") },
		})
		guards = map[string]records.Guard{"SearchParameter": c.index}
	}
	c.policy = &access.Policy{Registry: registry, Now: c.Now}
	s.people(c.store, c.policy)
	c.records = records.New(records.Config{
		Store: c.store, Policy: c.policy, Audit: c.audit, IDs: c.ids, Registry: registry, BaseURL: c.fhirBase(), Now: c.Now,
		Withdrawn: s.withdrawn, Guards: guards, SearchLimit: s.searchLimit, FullText: s.fullText,
	})
	authorization := authserver.Config{
		Issuer: c.base, FHIRBase: c.fhirBase(), LoginURL: s.loginURL, Store: c.store, Sessions: c.sessions,
		Sealer: c.ring, Now: c.Now, AccessTTL: s.accessTTL, Log: c.Logger,
		CheckQuery: func(typ, query string) error {
			pairs, err := records.Pairs(query)
			if err == nil {
				_, err = registry.ParseQuery(typ, pairs, search.Options{Base: c.fhirBase(), Now: c.Now()})
			}
			return err
		},
		Audit: c.audit, Name: s.name, PrivateKeys: true,
	}
	if s.authorizing != nil {
		if err := s.authorizing(&authorization); err != nil {
			return err
		}
	}
	if c.auth, err = authserver.New(authorization); err != nil {
		return err
	}
	cursors, err := paging.New(c.ring.Derive("graphql cursor"))
	if err != nil {
		return err
	}
	queries := graphql.New(graphql.Config{Records: c.records, BaseURL: c.fhirBase(), Cursors: cursors, Now: c.Now, Logger: c.Logger})
	c.fhir, err = fhirserver.New(fhirserver.Config{
		Records: c.records, Auth: bearer{c.auth}, BaseURL: c.fhirBase(), CursorKey: c.ring.Derive("search cursor"),
		Registry: registry, Now: c.Now, Logger: c.Logger, BodyLimit: s.body, BundleLimit: s.bundle, Software: fhirserver.Software{Name: "Tributary", Version: c.Version},
		GraphQL: queries.Select,
		OAuth: fhirserver.OAuth{
			Authorize: c.base + "/auth/authorize", Token: c.base + "/auth/token",
			Introspect: c.base + "/auth/introspect", Revoke: c.base + "/auth/revoke",
			Register: c.auth.RegistrationEndpoint(),
		},
	})
	if err != nil {
		return err
	}
	rules := validation.New(validation.Config{Records: c.records, Policy: c.policy, BaseURL: c.fhirBase(), Now: c.Now, Limit: s.bundle})
	c.fhir.Support(rules)
	c.mount(rules.Routes()...)
	c.operations(queries)
	return nil
}

// operations mounts those that the service and the provider both have.
func (c *core) operations(queries *graphql.Service) {
	c.mount(queries.Routes()...)
	c.mount(match.New(c.records, c.fhirBase()).Routes()...)
	c.mount(document.New(document.Config{Records: c.records, BaseURL: c.fhirBase(), Now: c.Now, NewID: c.ids.New}).Routes()...)
	words := terminology.New(c.records, c.Now)
	c.mount(words.Routes()...)
	c.fhir.Describe("terminology", words.Capabilities(c.fhirBase(), c.Version))
}

// mount adds operations of other packages to the FHIR API.
func (c *core) mount(routes ...operation.Route) {
	c.routes = append(c.routes, routes...)
	for _, route := range routes {
		c.fhir.Mount(route)
	}
}

func (c *core) fhirBase() string { return c.base + "/fhir/R4" }

// compressAbove is the size from which answers are compressed: a single
// resource costs more to compress than to send.
const compressAbove = 16 << 10

// fhirHandler serves the FHIR API and its SMART discovery.
func (c *core) fhirHandler() (http.Handler, error) {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressAbove), gzhttp.CompressionLevel(1))
	if err != nil {
		return nil, err
	}
	api, discovery := wrap(c.fhir), c.auth.SmartConfiguration()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/fhir/R4/.well-known/smart-configuration":
			discovery.ServeHTTP(w, r)
		case r.Header.Get("Accept-Encoding") == "":
			c.fhir.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	}), nil
}

// apiFirst hands plain requests of the API over before the router is asked: they
// are most of the load.
func apiFirst(api, others http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.RawPath == "" && strings.HasPrefix(r.URL.Path, "/fhir/R4/") {
			api.ServeHTTP(w, r)
			return
		}
		others.ServeHTTP(w, r)
	})
}

// bearer authenticates requests by their access token.
type bearer struct{ resolver authserver.Resolver }

// Authenticate implements fhirserver.Authenticator (RFC 6750, section 2.1). A
// token in the query is none: it would stand in logs.
func (b bearer) Authenticate(r *http.Request) (access.Actor, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return access.Actor{}, errs.New(errs.Unauthorized, "an access token is needed, in the header Authorization: Bearer …")
	}
	actor, err := b.resolver.Resolve(r.Context(), token)
	if err != nil {
		return actor, err
	}
	actor.Address = address(r)
	return actor, nil
}

func address(r *http.Request) string {
	host, _, found := strings.Cut(r.RemoteAddr, ":")
	if i := strings.LastIndexByte(r.RemoteAddr, ':'); found && i > len(host) {
		host = r.RemoteAddr[:i] // IPv6
	}
	return host
}
