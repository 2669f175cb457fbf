package portal

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tributary/internal/apps"
	"tributary/internal/portal/web"
)

var translated = regexp.MustCompile(`\.T "([^"]+)"`)

// Every text of a page that is in both languages has its Spanish one, with the same
// places for arguments.
func TestSpanishIsComplete(t *testing.T) {
	files, err := fs.Glob(folder("templates"), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	said := append(apps.Words(), "An app asks for access", "This request is over", "No app can be connected", "Apps with access", "Connect an app", "Open an app",
		"Tick at least one thing, or choose “Do not allow”.")
	said = append(said, joining...)
	for _, file := range files {
		raw, err := fs.ReadFile(folder("templates"), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range translated.FindAllStringSubmatch(string(raw), -1) {
			said = append(said, m[1])
		}
	}
	if len(said) < 150 {
		t.Fatalf("only %d texts are found", len(said))
	}
	spanish, layout := texts(), web.LayoutTexts()
	known := map[string]bool{}
	for _, text := range said {
		known[text] = true
		there, ok := spanish[text]
		if !ok {
			there, ok = layout[text]
		}
		if !ok || strings.Count(there, "%") != strings.Count(text, "%") {
			t.Errorf("%q is %q in Spanish", text, there)
		}
	}
	for text := range spanish {
		if !known[text] && text != "Security" {
			t.Errorf("%q is on no page", text)
		}
	}
}

// joining are the words of joining and signing in that code says, not a template.
var joining = []string{
	"Welcome", "See you later", "First name", "Last name", "Birth date", "We send you a code to make sure that it is yours.",
	"Write your first name.", "Write your last name.", "Write your email address, such as name@example.org.",
	"Write your birth date as year-month-day, such as 1980-12-31.", "Choose one of the answers.", "Choose where you live.",
	"That code is not right, or is no longer valid; check it, or ask for a new one.",
	"That code is not right, or was used before; wait for the next one in your app.", "Too many wrong codes; wait five minutes and try again.",
}

// oneLanguage are the pages that are in English only, until their area has a room of
// its own.
var oneLanguage = strings.Fields("_study consent devmail documents ehr " +
	"module quiz security sign staff-signin survey withdraw")

// All other pages have no text outside of T.
func TestPagesSayAllInBothLanguages(t *testing.T) {
	words := regexp.MustCompile(`>[^<{]*[A-Za-z]{3,}[^<{]*[<{]`)
	files, err := fs.Glob(folder("templates"), "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		raw, err := fs.ReadFile(folder("templates"), file)
		if err != nil {
			t.Fatal(err)
		}
		found := words.FindString(string(raw))
		if known := slices.Contains(oneLanguage, strings.TrimSuffix(file, ".html")); (found != "") != known {
			t.Errorf("%s says %q in one language", file, found)
		}
	}
}
