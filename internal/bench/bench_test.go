package bench

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/internal/synth"
)

func TestFiguresAreHeldAgainstTheirTargets(t *testing.T) {
	for _, c := range []struct {
		figure Figure
		want   string
	}{
		{Figure{Value: 2, Most: 2}, "at most 2: met"},
		{Figure{Value: 2.01, Most: 2}, "at most 2: MISSED"},
		{Figure{Value: 0.5, Least: 0.5}, "at least 0.5: met"},
		{Figure{Value: 0.49, Least: 0.5}, "at least 0.5: MISSED"},
		{Figure{Value: 7}, ""},
	} {
		c.figure.judge()
		if got := c.figure.verdict(); got != c.want {
			t.Errorf("%v against %v–%v: %q, want %q", c.figure.Value, c.figure.Least, c.figure.Most, got, c.want)
		}
	}
}

func TestPlaces(t *testing.T) {
	for location, want := range map[string]string{
		"Patient/1/_history/1":                        "Patient/1",
		"http://127.0.0.1:1/fhir/R4/Patient/1/":       "Patient/1",
		"http://127.0.0.1:1/fhir/R4/A/b/_history/123": "A/b",
	} {
		if got, ok := place(location); !ok || got != want {
			t.Errorf("%s: %q", location, got)
		}
	}
	if got, ok := place(""); ok {
		t.Errorf("an empty location: %q", got)
	}
}

func TestAnswersOfBundles(t *testing.T) {
	created := `{"response":{"status":"201 Created","location":"Patient/1/_history/1"}}`
	found := `{"response":{"status":"200 OK","location":"Organization/2/_history/1"}}`
	refused := `{"response":{"status":"422 Unprocessable"}}`
	places, err := placesOf([]byte(`{"entry":[` + created + "," + found + `]}`))
	if err != nil || len(places) != 1 || places[0] != "Patient/1" {
		t.Errorf("%v, %v", places, err)
	}
	if _, err := placesOf([]byte(`{"entry":[` + created + "," + refused + `]}`)); err == nil {
		t.Error("a refused entry passes for written")
	}
}

func TestDataIsCounted(t *testing.T) {
	dir := t.TempDir()
	if err := synth.Write(dir, 2, synth.Options{Seed: 1, MaxYears: 1}); err != nil {
		t.Fatal(err)
	}
	read, err := loadBundles(Options{Data: dir})
	if err != nil {
		t.Fatal(err)
	}
	if len(read.patients) != 2 || len(read.shared) == 0 {
		t.Errorf("%d patients, %d shared bundles", len(read.patients), len(read.shared))
	}
	n := 0
	err = read.each(func(resource []byte) error {
		if !bytes.HasPrefix(bytes.TrimSpace(resource), []byte(`{`)) || !bytes.Contains(resource, []byte(`"resourceType"`)) {
			return errors.New("that is no resource")
		}
		n++
		return nil
	})
	if err != nil || n != read.resources || n < 4 {
		t.Errorf("%d resources, counted %d: %v", n, read.resources, err)
	}
	if _, err := loadBundles(Options{Data: t.TempDir()}); err == nil {
		t.Error("an empty folder passes for data")
	}
}

func TestGetterCountsAnswersAndRefusesOthers(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/there" || r.Header.Get("Authorization") != "Bearer t" {
			w.WriteHeader(http.StatusNotFound)
		}
		w.Write(bytes.Repeat([]byte("x"), 5000)) // chunked
	}))
	defer server.Close()
	g := getter{address: host(server.URL), header: "Authorization: Bearer t\r\n", paths: []string{"/there"}}
	if n, err := g.run(t.Context(), 50*time.Millisecond); err != nil || n == 0 {
		t.Errorf("%d answers: %v", n, err)
	}
	g.paths = []string{"/away"}
	if _, err := g.run(t.Context(), 50*time.Millisecond); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a 404 passes for an answer: %v", err)
	}
}

func TestBaselineServesTheFiles(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "Patient", "1")
	if err := errors.Join(os.Mkdir(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(`{"resourceType":"Patient"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	h, err := Baseline{Bodies: dir}.handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]int{"/fhir/R4/Patient/1": http.StatusOK, "/fhir/R4/Patient/2": http.StatusNotFound} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != want || want == http.StatusOK && w.Body.String() != `{"resourceType":"Patient"}` {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestBaselineEndsWithItsContext(t *testing.T) {
	address, err := freeAddress()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- ServeBaseline(ctx, Baseline{Listen: address, Bodies: t.TempDir()}) }()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if l, err := net.Listen("tcp", address); err != nil {
		t.Errorf("the address is still taken: %v", err)
	} else {
		l.Close()
	}
}

// A process that only counts spends processor time and has memory.
func TestUsageOfAProcess(t *testing.T) {
	cmd := exec.Command("sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo done; read x")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip("there is no shell here")
	}
	p := &process{cmd: cmd}
	took, spent, err := p.spend(func() error { _, err := out.Read(make([]byte, 4)); return err })
	if err != nil || spent <= 0 || spent > 2*took+userHz {
		t.Errorf("spent %v in %v: %v", spent, took, err)
	}
	if peak, err := p.peak(); err != nil || peak < 1<<16 {
		t.Errorf("peak %d: %v", peak, err)
	}
	if err := errors.Join(in.Close(), out.Close()); err != nil {
		t.Error(err)
	}
	cmd.Wait() // read x fails at the end of its input
}

func TestServersDoNotGetTheCallersConfiguration(t *testing.T) {
	got := withoutOurs([]string{"PATH=/bin", "TRIBUTARY_DATABASE_URL=postgres://production", "GOGC=50"})
	if strings.Join(got, " ") != "PATH=/bin GOGC=50" {
		t.Error(got)
	}
}

func TestPartsCanBeChosen(t *testing.T) {
	r := &run{Options: Options{Only: []string{"pull"}}}
	for part, want := range map[string]bool{"limit": true, "pull": true, "sqlite": false} {
		if r.wanted(part) != want {
			t.Errorf("%s: %v", part, !want)
		}
	}
	if err := (Options{Only: []string{"reads"}}).check(); err == nil {
		t.Error("a part that does not exist passes")
	}
}
