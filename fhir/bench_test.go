package fhir_test

import (
	"testing"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
)

// BenchmarkUnmarshalAlone is google/fhir without us: the price that Parse
// cannot go below.
func BenchmarkUnmarshalAlone(b *testing.B) {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		b.Fatal(err)
	}
	overAll(b, func(src []byte) error { _, err := u.Unmarshal(src); return err })
}

func BenchmarkParse(b *testing.B) {
	overAll(b, func(src []byte) error { _, err := fhir.Parse(src); return err })
}

func BenchmarkTreeAlone(b *testing.B) {
	overAll(b, func(src []byte) error { _, err := tree.Parse(src); return err })
}

// overAll takes one resource of each kind an iteration.
func overAll(b *testing.B, do func([]byte) error) {
	all, size := fhirtest.All(), 0
	for _, src := range all {
		size += len(src)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, src := range all {
			if err := do(src); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(all)), "µs/resource")
}

func BenchmarkStamp(b *testing.B) {
	r := parse(b, string(fhirtest.Observation()))
	b.ReportAllocs()
	for b.Loop() {
		r.Stamp(full)
	}
}

func BenchmarkParseBundle(b *testing.B) {
	entries := make([]fhirtest.Entry, 200)
	for i := range entries {
		entries[i] = fhirtest.Post(fhirtest.UUID(i), fhirtest.Observation())
	}
	src := fhirtest.Transaction(entries...)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := fhir.ParseBundle(src); err != nil {
			b.Fatal(err)
		}
	}
}
