package program

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// edited is the default study with changes of its files: old and new text by file.
func edited(t *testing.T, changes map[string][2]string) fstest.MapFS {
	t.Helper()
	out := copied(t)
	for name, change := range changes {
		text := string(out[name].Data)
		if !strings.Contains(text, change[0]) {
			t.Fatalf("%s has no %q to change", name, change[0])
		}
		out[name].Data = []byte(strings.Replace(text, change[0], change[1], 1))
	}
	return out
}

func loaded(t *testing.T, files fs.FS) *Study {
	t.Helper()
	s, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheSameProgramDiffersInNothing(t *testing.T) {
	if d := Diff(loaded(t, Files()), loaded(t, copied(t))); len(d) > 0 {
		t.Errorf("a copy differs: %v", d)
	}
}

func TestDiffSaysWhatChangesMean(t *testing.T) {
	before := loaded(t, Files())
	for _, c := range []struct {
		file, old, new string
		want           string
		wrong          bool
	}{
		{"study.yaml", "age_of_majority: 18", "age_of_majority: 19", "study.yaml: age_of_majority changed. It counts for those who join", false},
		{"study.yaml", "id: tributary", "id: other", "another study", true},
		{"eligibility.yaml", "needs: [research-consent, ehr, basics]\n    done: [visit, measured]", "needs: [research-consent, basics]\n    done: [visit, measured]", "eligibility.yaml: step visit: it changed", false},
		{"eligibility.yaml", "en: You have left the study.", "en: You are out.", "eligibility.yaml: condition withdrawn: it changed", false},
		{"sites.yaml", "Harbor Street Center", "Harbor Center", "sites.yaml: site harbor-clinic: it changed", false},
		{"surveys/basics.json", `"title": "The Basics"`, `"title": "The very basics"`, "changed without a new version", false},
		{"consents/research/1.0.en.yaml", "statement: >-\n  ", "statement: >-\n  Well, ", "An old signature would appear to be on a new text", true},
		{"consents/research/kind.yaml", "grace_days: 90", "grace_days: 17", "consents/research: kind.yaml changed", false},
	} {
		files := edited(t, map[string][2]string{c.file: {c.old, c.new}})
		found := false
		for _, d := range Diff(before, loaded(t, files)) {
			found = found || strings.Contains(d.String(), c.want) && d.Wrong == c.wrong
		}
		if !found {
			t.Errorf("%s: nothing says %q: %v", c.file, c.want, Diff(before, loaded(t, files)))
		}
	}
}

func TestDiffTellsForWhatPeopleAreAskedAgain(t *testing.T) {
	before := loaded(t, Files())
	for change, want := range map[string]string{"major": "re-consent is asked for 1 of 3 kinds: research", "minor": "a new version, a minor change"} {
		after := copied(t)
		for _, lang := range []string{"en", "es"} {
			text := string(after["consents/research/1.0."+lang+".yaml"].Data)
			text = strings.NewReplacer(`version: "1.0"`, `version: "2.0"`, "change: major", "change: "+change).Replace(text)
			after["consents/research/2.0."+lang+".yaml"] = &fstest.MapFile{Data: []byte(text)}
		}
		var said strings.Builder
		for _, d := range Diff(before, loaded(t, after)) {
			said.WriteString(d.String() + "\n")
		}
		if !strings.Contains(said.String(), want) || strings.Contains(said.String(), "NOT POSSIBLE") {
			t.Errorf("after a %s change: %s", change, said.String())
		}
	}
}

func TestAreaAndProxies(t *testing.T) {
	s := loaded(t, Files())
	if !s.Admits("MA") || !s.Admits("PR") || s.Admits("ON") || s.Admits("") {
		t.Error("the area is not that of the study")
	}
	if !(&Study{}).Admits("anywhere") {
		t.Error("without an area somebody is kept out")
	}
}
