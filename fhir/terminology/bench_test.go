package terminology_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tributary/fhir/terminology"
	"tributary/fhir/tree"
)

// big is a system of n codes, ten below each, and a value set of all but a few.
func big(b *testing.B, n int) (*memory, []byte) {
	var concepts strings.Builder
	for i := range n {
		if i > 0 {
			concepts.WriteByte(',')
		}
		fmt.Fprintf(&concepts, `{"code":"code-%d","display":"The code with the number %d","property":[{"code":"parent","valueCode":"code-%d"}]}`, i, i, i/10)
	}
	source := []byte(`{"resourceType":"CodeSystem","url":"urn:big","content":"complete","caseSensitive":true,"concept":[` + concepts.String() + `]}`)
	m := newMemory()
	m.add(b, source)
	m.add(b, []byte(`{"resourceType":"ValueSet","url":"urn:most","compose":{"include":[{"system":"urn:big","filter":[{"property":"concept","op":"is-a","value":"code-0"}]}],
		"exclude":[{"system":"urn:big","concept":[{"code":"code-77"}]}]}}`))
	return m, source
}

func BenchmarkExpand5000(b *testing.B) {
	m, _ := big(b, 5000)
	service := &terminology.Service{From: m}
	b.ReportAllocs()
	for b.Loop() {
		if out, err := service.Expand(context.Background(), m.sets["urn:most"], terminology.Expansion{Count: -1}); err != nil || out.Total != 4999 {
			b.Fatal(out.Total, err)
		}
	}
}

func BenchmarkValidateCode(b *testing.B) {
	m, _ := big(b, 5000)
	service := &terminology.Service{From: m}
	asked := []terminology.Coding{{System: "urn:big", Code: "code-4321", Display: "the code with the number 4321"}}
	b.ReportAllocs()
	for b.Loop() {
		if out, err := service.ValidateCode(context.Background(), m.sets["urn:most"], asked); err != nil || !out.Result {
			b.Fatal(out, err)
		}
	}
}

func BenchmarkCompile5000(b *testing.B) {
	_, source := big(b, 5000)
	b.ReportAllocs()
	b.SetBytes(int64(len(source)))
	for b.Loop() {
		root, err := tree.Parse(source)
		if err != nil {
			b.Fatal(err)
		}
		terminology.CompileCodeSystem(root)
	}
}
