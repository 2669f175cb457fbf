package webtest

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tributary/internal/portal/web"
	"tributary/internal/readability"
)

// enough is how many words a page must say before its average says anything.
const enough = 40

// easy holds what a room tells people (its sentences, not its buttons and
// headings) to words for readers of twelve, in both languages: each page that
// says much, and all pages and words together.
func easy(t *testing.T, room web.Room, words []string, spanish map[string]string) {
	t.Helper()
	all := slices.Clone(words)
	names, _ := fs.Glob(room.Templates, "*.html")
	for _, name := range names {
		raw, err := fs.ReadFile(room.Templates, name)
		if err != nil {
			t.Fatal(err)
		}
		texts := inTemplate(string(raw))
		all = append(all, texts...)
		readable(t, name, texts, spanish)
	}
	readable(t, "the room "+room.Name, all, spanish)
}

func readable(t *testing.T, what string, texts []string, spanish map[string]string) {
	t.Helper()
	var en, es []string
	for _, text := range texts {
		if told.MatchString(text) {
			en, es = append(en, verbs.ReplaceAllString(text, "1")), append(es, verbs.ReplaceAllString(spanish[text], "1"))
		}
	}
	if readability.English(en...).Words < enough {
		return
	}
	for lang, said := range map[string][]string{"en": en, "es": es} {
		if err := readability.Check(lang, said...); err != nil {
			t.Errorf("%s in %s: %v", what, strings.ToUpper(lang), err)
		}
	}
}

var (
	told  = regexp.MustCompile(`[.!?…:]\W*$`)
	verbs = regexp.MustCompile(`%[+\-#0-9.]*[a-z]|<[^>]*>`) // places for arguments, and tags
)
