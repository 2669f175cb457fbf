package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"tributary/config"
	"tributary/internal/app"
	"tributary/internal/store"
)

// world is the study's service, listening.
type world struct {
	*testing.T
	service *app.Service
	base    string // origin
	fhir    string // FHIR base
	token   string // of the maintenance client
	http    *http.Client
}

// patience is how long anything may take.
const patience = 30 * time.Second

func newWorld(t *testing.T, environ ...string) *world {
	t.Helper()
	address := freePort(t)
	c, err := config.Load("", append(environ, "TRIBUTARY_DATA_DIR="+t.TempDir(), "TRIBUTARY_LISTEN="+address))
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.NewService(t.Context(), c, app.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, service: s, base: c.BaseURL, fhir: c.FHIRBase(), http: &http.Client{Timeout: patience}}
	if w.token, err = s.Token(t.Context(), "system/*.cruds", time.Hour); err != nil {
		t.Fatal(err)
	}
	return w
}

// grown is a world on PostgreSQL and Redis.
func grown(t *testing.T) *world {
	t.Helper()
	server, redis := os.Getenv("TRIBUTARY_TEST_POSTGRES"), os.Getenv("TRIBUTARY_TEST_REDIS")
	if server == "" || redis == "" {
		t.Skip("TRIBUTARY_TEST_POSTGRES and TRIBUTARY_TEST_REDIS are not set")
	}
	name := "clients_" + strings.ReplaceAll(time.Now().Format("150405.000000"), ".", "_")
	administer(t, server, "CREATE DATABASE "+name)
	t.Cleanup(func() { administer(t, server, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)") })
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return newWorld(t, "TRIBUTARY_DATABASE_URL="+u.String(), "TRIBUTARY_REDIS_URL="+redis)
}

func administer(t *testing.T, server, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// register adds a client and returns its secret, if it has one.
func (w *world) register(c store.Client) string {
	w.Helper()
	if c.Name == "" {
		c.Name = c.ID
	}
	secret, err := w.service.RegisterClient(w.Context(), c)
	if err != nil {
		w.Fatal(err)
	}
	return secret
}

// appScopes are what apps of these tests may ask for.
const appScopes = "launch launch/patient openid fhirUser offline_access patient/*.rs patient/*.read"

func (w *world) registerApp(id, redirect string, change func(*store.Client)) string {
	w.Helper()
	c := store.Client{ID: id, Purpose: store.PurposeApp, RedirectURIs: []string{redirect}, Scopes: appScopes}
	if change != nil {
		change(&c)
	}
	return w.register(c)
}

// put stores a resource.
func (w *world) put(path, resource string) {
	w.Helper()
	res := w.ask(http.MethodPut, w.fhir+"/"+path, w.token, strings.NewReader(resource))
	defer res.Body.Close()
	if res.StatusCode > 201 {
		body, _ := io.ReadAll(res.Body)
		w.Fatalf("PUT %s: HTTP %d: %s", path, res.StatusCode, body)
	}
}

func (w *world) ask(method, target, token string, body io.Reader) *http.Response {
	w.Helper()
	r, err := http.NewRequestWithContext(w.Context(), method, target, body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/fhir+json")
	res, err := w.http.Do(r)
	if err != nil {
		w.Fatal(err)
	}
	return res
}

// read is the status of a read with a token, and the JSON that came.
func (w *world) read(path, token string) (int, map[string]any) {
	w.Helper()
	res := w.ask(http.MethodGet, w.fhir+"/"+path, token, nil)
	defer res.Body.Close()
	var body map[string]any
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, body
}

// origin serves an app's files on an origin of its own.
func origin(t *testing.T, files map[string][]byte) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		file, found := files[r.URL.Path]
		if !found {
			http.NotFound(rw, r)
			return
		}
		http.ServeContent(rw, r, r.URL.Path, time.Time{}, bytes.NewReader(file))
	}))
	t.Cleanup(s.Close)
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1) // another site than the service
}

// nodeModules is the folder of the npm packages.
func nodeModules(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("TRIBUTARY_NODE_MODULES")
	if dir == "" {
		t.Skip("TRIBUTARY_NODE_MODULES is not set")
	}
	return dir
}
