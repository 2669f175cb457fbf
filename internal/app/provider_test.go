package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"tributary/config"
	"tributary/connectors"
	"tributary/connectors/sandbox"
	"tributary/connectors/smart"
	"tributary/internal/synth"
)

// provider starts a sandbox with the synthetic patients of the range, for a
// service at base, and returns it with the ids of the patients.
func provider(t *testing.T, base string, patients int) (*Provider, *httptest.Server, []string) {
	t.Helper()
	ctx := context.Background()
	var p *Provider
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.Handler().ServeHTTP(w, r) }))
	t.Cleanup(server.Close)
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_BASE_URL=" + base, "TRIBUTARY_SANDBOX__BASE_URL=" + server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if p, err = NewProvider(ctx, c, Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop(context.Background()) })
	token, err := p.Token(ctx)
	if err != nil {
		t.Fatal(err)
	}
	g := synth.New(synth.Options{Seed: 7, MaxYears: 2})
	for _, b := range g.Infrastructure() {
		load(t, server.URL, token, b.JSON)
	}
	var ids []string
	for i := range patients {
		ids = append(ids, load(t, server.URL, token, g.Patient(i).JSON))
	}
	return p, server, ids
}

// load posts a bundle and returns the id of its Patient.
func load(t *testing.T, base, token string, bundle []byte) (patient string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, base+"/fhir/R4", bytes.NewReader(bundle))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		Entry []struct {
			Response struct{ Status, Location string }
		}
		Issue []struct{ Diagnostics string }
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK {
		t.Fatalf("HTTP %d: %+v", res.StatusCode, answer.Issue)
	}
	for _, e := range answer.Entry {
		if !strings.HasPrefix(e.Response.Status, "2") {
			t.Fatalf("entry: %s", e.Response.Status)
		}
		if _, rest, ok := strings.Cut(e.Response.Location, "Patient/"); ok {
			patient, _, _ = strings.Cut(rest, "/")
		}
	}
	return patient
}

// launch goes through the provider's pages as a person would and returns the
// parameters of the callback.
func launch(t *testing.T, authorize, patient string) url.Values {
	t.Helper()
	var callback url.Values
	jar := newJar(t)
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if r.URL.Path == "/connect/callback" {
			callback = r.URL.Query()
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(authorize)
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	id := page.Request.URL.Query().Get("id")
	origin := page.Request.URL.Scheme + "://" + page.Request.URL.Host
	for _, step := range []struct {
		path string
		form url.Values
	}{{"/login", url.Values{"id": {id}, "user": {"someone"}}}, {"/pick", url.Values{"id": {id}, "patient": {patient}}}} {
		page, err := browser.PostForm(origin+step.path, step.form)
		if err != nil {
			t.Fatal(err)
		}
		page.Body.Close()
	}
	if callback == nil {
		t.Fatal("the provider did not come back")
	}
	return callback
}

func TestSandboxLaunchAndPull(t *testing.T) {
	const service = "http://127.0.0.1:9"
	p, server, ids := provider(t, service, 2)
	ctx := context.Background()
	directory := connectors.Provider{ID: "harbor", FHIRBase: server.URL + "/fhir/R4", ClientID: "tributary"}
	c := smart.New(smart.Options{Page: 50})
	pending, err := c.Begin(ctx, directory, service+"/connect/callback")
	if err != nil {
		t.Fatal(err)
	}
	creds, err := c.Complete(ctx, directory, pending, launch(t, pending.URL, ids[0]))
	if err != nil {
		t.Fatal(err)
	}
	if creds.Patient != ids[0] || creds.Refresh == "" || creds.Subject == "" {
		t.Errorf("credentials are not complete: patient %v, refresh %v, subject %v", creds.Patient == ids[0], creds.Refresh != "", creds.Subject != "")
	}
	p.Faults.Set(sandbox.Misbehaviour{Throttle: 1, RetryAfter: "0"})
	if n := pullAll(t, c, directory, creds); n < 50 {
		t.Errorf("only %d resources came", n)
	}
}

func pullAll(t *testing.T, c *smart.Connector, p connectors.Provider, creds connectors.Credentials) int {
	t.Helper()
	ctx := context.Background()
	plan, err := c.Plan(ctx, p, creds, creds.Expiry.AddDate(-100, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, q := range plan {
		for next := &q; next != nil; {
			page, err := c.Page(ctx, p, creds, *next)
			if err != nil {
				t.Fatalf("%s: %v", q.Type, err)
			}
			n += len(page.Resources)
			next = page.Next
		}
	}
	return n
}
