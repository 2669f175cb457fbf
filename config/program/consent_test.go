package program

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// text makes a document of a kind in a language, from an existing one.
func text(t *testing.T, study fstest.MapFS, from, to string, changes ...string) {
	t.Helper()
	body := string(study[from].Data)
	for i := 0; i+1 < len(changes); i += 2 {
		if !strings.Contains(body, changes[i]) {
			t.Fatalf("%s has no %q", from, changes[i])
		}
		body = strings.Replace(body, changes[i], changes[i+1], 1)
	}
	study[to] = &fstest.MapFile{Data: []byte(body)}
}

// amended is the default study with a minor change and a major one to come.
func amended(t *testing.T) fstest.MapFS {
	t.Helper()
	out := copied(t)
	for _, lang := range []string{"en", "es"} {
		first := "consents/research/1.0." + lang + ".yaml"
		text(t, out, first, "consents/research/1.1."+lang+".yaml", `version: "1.0"`, `version: "1.1"`, "change: major", "change: minor",
			`approved_on: "2026-01-15"`, `approved_on: "2026-03-01"`)
		text(t, out, first, "consents/research/2.0."+lang+".yaml", `version: "1.0"`, `version: "2.0"`,
			`approved_on: "2026-01-15"`, "approved_on: \"2026-04-01\"\nin_force_on: \"2026-06-01\"")
	}
	return out
}

func TestTheTextInForce(t *testing.T) {
	s, err := Load(amended(t))
	if err != nil {
		t.Fatal(err)
	}
	day := func(text Date) time.Time {
		at, err := text.Time()
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, c := range []struct {
		on                                  Date
		lang, version, language, superseded string // of version 1.0
	}{
		{"2026-01-14", "en", "", "", ""}, {"2026-01-15", "es", "1.0", "es", ""}, {"2026-02-28", "fr", "1.0", "en", ""},
		{"2026-03-01", "en", "1.1", "en", ""}, {"2026-05-31", "es", "1.1", "es", ""}, {"2026-06-01", "es", "2.0", "es", "2026-06-01"},
	} {
		d := s.Document(ResearchConsent, c.lang, day(c.on))
		if d == nil && c.version != "" || d != nil && (d.Version != c.version || d.Language != c.language) {
			t.Errorf("on %s in %s: %+v", c.on, c.lang, d)
		}
		kind, _ := s.Consent(ResearchConsent)
		at := kind.Superseded("1.0", day(c.on))
		if got := at.Format(time.DateOnly); at.IsZero() != (c.superseded == "") || !at.IsZero() && got != c.superseded {
			t.Errorf("on %s version 1.0 was superseded on %s", c.on, got)
		}
	}
	kind, _ := s.Consent(ResearchConsent)
	if at := kind.Suspended("1.0", day("2026-06-02")); !at.Equal(day("2026-06-01").AddDate(0, 0, 90)) {
		t.Errorf("suspended on %v", at)
	}
	if at := kind.Suspended("2.0", day("2026-06-02")); !at.IsZero() {
		t.Errorf("the text in force is suspended on %v", at)
	}
	if err := s.Ready(day("2026-01-14")); err == nil {
		t.Error("a study without a text in force begins")
	}
	old := s.Document(ResearchConsent, "en", day("2026-02-01"))
	if d, ok := kind.Signed(old.Hash()); !ok || d.Version != "1.0" {
		t.Error("the text that was signed is not found by its hash")
	}
}

func TestFaultsOfConsents(t *testing.T) {
	const en, es, kind = "consents/research/1.0.en.yaml", "consents/research/1.0.es.yaml", "consents/results/kind.yaml"
	for name, c := range map[string]struct {
		breaks func(fstest.MapFS)
		want   string
	}{
		"a language is missing": {func(f fstest.MapFS) { delete(f, es) }, "not in es"},
		"no approval":           {func(f fstest.MapFS) { text(t, f, es, es, `approved_on: "2026-01-15"`, `approved_on: ""`) }, "cannot be shown"},
		"another answer":        {func(f fstest.MapFS) { text(t, f, es, es, `answer: separate`, `answer: always`) }, "those of the other languages"},
		"another module":        {func(f fstest.MapFS) { text(t, f, es, es, "- id: risks", "- id: riesgos") }, "those of the other languages"},
		"called otherwise":      {func(f fstest.MapFS) { text(t, f, en, en, `version: "1.0"`, `version: "1.5"`) }, "should be called 1.5.en.yaml"},
		"a later text of before": {func(f fstest.MapFS) {
			text(t, f, en, "consents/research/1.1.en.yaml", `version: "1.0"`, `version: "1.1"`, "2026-01-15", "2025-01-15")
		}, "before the version that it follows"},
		"no text": {func(f fstest.MapFS) {
			delete(f, "consents/results/1.0.en.yaml")
			delete(f, "consents/results/1.0.es.yaml")
		}, "there is no text"},
		"requires what is not there": {func(f fstest.MapFS) { text(t, f, kind, kind, "requires: [research]", "requires: [diary]") }, `"diary"`},
		"grace of what suspends": {func(f fstest.MapFS) {
			text(t, f, kind, kind, "until_resigned: suspend", "until_resigned: suspend\ngrace_days: 5")
		}, "grace_days"},
		"no such way": {func(f fstest.MapFS) { text(t, f, kind, kind, "until_resigned: suspend", "until_resigned: forget") }, "keep or suspend"},
		"no search":   {func(f fstest.MapFS) { text(t, f, kind, kind, "- MolecularSequence", "- molecular sequences") }, "no search"},
		"no number": {func(f fstest.MapFS) {
			text(t, f, en, "consents/research/new.en.yaml", `version: "1.0"`, `version: "new"`)
		}, "such as 1.10"},
		"no research": {func(f fstest.MapFS) { delete(f, "consents/research/kind.yaml") }, "no folder research"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := copied(t)
			c.breaks(broken)
			if _, err := Load(broken); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the faults do not tell of %q: %v", c.want, err)
			}
		})
	}
}
