package program_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"tributary/config/program"
)

// spoken is a module in one language.
type spoken struct {
	kind, lang string
	program.Module
}

// modules are those of the texts in force.
func modules(s *program.Study) []spoken {
	var out []spoken
	for _, c := range s.Consents {
		last := c.Documents[len(c.Documents)-1].Version
		for _, d := range c.Documents {
			for _, m := range d.Told() {
				if d.Version == last {
					out = append(out, spoken{c.Kind, d.Language, m})
				}
			}
		}
	}
	return out
}

// A changed text takes its film away: this fails until go generate has made it anew.
func TestEveryModuleHasItsFilm(t *testing.T) {
	s, found, total := study(t), 0, int64(0)
	for _, m := range modules(s) {
		v, ok := s.Video(m.kind, m.lang, m.Module)
		if !ok {
			t.Errorf("%s: no film says this text; run go generate ./config/program", program.VideoName(m.kind, m.lang, m.ID))
			continue
		}
		found++
		for name, most := range map[string]int64{v.Film: 400 << 10, v.Captions: 8 << 10, v.Poster: 25 << 10} {
			if file, err := fs.Stat(s.Videos, name); err != nil || file.Size() == 0 || file.Size() > most {
				t.Fatalf("%s: %v, or larger than %d bytes: %v", name, err, most, file)
			} else {
				total += file.Size()
			}
		}
		film, _ := fs.ReadFile(s.Videos, v.Film)
		if !strings.HasPrefix(string(film), "\x1aE\xdf\xa3") || !strings.Contains(string(film[:100]), "webm") {
			t.Errorf("%s is no WebM", v.Film)
		}
	}
	if found == 0 || total > 6<<20 {
		t.Errorf("%d films of %d bytes: there must be some, and small enough for the repository", found, total)
	}
}

func TestAFilmOfOtherWordsDoesNotCount(t *testing.T) {
	s := study(t)
	for _, m := range modules(s) {
		changed := m.Module
		changed.Text = append([]string{"And another thing."}, m.Text...)
		if _, ok := s.Video(m.kind, m.lang, changed); ok {
			t.Errorf("%s %s %s: the film of the old text is shown", m.kind, m.ID, m.lang)
		}
		if _, ok := s.Video(m.kind, "fr", m.Module); ok {
			t.Error("a film in a language that nobody spoke")
		}
	}
}

var cue = regexp.MustCompile(`(?m)^(\d\d:\d\d:\d\d\.\d\d\d) --> (\d\d:\d\d:\d\d\.\d\d\d)\n(.+)$`)

func TestCaptionsSayTheModule(t *testing.T) {
	s := study(t)
	for _, m := range modules(s) {
		v, ok := s.Video(m.kind, m.lang, m.Module)
		if !ok {
			continue // told by TestEveryModuleHasItsFilm
		}
		body, err := fs.ReadFile(s.Videos, v.Captions)
		if err != nil || !strings.HasPrefix(string(body), "WEBVTT\n\n") {
			t.Fatalf("%s: no WebVTT: %v", v.Captions, err)
		}
		last, said := "", []string(nil)
		for _, c := range cue.FindAllStringSubmatch(string(body), -1) {
			if c[1] < last || c[2] <= c[1] {
				t.Errorf("%s: a cue at %s begins before the one before has ended", v.Captions, c[1])
			}
			last, said = c[2], append(said, c[3])
		}
		want := strings.Join(append([]string{m.Title}, m.Text...), " ")
		if got := strings.Join(said, " "); got != want {
			t.Errorf("%s says\n%s\nand the module\n%s", v.Captions, got, want)
		}
	}
}
