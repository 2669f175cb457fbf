package app

import (
	"context"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/config"
	"tributary/config/program"
)

// Another program is a copied folder, changed, and named in the configuration.
func TestAnotherProgramIsServedFromItsFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lakes")
	if err := os.CopyFS(dir, program.Files()); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "study.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.NewReplacer("id: tributary", "id: lakes", "{en: The Tributary Study, es: El Estudio Tributary}", "{en: The Lake Study, es: El Estudio de los Lagos}").Replace(string(raw))
	if err := os.WriteFile(filepath.Join(dir, "study.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + t.TempDir(), "TRIBUTARY_PROGRAM__DIR=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewService(context.Background(), c, Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	for lang, want := range map[string]string{"en": "The Lake Study", "es": "El Estudio de los Lagos"} {
		r := httptest.NewRequest("GET", "/signin", nil)
		r.Header.Set("Accept-Language", lang)
		page := httptest.NewRecorder()
		s.Handler().ServeHTTP(page, r)
		if !strings.Contains(page.Body.String(), want) {
			t.Errorf("in %s the page does not say %q", lang, want)
		}
	}
}

func TestFaultyProgramIsNotServed(t *testing.T) {
	_, err := study(config.Program{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), "study.yaml") || !strings.Contains(err.Error(), "program check") {
		t.Errorf("an empty folder: %v", err)
	}
}
