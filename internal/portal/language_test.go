package portal

import (
	"io/fs"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"tributary/internal/apps"
	"tributary/internal/session"
)

var translated = regexp.MustCompile(`\.T "([^"]+)"`)

// Every text of a page that is in both languages has its Spanish one, with the same
// places for arguments.
func TestSpanishIsComplete(t *testing.T) {
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		t.Fatal(err)
	}
	texts := append(apps.Words(), "An app asks for access", "This request is over", "No app can be connected", "Apps with access", "Connect an app", "Open an app",
		"Tick at least one thing, or choose “Do not allow”.")
	for _, file := range files {
		raw, err := fs.ReadFile(templates, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range translated.FindAllStringSubmatch(string(raw), -1) {
			texts = append(texts, m[1])
		}
	}
	if len(texts) < 150 {
		t.Fatalf("only %d texts are found", len(texts))
	}
	known := map[string]bool{}
	for _, text := range texts {
		known[text] = true
		if there, ok := inSpanish[text]; !ok || strings.Count(there, "%") != strings.Count(text, "%") {
			t.Errorf("%q is %q in Spanish", text, there)
		}
	}
	for text := range inSpanish {
		if !known[text] && text != "Security" {
			t.Errorf("%q is on no page", text)
		}
	}
}

// Pages that are in both languages have no text outside of T.
func TestPagesOfAppsSayAllInBothLanguages(t *testing.T) {
	words := regexp.MustCompile(`>[^<{]*[A-Za-z]{3,}[^<{]*[<{]`)
	for _, name := range []string{"authorize", "app", "apps", "app-closed", "app-over", "gallery", "staff-apps", "_apps",
		"signin", "confirm", "factor", "enroll", "_passkeys"} {
		raw, err := fs.ReadFile(templates, "templates/"+name+".html")
		if err != nil {
			t.Fatal(err)
		}
		if found := words.FindString(string(raw)); found != "" {
			t.Errorf("%s says %q in one language", name, found)
		}
	}
}

func TestLanguageOfABrowser(t *testing.T) {
	for header, want := range map[string]string{"": "en", "es": "es", "es-MX,es;q=0.9,en;q=0.8": "es", "en-US,es;q=0.9": "en",
		"fr,de;q=0.7": "en", "fr, es;q=0.5, en;q=0.4": "es", "es;q=x,en;q=0.1": "en"} {
		c := &call{r: httptest.NewRequest("GET", "/apps", nil)}
		c.r.Header.Set("Accept-Language", header)
		if got := c.language(); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
		c.session = session.Data{Values: map[string]string{keyLanguage: "es"}}
		if got := c.language(); got != "es" {
			t.Errorf("%q against a choice: %s", header, got)
		}
	}
}

func TestDaysInBothLanguages(t *testing.T) {
	at := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	if en, es := (view{}).On(at), (view{Lang: "es"}).On(at); en != "9 March 2026" || es != "9 de marzo de 2026" {
		t.Errorf("%q, %q", en, es)
	}
}
