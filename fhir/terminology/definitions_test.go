package terminology_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/terminology"
)

// eachResource reads R4's own definitions of a type, each into an empty memory.
func eachResource(t *testing.T, typ string, visit func(name string, m *memory)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(fhirtest.Data(t, "r4-definitions"), typ+"-*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", typ, err)
	}
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m := newMemory()
		m.add(t, source)
		visit(filepath.Base(file), m)
	}
}

// whole is all of R4's terminology in one memory.
func whole(t *testing.T) *memory {
	t.Helper()
	all := newMemory()
	for _, typ := range []string{"CodeSystem", "ValueSet"} {
		eachResource(t, typ, func(_ string, m *memory) {
			for url, s := range m.systems {
				all.systems[url] = s
			}
			for url, v := range m.sets {
				all.sets[url] = v
			}
		})
	}
	return all
}

// Of R4's value sets, those that cannot be listed draw on what R4 does not hold (or
// name it wrongly); of the others the codes are those that are valid, and what is
// built in is what the definitions say.
func TestDefinitionsExpand(t *testing.T) {
	ctx, all := context.Background(), whole(t)
	service := &terminology.Service{From: all}
	listed := 0
	for url, v := range all.sets {
		expanded, err := service.Expand(ctx, v, terminology.Expansion{Count: -1})
		var fault *terminology.Fault
		if errors.As(err, &fault) {
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", url, err)
		}
		listed++
		for _, e := range expanded.Entries {
			found, err := service.ValidateCode(ctx, v, []terminology.Coding{{System: e.System, Code: e.Code, Display: e.Display}})
			if err != nil || !found.Result {
				t.Errorf("%s: %s|%s: %+v, %v", url, e.System, e.Code, found, err)
			}
		}
		sameAsBase(t, url, keys(expanded.Entries))
	}
	if listed < 1150 {
		t.Errorf("only %d of %d could be listed", listed, len(all.sets))
	}
}

// spaced is a value set of whose codes some end in a no-break space, in HL7's file.
const spaced = "http://terminology.hl7.org/ValueSet/v2-0550"

func sameAsBase(t *testing.T, url string, want []string) {
	t.Helper()
	if url == spaced {
		return
	}
	built, err := terminology.Base.ValueSet(context.Background(), url)
	if err != nil || built == nil {
		return
	}
	expanded, err := base.Expand(context.Background(), built, terminology.Expansion{Count: -1})
	if got := keys(expanded.Entries); err != nil || !slices.Equal(got, want) {
		t.Errorf("%s: built in %d codes, in the definitions %d, %v", url, len(got), len(want), err)
	}
}

// The expansion that HL7 stored in an example is the one that is worked out; its
// codes are among those of the definition.
func TestStoredExpansions(t *testing.T) {
	all := whole(t)
	service := &terminology.Service{From: all}
	for _, c := range []struct {
		url    string
		codes  int
		stored bool
	}{
		{"http://hl7.org/fhir/ValueSet/example-expansion", 8, true}, // of LOINC, which is not here
		{"http://hl7.org/fhir/ValueSet/yesnodontknow", 3, false},
	} {
		v := all.sets[c.url]
		expanded, err := service.Expand(context.Background(), v, terminology.Expansion{Count: -1})
		if err != nil || expanded.Stored != c.stored || len(expanded.Entries) != c.codes {
			t.Errorf("%s: %d codes, stored %v, %v", c.url, len(expanded.Entries), expanded.Stored, err)
		}
	}
}
