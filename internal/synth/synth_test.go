package synth

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tributary/fhir"
)

// parsed is a bundle as a reader sees it.
type parsed struct {
	Type  string
	Entry []struct {
		FullURL  string
		Resource map[string]any
		Request  request
	}
}

func parse(t testing.TB, b Bundle) parsed {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b.JSON))
	dec.UseNumber()
	var p parsed
	if err := dec.Decode(&p); err != nil {
		t.Fatalf("%s: %v", b.Name, err)
	}
	return p
}

// walk visits every value under v with its element name and parent.
func walk(v any, name string, parent map[string]any, visit func(name string, v any, parent map[string]any)) {
	visit(name, v, parent)
	switch v := v.(type) {
	case map[string]any:
		for k, child := range v {
			walk(child, k, v, visit)
		}
	case []any:
		for _, child := range v {
			walk(child, name, parent, visit)
		}
	}
}

func TestSameSeedSameBytes(t *testing.T) {
	a, b := New(Options{Seed: 7}), New(Options{Seed: 7})
	b.Patient(3) // what was made before does not matter
	for i := range 10 {
		if !bytes.Equal(a.Patient(i).JSON, b.Patient(i).JSON) {
			t.Errorf("patient %d differs between two generators of one seed", i)
		}
	}
	if bytes.Equal(a.Patient(1).JSON, New(Options{Seed: 8}).Patient(1).JSON) {
		t.Error("another seed made the same patient")
	}
	if a.Patient(1).Name == a.Patient(2).Name {
		t.Error("two patients have one id")
	}
}

// The rules are the ones by which records are accepted.
func TestEveryResourceIsR4(t *testing.T) {
	g := New(Options{Seed: 1})
	bundles := g.Infrastructure()
	for i := range 16 {
		bundles = append(bundles, g.Patient(i))
	}
	for _, b := range bundles {
		got, err := fhir.ParseBundle(b.JSON)
		if err != nil {
			t.Errorf("%s is not R4: %v", b.Name, err)
			var invalid *fhir.Invalid
			if errors.As(err, &invalid) {
				t.Logf("%+v", invalid)
			}
			continue
		}
		if want := len(parse(t, b).Entry); len(got.Entries) != want {
			t.Errorf("%s: %d of %d entries", b.Name, len(got.Entries), want)
		}
	}
}

// identifiersOf are the conditional references that the bundles satisfy.
func identifiersOf(t testing.TB, bundles []Bundle) map[string]int {
	found := map[string]int{}
	for _, b := range bundles {
		for _, e := range parse(t, b).Entry {
			list, _ := e.Resource["identifier"].([]any)
			for _, id := range list {
				id := id.(map[string]any)
				found[e.Resource["resourceType"].(string)+"?identifier="+id["system"].(string)+"|"+id["value"].(string)]++
			}
		}
	}
	return found
}

func TestInfrastructure(t *testing.T) {
	bundles := New(Options{}).Infrastructure()
	names := []string{bundles[0].Name, bundles[1].Name}
	if !slices.Equal(names, []string{"0-organizations", "0-practitioners"}) {
		t.Errorf("names %v", names)
	}
	known := identifiersOf(t, bundles)
	for ref, n := range known {
		if n != 1 {
			t.Errorf("%s is there %d times; a conditional reference would not resolve", ref, n)
		}
	}
	for _, b := range bundles {
		p := parse(t, b)
		if p.Type != "batch" {
			t.Errorf("%s is a %s", b.Name, p.Type)
		}
		for _, e := range p.Entry {
			if e.Request.IfNoneExist == "" || known[e.Request.URL+"?"+e.Request.IfNoneExist] != 1 {
				t.Errorf("%s would be created again by a second load", e.FullURL)
			}
		}
	}
	other := New(Options{Seed: 99}).Infrastructure()
	if !bytes.Equal(bundles[0].JSON, other[0].JSON) || !bytes.Equal(bundles[1].JSON, other[1].JSON) {
		t.Error("infrastructure depends on the seed")
	}
}

// The worked example of the NPI standard.
func TestNPICheckDigit(t *testing.T) {
	if got := npi(123456789); got != "1234567893" {
		t.Errorf("npi(123456789) = %s", got)
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	if err := Write(dir, 3, Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 5 || files[0].Name() != "0-organizations.json" {
		t.Fatalf("wrote %v, %v", files, err)
	}
	b := New(Options{Seed: 5}).Patient(2)
	got, err := os.ReadFile(filepath.Join(dir, b.Patient.ID+".json"))
	if err != nil || !bytes.Equal(got, b.JSON) {
		t.Errorf("file of patient 2 is not their bundle: %v", err)
	}
	if err := Write(filepath.Join(dir, "0-organizations.json"), 1, Options{}); err == nil {
		t.Error("wrote into a file as if it were a folder")
	}
}

func BenchmarkPatient(b *testing.B) {
	g := New(Options{Seed: 1})
	resources, size := 0, 0
	for i := 0; b.Loop(); i++ {
		made := g.Patient(i).JSON
		resources += bytes.Count(made, []byte(`"fullUrl"`))
		size += len(made)
	}
	b.ReportMetric(float64(resources)/b.Elapsed().Seconds(), "resources/s")
	b.SetBytes(int64(size / b.N))
}
