package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tributary/config"
	"tributary/connectors/sandbox"
	"tributary/internal/app"
	"tributary/internal/demo"
	"tributary/internal/synth"
)

const childVariable = "TRIBUTARY_TEST_CHILD"

// TestMain serves instead of testing when it is the child of a test that kills it.
func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	if err := serveUntilKilled(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveUntilKilled() error {
	ctx := context.Background()
	c, err := config.Load(os.Getenv(childVariable), os.Environ())
	if err != nil {
		return err
	}
	s, err := app.NewService(ctx, c, silent())
	if err != nil {
		return err
	}
	if err := s.Start(ctx); err != nil {
		return err
	}
	select {}
}

func silent() app.Options { return app.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))} }

// victim is a service in a process of its own.
type victim struct {
	t       *testing.T
	config  config.Config
	environ []string
	process *exec.Cmd
}

// newVictim prepares a service over the environment; providers may be nil.
func newVictim(t *testing.T, environ []string, provider string) *victim {
	t.Helper()
	file := t.TempDir() + "/config.yaml"
	text := "pull: {page: 20}\n"
	if provider != "" {
		text += fmt.Sprintf("providers: [{id: harbor, name: Harbor, fhir_base: %q, client_id: tributary}]\n", provider)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	v := &victim{t: t, environ: append([]string{
		childVariable + "=" + file, "TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_LISTEN=" + freePort(t),
	}, environ...)}
	var err error
	if v.config, err = config.Load(file, v.environ); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.kill)
	return v
}

func (v *victim) start() {
	v.t.Helper()
	v.process = exec.Command(os.Args[0])
	v.process.Env = append(os.Environ(), v.environ...)
	v.process.Stderr = os.Stderr
	if err := v.process.Start(); err != nil {
		v.t.Fatal(err)
	}
	eventually(v.t, "the service serves", func() bool {
		res, err := http.Get(v.config.BaseURL + "/healthz")
		if err != nil {
			return false
		}
		res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// kill ends the process as a power cut would, and waits until it is gone.
func (v *victim) kill() {
	if v.process == nil {
		return
	}
	v.process.Process.Kill()
	v.process.Wait()
	v.process = nil
}

// eventually waits for a condition of another process, which has no signal to wait on.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 90*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-ctx.Done():
			t.Fatalf("it never came that %s", what)
		case <-tick.C:
		}
	}
}

// TestKilledPullGoesOn kills the service in the middle of a pull: the next
// process goes on at the checkpoint, nothing is missing and nothing is twice.
func TestKilledPullGoesOn(t *testing.T) {
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) { killedPull(t, environ) })
	}
}

func killedPull(t *testing.T, environ []string) {
	ctx := context.Background()
	v := newVictim(t, append(environ, "TRIBUTARY_SANDBOX__LISTEN="+freePort(t)), "")
	v = withProvider(t, v)
	p, err := app.NewProvider(ctx, v.config, silent())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop(ctx)
	if err := p.Start(ctx); err != nil {
		t.Fatal(err)
	}
	g := synth.New(synth.Options{Seed: 5, MaxYears: 3})
	for _, b := range g.Infrastructure() {
		post(t, v.config.Sandbox.BaseURL+"/fhir/R4", token(t, p), b.JSON)
	}
	bundle := g.Patient(0)
	id := post(t, v.config.Sandbox.BaseURL+"/fhir/R4", token(t, p), bundle.JSON).patient()
	who := bundle.Patient
	held, err := demo.Held(bundle.JSON, "urn:uuid:"+who.ID)
	if err != nil {
		t.Fatal(err)
	}

	v.start()
	visitor := demo.NewVisitor(v.config.BaseURL, who.Given, who.Family, who.BirthDate, who.Gender, id)
	if err := visitor.Join(ctx); err != nil {
		t.Fatal(err)
	}
	p.Faults.Set(sandbox.Misbehaviour{Delay: 40})
	if err := visitor.Connect(ctx); err != nil {
		t.Fatal(err)
	}
	for _, part := range []int{4, 2} { // killed twice, after a quarter and after a half
		eventually(t, "a part is stored", func() bool { return storedBy(t, visitor) > sum(held)/part })
		v.kill()
		v.start()
	}
	p.Faults.Set(sandbox.Misbehaviour{})
	if err := visitor.AwaitPull(ctx); err != nil {
		t.Fatal(err)
	}
	stored, err := visitor.Stored(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for typ, n := range held {
		if stored[typ] != n {
			t.Errorf("%s: %d are stored, the provider holds %d", typ, stored[typ], n)
		}
	}
	v.kill()
	onlyFirstVersions(t, v)
	v.kill()
	faultless(t, v)
}

// withProvider makes the victim anew with the sandbox in its directory.
func withProvider(t *testing.T, v *victim) *victim {
	return newVictim(t, v.environ[1:], v.config.Sandbox.BaseURL+"/fhir/R4")
}

func storedBy(t *testing.T, v demo.Visitor) int {
	t.Helper()
	counts, err := v.Stored(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sum(counts)
}

func sum(counts map[string]int) (n int) {
	for _, c := range counts {
		n += c
	}
	return n
}

// onlyFirstVersions looks at what the killed service left: a repetition would
// have made second versions.
func onlyFirstVersions(t *testing.T, v *victim) {
	t.Helper()
	v.start()
	var page struct {
		Entry []struct {
			Resource struct{ Meta struct{ VersionID string } }
		}
	}
	get(t, v.config.FHIRBase()+"/Observation?_count=1000", maintenance(t, v), &page)
	if len(page.Entry) == 0 {
		t.Error("there is nothing to look at")
	}
	for _, e := range page.Entry {
		if e.Resource.Meta.VersionID != "1" {
			t.Errorf("version %s", e.Resource.Meta.VersionID)
		}
	}
}

// maintenance makes a token as the command line does, beside the running service.
func maintenance(t *testing.T, v *victim) string {
	t.Helper()
	s, err := app.NewService(context.Background(), v.config, silent())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop(context.Background())
	text, err := s.Token(context.Background(), "system/*.cruds", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func token(t *testing.T, p *app.Provider) string {
	t.Helper()
	text, err := p.Token(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// answer is a transaction's response.
type answer struct {
	Entry []struct {
		Response struct{ Status, Location string }
	}
}

func (a answer) patient() string {
	for _, e := range a.Entry {
		if _, rest, ok := strings.Cut(e.Response.Location, "Patient/"); ok {
			id, _, _ := strings.Cut(rest, "/")
			return id
		}
	}
	return ""
}

func post(t *testing.T, base, token string, bundle []byte) answer {
	t.Helper()
	a, err := tryPost(base, token, bundle)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tryPost(base, token string, bundle []byte) (a answer, err error) {
	req, err := http.NewRequest(http.MethodPost, base, bytes.NewReader(bundle))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return a, err
	}
	if res.StatusCode != http.StatusOK {
		return a, fmt.Errorf("HTTP %d: %.300s", res.StatusCode, body)
	}
	return a, json.Unmarshal(body, &a)
}

// TestKilledTransactions kills the service while bundles are written: what was
// acknowledged is there, what was not is there as a whole or not at all.
func TestKilledTransactions(t *testing.T) {
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) { killedTransactions(t, environ) })
	}
}

const taggedBundles = 24

func killedTransactions(t *testing.T, environ []string) {
	v := newVictim(t, environ, "")
	v.start()
	key := maintenance(t, v)
	for _, b := range synth.New(synth.Options{}).Infrastructure() {
		post(t, v.config.FHIRBase(), key, b.JSON)
	}
	bundles, acknowledged := tagged(t), make([]atomic.Bool, taggedBundles)
	var done atomic.Int64
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := worker; i < taggedBundles; i += 4 {
				if _, err := tryPost(v.config.FHIRBase(), key, bundles[i].raw); err != nil {
					return // killed
				}
				acknowledged[i].Store(true)
				done.Add(1)
			}
		})
	}
	eventually(t, "some bundles are acknowledged", func() bool { return done.Load() >= taggedBundles/3 })
	v.kill()
	group.Wait()
	v.start()
	for i, b := range bundles {
		n := 0
		for typ := range b.types {
			n += count(t, v.config.FHIRBase(), key, typ, i)
		}
		if n != b.entries && (n != 0 || acknowledged[i].Load()) {
			t.Errorf("bundle %d: %d of %d entries are there, acknowledged: %v", i, n, b.entries, acknowledged[i].Load())
		}
	}
}

type taggedBundle struct {
	raw     []byte
	entries int
	types   map[string]bool
}

// tagged makes bundles whose resources can be found again by their bundle.
func tagged(t *testing.T) []taggedBundle {
	t.Helper()
	g := synth.New(synth.Options{Seed: 3, MaxYears: 1})
	var out []taggedBundle
	for i := range taggedBundles {
		var bundle map[string]any
		if err := json.Unmarshal(g.Patient(i).JSON, &bundle); err != nil {
			t.Fatal(err)
		}
		b := taggedBundle{types: map[string]bool{}}
		for _, e := range bundle["entry"].([]any) {
			r := e.(map[string]any)["resource"].(map[string]any)
			meta, _ := r["meta"].(map[string]any)
			if meta == nil {
				meta = map[string]any{}
			}
			meta["tag"] = []any{map[string]any{"system": "urn:test:bundle", "code": fmt.Sprint(i)}}
			r["meta"] = meta
			b.types[r["resourceType"].(string)] = true
			b.entries++
		}
		raw, err := json.Marshal(bundle)
		if err != nil {
			t.Fatal(err)
		}
		b.raw = raw
		out = append(out, b)
	}
	return out
}

func count(t *testing.T, base, key, typ string, bundle int) int {
	t.Helper()
	var page struct{ Total int }
	get(t, base+"/"+typ+"?_summary=count&_tag="+url.QueryEscape(fmt.Sprintf("urn:test:bundle|%d", bundle)), key, &page)
	return page.Total
}
