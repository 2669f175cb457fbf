package fhir_test

import (
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
)

// FuzzParse holds that no document breaks the reader, that what is refused is
// refused with an issue, and that what is accepted can be stamped once and for
// all.
func FuzzParse(f *testing.F) {
	for _, src := range fhirtest.All() {
		f.Add(src)
	}
	for _, c := range append(badBundles, invalid...) {
		f.Add([]byte(c.src))
	}
	f.Add(fhirtest.Batch(fhirtest.Post(fhirtest.UUID(1), fhirtest.Patient()), fhirtest.Get("Patient")))
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, err := fhir.ParseBundle(src); err != nil && err.Error() == "" {
			t.Error("a Bundle was refused without an issue")
		}
		r, err := fhir.Parse(src)
		if err != nil {
			if err.Error() == "" {
				t.Error("refused without an issue")
			}
			return
		}
		r.Patients()
		checkStamp(t, r)
	})
}
