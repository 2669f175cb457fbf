package deid_test

import (
	"testing"

	"tributary/fhir/tree"
)

// BenchmarkWrite is the cost of a stored resource on its way out: parsed, then
// written as its de-identified line.
func BenchmarkWrite(b *testing.B) {
	var bytes int64
	all := records(b, few(b))
	for _, src := range all {
		bytes += int64(len(src))
	}
	r, p := release(b), person()
	var buf []byte
	b.SetBytes(bytes / int64(len(all)))
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		root, err := tree.Parse(all[i%len(all)])
		if err != nil {
			b.Fatal(err)
		}
		buf, _ = r.Write(buf[:0], root, p)
	}
}
