package program_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"tributary/config/program"
)

// changed is the built-in program with a text of a file replaced: file, old, new.
func changed(t *testing.T, changes ...[3]string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(program.Files(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(program.Files(), name)
		files[name] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		before := string(files[c[0]].Data)
		if !strings.Contains(before, c[1]) {
			t.Fatalf("%s does not say %q", c[0], c[1])
		}
		files[c[0]] = &fstest.MapFile{Data: []byte(strings.Replace(before, c[1], c[2], 1))}
	}
	return files
}

// Whoever changes a program is told of all that does not fit, each with its file and
// line, and of what does not hold, at once.
func TestFaultsSayWhere(t *testing.T) {
	_, err := program.Load(changed(t, [3]string{"study.yaml", "age_of_majority: 18", "age_of_majority: eighteen\ncolour: blue"},
		[3]string{"eligibility.yaml", "needs: [research-consent, ehr, basics]", "needs: [research-consent, ehrr, basics]"}))
	for _, want := range []string{"study.yaml: line 15: `eighteen` is no whole number", "study.yaml: line 16: there is no field colour here", `ehrr`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("it is not told that %s: %v", want, err)
		}
	}
	_, err = program.Load(changed(t, [3]string{"surveys/lifestyle.json", "{", "{\n,"}))
	if err == nil || !strings.Contains(err.Error(), "surveys/lifestyle.json: line 2: ") || strings.Contains(err.Error(), "surveys.yaml") {
		t.Errorf("a broken survey is told as %v", err)
	}
}
