package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/config"
	"tributary/internal/app"
	"tributary/internal/demo"
	"tributary/internal/synth"
)

// installation starts both servers on free ports, over the environment given,
// and returns what the operator can do, and a token that reads everything.
func installation(t *testing.T, environ ...string) (in demo.Installation, token string) {
	t.Helper()
	ctx := context.Background()
	portal, provider := freePort(t), freePort(t)
	c, err := config.Load("", append([]string{
		"TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_LISTEN=" + portal, "TRIBUTARY_SANDBOX__LISTEN=" + provider,
	}, environ...))
	if err != nil {
		t.Fatal(err)
	}
	c.Providers = []config.Provider{{ID: "harbor", Name: "Harbor Health", FHIRBase: c.Sandbox.BaseURL + "/fhir/R4", ClientID: "tributary"}}
	o := app.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	p, err := app.NewProvider(ctx, c, o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.NewService(ctx, c, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []interface {
		Start(context.Context) error
		Stop(context.Context) error
	}{p, s} {
		if err := part.Start(ctx); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			stop, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := part.Stop(stop); err != nil {
				t.Error(err)
			}
		})
	}
	if token, err = s.Token(ctx, "system/*.rs", time.Hour); err != nil {
		t.Fatal(err)
	}
	return app.Demonstration(s, p), token
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

// TestMainJob drives the whole main job on every backend and searches the
// exports for everything that says who somebody is.
func TestMainJob(t *testing.T) {
	for name, environ := range installations(t) {
		t.Run(name, func(t *testing.T) {
			in, token := installation(t, environ...)
			data, out := planted(t), t.TempDir()
			var log bytes.Buffer
			err := demo.Run(context.Background(), in, demo.Options{
				Data: data, Participants: 3, Out: out, Print: &log, Now: time.Now,
			})
			if err != nil {
				t.Fatalf("%v\n%s", err, log.String())
			}
			forbidden := forbiddenIn(t, data)
			forbidden = add(forbidden, everyID(t, in.FHIRBase(), token, out)...)
			for _, dir := range []string{"before", "export"} {
				if hits := found(t, filepath.Join(out, dir), forbidden); len(hits) > 0 {
					t.Errorf("%s holds %d identifying words, such as %.100q", dir, len(hits), hits[0])
				}
			}
			if hits := found(t, filepath.Join(out, "before"), map[string]bool{"final": true}); len(hits) == 0 {
				t.Error("the search finds nothing at all, not even a status")
			}
		})
	}
}

// canary is a word that must not leave, wherever it hides.
const canary = "Zanzicanary"

// planted writes synthetic bundles into which canaries are planted: in an
// unknown extension, a display, a valueString, a narrative.
func planted(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := synth.Write(dir, 5, synth.Options{Seed: 11, MaxYears: 2}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var bundle map[string]any
		if err := json.Unmarshal(raw, &bundle); err != nil {
			t.Fatal(err)
		}
		for _, e := range bundle["entry"].([]any) {
			if r, ok := e.(map[string]any)["resource"].(map[string]any); ok && !strings.HasPrefix(filepath.Base(file), "0-") {
				plant(r)
			}
		}
		if raw, err = json.Marshal(bundle); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func plant(r map[string]any) {
	extensions, _ := r["extension"].([]any)
	r["extension"] = append(extensions, map[string]any{"url": "https://elsewhere.example/unknown", "valueString": canary})
	r["text"] = map[string]any{"status": "generated", "div": `<div xmlns="http://www.w3.org/1999/xhtml">` + canary + `</div>`}
	if code, ok := r["code"].(map[string]any); ok {
		code["text"] = canary
		for _, c := range code["coding"].([]any) {
			c.(map[string]any)["display"] = canary
		}
	}
	if r["resourceType"] == "Observation" && r["valueQuantity"] == nil && r["component"] == nil {
		delete(r, "valueCodeableConcept")
		r["valueString"] = canary
	}
}

// forbiddenIn collects what must not leave from the Patients of the bundles.
func forbiddenIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	forbidden := map[string]bool{canary: true}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var bundle struct {
			Entry []struct{ Resource map[string]any }
		}
		if err := json.Unmarshal(raw, &bundle); err != nil {
			t.Fatal(err)
		}
		for _, e := range bundle.Entry {
			if typ := e.Resource["resourceType"]; typ == "Patient" || typ == "RelatedPerson" {
				identifying(e.Resource, forbidden)
			}
		}
	}
	return forbidden
}

// everyID are the ids of all resources of the types that were exported: ours, and
// the provider's, which stand in meta.source.
func everyID(t *testing.T, base, token, out string) (ids []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(out, "before", "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		typ, _, _ := strings.Cut(filepath.Base(file), ".")
		for next := base + "/" + typ + "?_count=500"; next != ""; {
			var page struct {
				Link  []struct{ Relation, URL string }
				Entry []struct {
					Resource struct {
						ID   string
						Meta struct{ Source string }
					}
				}
			}
			get(t, next, token, &page)
			for _, e := range page.Entry {
				ids = append(ids, e.Resource.ID)
				if _, id, ok := strings.Cut(e.Resource.Meta.Source, "/"+typ+"/"); ok {
					ids = append(ids, id)
				}
			}
			next = ""
			for _, l := range page.Link {
				if l.Relation == "next" {
					next = l.URL
				}
			}
		}
	}
	if len(ids) < 100 {
		t.Fatalf("only %d ids were found to look for", len(ids))
	}
	return ids
}

func get(t *testing.T, url, token string, into any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: HTTP %d", url, res.StatusCode)
	}
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		t.Fatal(err)
	}
}

func add(set map[string]bool, words ...string) map[string]bool {
	for _, w := range words {
		set[w] = true
	}
	return set
}
