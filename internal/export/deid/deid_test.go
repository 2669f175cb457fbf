package deid_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/internal/export/deid"
)

const subject = "0190a1b2-0000-7000-8000-000000000001"

var at = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func person() *deid.Person {
	return &deid.Person{Patient: subject, Research: "Rf00d", ShiftDays: 100}
}

func release(t testing.TB) *deid.Release {
	t.Helper()
	rules := deid.Registered()
	r, err := deid.New(deid.Config{Rules: rules, Key: []byte(strings.Repeat("k", 32)), Types: rules.Types(), At: at,
		Common: map[deid.Code]bool{{"urn:oid:2.16.840.1.113883.6.238", "2106-3"}: true}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parse(t testing.TB, src []byte) tree.Value {
	t.Helper()
	v, err := tree.Parse(src)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// write de-identifies a resource that must leave, and holds the result against R4.
func write(t testing.TB, src []byte) tree.Value {
	t.Helper()
	out, ok := release(t).Write(nil, parse(t, src), person())
	if !ok {
		t.Fatalf("did not leave: %s", src)
	}
	r, err := fhir.Parse(out)
	if err != nil {
		t.Fatalf("not R4: %v\n%s\nof %s", err, out, src)
	}
	return r.Root
}

// records are patients of the public sample, each as its entries, references
// within the bundle made literal.
func records(t testing.TB, files []string) (all [][]byte) {
	t.Helper()
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b struct {
			Entry []struct {
				FullURL  string
				Resource json.RawMessage
			}
		}
		if err := json.Unmarshal(raw, &b); err != nil {
			t.Fatal(err)
		}
		var pairs []string
		for _, e := range b.Entry {
			v := parse(t, e.Resource)
			typ, id := v.Get("resourceType").Text(), v.Get("id").Text()
			if typ == "Patient" {
				pairs = append(pairs, `"id": "`+id+`"`, `"id": "`+subject+`"`, `"id":"`+id+`"`, `"id":"`+subject+`"`)
				id = subject
			}
			pairs = append(pairs, e.FullURL, typ+"/"+id)
		}
		literal := strings.NewReplacer(pairs...)
		for _, e := range b.Entry {
			all = append(all, []byte(literal.Replace(string(e.Resource))))
		}
	}
	return all
}

func TestRealRecordsStayValid(t *testing.T) {
	r, p, seen := release(t), person(), map[string]int{}
	for _, src := range records(t, few(t)) {
		root := parse(t, src)
		out, ok := r.Write(nil, root, p)
		typ := root.Get("resourceType").Text()
		if known := known(typ); ok != known {
			t.Fatalf("%s left: %v", typ, ok)
		}
		if !ok {
			continue
		}
		if seen[typ]++; seen[typ] > 30 {
			continue
		}
		if _, err := fhir.Parse(out); err != nil {
			t.Errorf("%s: %v\n%s", typ, err, out)
		}
	}
	if len(seen) < 18 {
		t.Errorf("only %v", seen)
	}
}

// few are the files of some patients: enough for each type.
func few(t testing.TB) []string { return fhirtest.Files(t, "synthea")[:12] }

func known(typ string) bool {
	for _, t := range deid.Registered().Types() {
		if t == typ {
			return true
		}
	}
	return false
}
