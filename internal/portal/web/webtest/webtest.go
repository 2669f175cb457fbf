// Package webtest holds rooms to what every room must be.
//
// Neighbours: internal/portal/web; the tests of the rooms.
package webtest

import (
	"io/fs"
	"maps"
	"regexp"
	"strings"
	"testing"

	"tributary/internal/portal/web"
)

var (
	translated = regexp.MustCompile(`\.T "((?:[^"\\]|\\.)+)"`)
	field      = regexp.MustCompile(`\(field \S+ "[^"]*" "([^"]+)"([^)]*)\)`)
	hint       = regexp.MustCompile(`"hint=([^"]+)"`)
	attribute  = regexp.MustCompile(`\b(?:aria-label|alt|placeholder|title)="[^"{]*\p{L}{3,}[^"]*"`)
	bare       = regexp.MustCompile(`>[^<{]*\p{L}{3,}[^<{]*[<{]`)
)

// Complete holds a room to being whole in both languages: no text of its templates
// stands outside of T, every one has its Spanish, with the same places for arguments, and
// so have the words that its code says (titles, faults, refusals). elsewhere are
// dictionaries of other rooms that it relies on. What the room's dictionary
// has too much is told as well.
func Complete(t *testing.T, room web.Room, words []string, elsewhere ...map[string]string) {
	t.Helper()
	spanish := web.LayoutTexts()
	for _, more := range elsewhere {
		for english, text := range more {
			spanish[english] = text
		}
	}
	used := map[string]bool{}
	for _, text := range append(said(t, room), words...) {
		used[text] = true
		there, ok := room.Spanish[text]
		if !ok {
			there, ok = spanish[text]
		}
		if !ok || strings.Count(there, "%") != strings.Count(text, "%") {
			t.Errorf("%q is %q in Spanish", text, there)
		}
	}
	for text := range room.Spanish {
		if !used[text] {
			t.Errorf("%q is said nowhere", text)
		}
	}
	maps.Copy(spanish, room.Spanish)
	easy(t, room, words, spanish)
}

// said are the texts of a room's templates and menu.
func said(t *testing.T, room web.Room) (texts []string) {
	t.Helper()
	for _, e := range room.Menu {
		texts = append(texts, e.Text)
	}
	names, err := fs.Glob(room.Templates, "*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(room.Templates, name)
		if err != nil {
			t.Fatal(err)
		}
		if found := bare.FindString(string(raw)) + attribute.FindString(string(raw)); found != "" {
			t.Errorf("%s says %q in one language", name, found)
		}
		texts = append(texts, inTemplate(string(raw))...)
	}
	return texts
}

func inTemplate(raw string) (texts []string) {
	for _, m := range translated.FindAllStringSubmatch(raw, -1) {
		texts = append(texts, strings.ReplaceAll(m[1], `\"`, `"`))
	}
	for _, m := range field.FindAllStringSubmatch(raw, -1) {
		texts = append(texts, m[1])
		for _, h := range hint.FindAllStringSubmatch(m[2], -1) {
			texts = append(texts, h[1])
		}
	}
	return texts
}
