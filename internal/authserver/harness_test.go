package authserver_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/audit"
	"tributary/internal/authserver"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const (
	redirectURI = "https://app.example.org/callback?tenant=1"
	verifier    = "0123456789-0123456789-0123456789-0123456789"
	appScopes   = "openid fhirUser launch launch/patient launch/encounter online_access offline_access patient/*.rs patient/*.read user/Practitioner.rs"
)

// harness is an authorization server over HTTP with a clock that stands still.
type harness struct {
	*authserver.Server
	t     testing.TB
	store store.Store
	base  string // issuer
	fhir  string
	now   time.Time
	http  *http.Client // follows no redirect

	accessTTL    time.Duration
	sessions     session.Store
	live         map[string]bool // sessions of people
	log          *audit.Log
	registration authserver.Registration
	acts         authserver.Acts
	style        map[string]string
	secret       string // of the client "symmetric"
}

// plainSealer stands in for the encryption at rest: it binds to aad, readably.
type plainSealer struct{}

func (plainSealer) Seal(plain, aad []byte) ([]byte, error) {
	return append(bytes.Clone(aad), plain...), nil
}
func (plainSealer) Open(sealed, aad []byte) ([]byte, error) {
	plain, ok := bytes.CutPrefix(sealed, aad)
	if !ok {
		return nil, io.ErrUnexpectedEOF
	}
	return plain, nil
}

func newHarness(t testing.TB) *harness {
	return newHarnessOn(t, storetest.SQLite(t, storetest.Options{}))
}

func newHarnessOn(t testing.TB, s store.Store) *harness {
	h := &harness{t: t, store: s, now: time.Now().UTC().Truncate(time.Second), accessTTL: time.Hour}
	h.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	server := httptest.NewUnstartedServer(nil)
	h.base = "http://" + server.Listener.Addr().String()
	h.fhir = h.base + "/fhir/R4"
	h.Server = h.compose()
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { h.mux().ServeHTTP(w, r) })
	server.Start()
	t.Cleanup(server.Close)
	h.registerAll()
	return h
}

func (h *harness) compose() *authserver.Server {
	if h.sessions == nil {
		var err error
		h.sessions, err = embedded.Open(h.t.Context(), filepath.Join(h.t.TempDir(), "session.db"), h.clock)
		h.must(err)
		h.t.Cleanup(func() { h.sessions.Close() })
	}
	server, err := authserver.New(authserver.Config{
		Issuer: h.base, FHIRBase: h.fhir, LoginURL: func(id string) string { return "/login?id=" + id },
		Store: h.store, Sessions: h.sessions, Sealer: plainSealer{},
		CheckQuery: onlyCategory, ManagementURL: h.base + "/apps", Name: "Tributary Study", PrivateKeys: true,
		SessionLives: h.sessionLives, PickEncounter: latestEncounter, Audit: h.events(), Registration: h.registration, Brands: brands(), Style: h.style, Acts: h.acts,
		Now: h.clock, AccessTTL: func() time.Duration { return h.accessTTL },
	})
	h.must(err)
	return server
}

func (h *harness) sessionLives(_ context.Context, session string) (bool, error) {
	return h.live[session], nil
}

// events is the audit, of which there is one for all servers of a test.
func (h *harness) events() *audit.Log {
	if h.log == nil {
		h.log = audit.New(audit.Config{Store: h.store, IDs: search.NewIDs(1, h.clock), Now: h.clock})
		h.t.Cleanup(func() { h.log.Close(context.Background()) })
	}
	return h.log
}

func latestEncounter(_ context.Context, patient string) (string, error) {
	return "visit-of-" + patient, nil
}

func brands() *authserver.Brands {
	return &authserver.Brands{
		Brand: authserver.Brand{ID: "study", Name: "Tributary Study", Value: "https://study.example.org", Website: "https://study.example.org",
			Logo: "https://study.example.org/logo.svg", Portal: "https://study.example.org/signin", PortalName: "Your page"},
		Places: []authserver.Brand{{ID: "north", Name: "North Center", Website: "https://study.example.org", Portal: "https://study.example.org/signin",
			PortalName: "Your page", Address: &authserver.Address{City: "Northfield"}}},
		At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func onlyCategory(_, query string) error {
	if !strings.HasPrefix(query, "category=") {
		return errors.New("not a query of this server")
	}
	return nil
}

func (h *harness) clock() time.Time { return h.now }

func (h *harness) mux() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", h.Handler())
	mux.Handle("/fhir/R4/.well-known/smart-configuration", h.SmartConfiguration())
	return mux
}

func (h *harness) registerAll() {
	h.register(store.Client{ID: "public", Name: "Public", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI, "http://127.0.0.1:9999/cb"}, Scopes: appScopes})
	h.secret = h.register(store.Client{ID: "symmetric", Name: "Symmetric", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI}, Scopes: appScopes, SecretHash: authserver.MakeSecret})
	h.register(store.Client{ID: "asymmetric", Name: "Asymmetric", Purpose: store.PurposeApp,
		RedirectURIs: []string{redirectURI}, Scopes: appScopes, JWKS: keySet(keys().ec, keys().rsa)})
	h.register(store.Client{ID: "warehouse", Name: "Warehouse", Purpose: store.PurposeResearch,
		Scopes: "system/Group.rs system/Observation.rs system/Patient.rs", Groups: []string{"cohort"},
		JWKS: keySet(keys().ec, keys().rsa)})
}

func (h *harness) register(c store.Client) (secret string) {
	h.t.Helper()
	c.CreatedAt = h.now
	secret, err := authserver.Register(h.t.Context(), h.store, c)
	h.must(err)
	return secret
}

// appOf is a public app with scopes.
func appOf(id, scopes string) store.Client {
	return store.Client{ID: id, Name: id, Purpose: store.PurposeApp, RedirectURIs: []string{redirectURI}, Scopes: scopes}
}

func (h *harness) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}
