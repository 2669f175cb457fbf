package search

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/model"
	"tributary/fhir/path"
	"tributary/fhir/tree"
)

// resource is one resource of the public test data.
type resource struct {
	file, typ, id string
	root          tree.Value
}

// examples are HL7's official examples of R4.
func examples(t testing.TB) []resource {
	return resources(t, fhirtest.Data(t, "r4-examples"), func(root tree.Value) []tree.Value { return []tree.Value{root} })
}

// resources reads a folder's files; of gives the resources in one.
func resources(t testing.TB, dir string, of func(tree.Value) []tree.Value) []resource {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var all []resource
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root, err := tree.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range of(root) {
			typ := v.Get("resourceType").Text()
			if model.IsResource(typ) {
				all = append(all, resource{filepath.Base(file), typ, v.Get("id").Text(), v})
			}
		}
	}
	return all
}

// found are the places where a plan finds a parameter's values.
func found(p *plan, param *Param, root tree.Value) []string {
	var spans []string
	p.root.walk(root, func(e *emit, v tree.Value) {
		if slices.Contains(param.Numbers(), e.param.Number) {
			spans = append(spans, v.Expression()+" "+e.typ)
		}
	})
	slices.Sort(spans)
	return slices.Compact(spans)
}

// evaluated are the places where FHIRPath finds a parameter's values. A union
// drops equal values, so that its terms are taken one by one.
func evaluated(t *testing.T, r resource, param *Param) []string {
	var places []string
	for _, term := range split(param.Expression, '|') {
		expr, err := path.Compile(term)
		if err != nil {
			t.Fatalf("%s.%s: %v", r.typ, param.Code, err)
		}
		items, err := expr.Eval(r.root, nil)
		if err != nil {
			t.Fatalf("%s: %s.%s: %v", r.file, r.typ, param.Code, err)
		}
		for _, item := range items {
			if v, ok := item.Node(); ok {
				places = append(places, v.Expression()+" "+item.ModelType().Name)
			}
		}
	}
	slices.Sort(places)
	return slices.Compact(places)
}

// The walk over places is an optimization of FHIRPath: both must find the same.
func TestPlacesAreThoseOfFHIRPath(t *testing.T) {
	compared := 0
	for _, r := range examples(t) {
		typ := Base().types[r.typ]
		plan := typ.plan()
		for _, param := range typ.byCode {
			if param.Expression == "" || param.Alias != nil || slices.ContainsFunc(plan.slow, func(s slow) bool { return s.param == param }) {
				continue
			}
			want := evaluated(t, r, param)
			if got := found(plan, param, r.root); !slices.Equal(got, want) {
				t.Errorf("%s: %s.%s finds %q, FHIRPath %q", r.file, r.typ, param.Code, got, want)
			}
			compared += len(want)
		}
	}
	if compared < 5000 {
		t.Errorf("only %d values compared", compared)
	}
	t.Logf("%d values", compared)
}
