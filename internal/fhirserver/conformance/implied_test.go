package conformance

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
)

var plainPath = regexp.MustCompile(`^[A-Z]\w+(\.\w+)+$`)

// impliedSystems reads from R4's definitions of which code system the codes of an
// element without a system are: that of the value set that it is bound to.
func (c *corpus) impliedSystems(t testing.TB) {
	t.Helper()
	dir := fhirtest.Data(t, "r4-definitions")
	systems := valueSetSystems(t, dir)
	for typ, params := range c.params {
		bindings := requiredBindings(t, filepath.Join(dir, "StructureDefinition-"+typ+".json"))
		for i, p := range params {
			if p.kind == "token" && len(p.Terms) == 1 && plainPath.MatchString(p.Terms[0]) {
				params[i].systems = systems[bindings[p.Terms[0]]]
			}
		}
	}
}

// valueSetSystems are the systems of the value sets that have just one.
func valueSetSystems(t testing.TB, dir string) map[string][]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "ValueSet-*.json"))
	if err != nil || len(files) < 500 {
		t.Fatalf("%d value sets, %v", len(files), err)
	}
	all := map[string][]string{}
	for _, file := range files {
		var set struct {
			URL     string
			Compose struct{ Include []struct{ System string } }
		}
		readJSON(t, file, &set)
		if in := set.Compose.Include; len(in) == 1 && in[0].System != "" {
			all[set.URL] = []string{in[0].System}
		}
	}
	return all
}

func requiredBindings(t testing.TB, file string) map[string]string {
	t.Helper()
	var definition struct {
		Snapshot struct {
			Element []struct {
				Path    string
				Binding struct{ ValueSet, Strength string }
			}
		}
	}
	readJSON(t, file, &definition)
	all := map[string]string{}
	for _, e := range definition.Snapshot.Element {
		if e.Binding.Strength == "required" {
			all[e.Path], _, _ = strings.Cut(e.Binding.ValueSet, "|")
		}
	}
	return all
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(src, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
