package xml_test

import (
	"os"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/fhir/xml"
)

func BenchmarkFromJSON(b *testing.B) {
	src := patient(b)
	v := parsed(b, src)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := xml.FromJSON(v, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkToJSON(b *testing.B) {
	src, err := xml.FromJSON(parsed(b, patient(b)), "")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := xml.ToJSON(src); err != nil {
			b.Fatal(err)
		}
	}
}

// patient is the bundle of one synthetic patient.
func patient(b *testing.B) []byte {
	src, err := os.ReadFile(fhirtest.Files(b, "synthea")[2])
	if err != nil {
		b.Fatal(err)
	}
	return src
}
