package path

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tributary/fhir/tree"
)

// archive reads the files of one archive of the test data.
func archive(t testing.TB, name string, visit func(file string, content []byte)) {
	t.Helper()
	dir := os.Getenv("TRIBUTARY_TESTDATA")
	if dir == "" {
		t.Skip("TRIBUTARY_TESTDATA is not set")
	}
	// The standard library has no xz; tar finds its own.
	out, err := exec.Command("xz", "-dc", filepath.Join(dir, name+".tar.xz")).Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for r := tar.NewReader(bytes.NewReader(out)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		visit(filepath.Base(h.Name), content)
	}
}

// searchExpressions are those of all R4 search parameters, by id.
func searchExpressions(t testing.TB) map[string]string {
	expressions := map[string]string{}
	archive(t, "r4-definitions", func(file string, content []byte) {
		if !strings.HasPrefix(file, "SearchParameter-") {
			return
		}
		var p struct{ ID, Expression string }
		if err := json.Unmarshal(content, &p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if p.Expression != "" {
			expressions[p.ID] = p.Expression
		}
	})
	if len(expressions) < 1300 {
		t.Fatalf("only %d search parameters have an expression", len(expressions))
	}
	return expressions
}

func TestSearchParametersCompile(t *testing.T) {
	for id, expression := range searchExpressions(t) {
		if _, err := Compile(expression); err != nil {
			t.Errorf("%s: %s: %v", id, expression, err)
		}
	}
}

// TestExamples evaluates every search expression on every example: no panic,
// no error, and each parameter's own resource type gives something somewhere.
func TestExamples(t *testing.T) {
	var compiled []*Expr
	for _, expression := range searchExpressions(t) {
		compiled = append(compiled, MustCompile(expression))
	}
	found, documents := 0, 0
	archive(t, "r4-examples", func(file string, content []byte) {
		v, err := tree.Parse(content)
		if err != nil || v.Kind() != tree.Object {
			return
		}
		documents++
		for _, e := range compiled {
			items, err := e.Eval(v, nil)
			if err != nil {
				t.Errorf("%s: %s: %v", file, e, err)
			}
			if len(items) > 0 {
				found++
			}
			for _, i := range items {
				if i.Type() == "" {
					t.Errorf("%s: %s gives an item without type: %.80s", file, e, i)
				}
			}
		}
	})
	t.Logf("%d documents, %d results", documents, found)
	if documents < 500 || found < 10*documents {
		t.Errorf("%d documents gave only %d results", documents, found)
	}
}
