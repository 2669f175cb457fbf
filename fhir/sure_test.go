package fhir_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

// What the walk is sure of, google/fhir finds nothing wrong with. Whole resources
// are changed at random places to what a client may well send, wrong and right.
func TestSureIsRight(t *testing.T) {
	docs := fhirtest.All()
	if os.Getenv(fhirtest.DataVariable) != "" {
		for _, file := range fhirtest.Files(t, "r4-examples") {
			if src := readFile(t, file); len(src) < 20_000 {
				docs = append(docs, src)
			}
		}
	}
	m := newMutator(docs, 1)
	sure, refused := 0, 0
	for range rounds(20_000) {
		src := m.mutated()
		root, err := tree.Parse(src)
		if err != nil {
			t.Fatalf("a mutation is no JSON: %v\n%s", err, src)
		}
		for _, v := range fhir.Judge(root) {
			if v.Sure && len(v.Google) > 0 {
				t.Fatalf("surely right, says the walk; google/fhir: %v\n%s", v.Google, src)
			}
			if v.Sure {
				sure++
			}
			if len(v.Google) > 0 {
				refused++
			}
		}
	}
	t.Logf("%d resources surely right, %d refused", sure, refused)
	if sure < 1000 || refused < 1000 {
		t.Errorf("of %d and %d nothing can be learnt", sure, refused)
	}
}

// rounds is a number of rounds, or the one that a long run asks for.
func rounds(n int) int {
	if long, err := strconv.Atoi(os.Getenv("TRIBUTARY_TEST_ROUNDS")); err == nil {
		return long
	}
	if sampled {
		return n / 20
	}
	return n
}

// Each text is tried as a value of each primitive type.
func TestSureIsRightAboutValues(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	texts := slices.Clone(values)
	for range rounds(1500) {
		texts = append(texts, twisted(random, values[random.IntN(len(values))]))
	}
	for _, text := range texts {
		for _, name := range valueTypes {
			checkValue(t, name, text)
		}
	}
}

func checkValue(t *testing.T, name, text string) {
	t.Helper()
	src := fmt.Sprintf(`{"resourceType":"Parameters","parameter":[{"name":"n","value%s":%s}]}`, name, text)
	root, err := tree.Parse([]byte(src))
	if err != nil {
		return
	}
	for _, v := range fhir.Judge(root) {
		if v.Sure && len(v.Google) > 0 {
			t.Errorf("surely right, says the walk; google/fhir: %v\n%s", v.Google, src)
		}
	}
}

var valueTypes = strings.Fields(`Base64Binary Boolean Canonical Code Date DateTime Decimal Id Instant Integer Markdown
	Oid PositiveInt String Time UnsignedInt Uri Url Uuid`)

// The walk must be sure of what is usual, or nothing is won.
func TestSureOfWhatIsUsual(t *testing.T) {
	unsure := 0
	for _, src := range fhirtest.All() {
		root, err := tree.Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range fhir.Judge(root) {
			if !v.Sure {
				unsure++
				t.Logf("not sure of %s", src)
			}
		}
	}
	if unsure > 0 {
		t.Errorf("google/fhir is asked about %d of the usual resources", unsure)
	}
}
