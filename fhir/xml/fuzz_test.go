package xml_test

import (
	"math/rand/v2"
	"testing"

	"tributary/fhir"
	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/fhir/xml"
)

// holds is the property that fuzzing looks for: what is read can be written and
// read again; what package fhir takes as valid comes back as it was.
func holds(t testing.TB, src []byte) {
	if json, err := xml.ToJSON(src); err == nil {
		v, err := tree.Parse(json)
		if err != nil {
			t.Fatalf("%q became what is no JSON: %v: %q", src, err, json)
		}
		if _, err := fhir.Parse(json); err == nil {
			roundTrip(t, json, "")
		} else if again, err := xml.FromJSON(v, ""); err == nil {
			wellFormed(t, again)
		}
	}
	if v, err := tree.Parse(src); err == nil {
		out, err := xml.FromJSON(v, "")
		if err != nil {
			return
		}
		wellFormed(t, out)
		if _, err := fhir.Parse(src); err == nil {
			roundTrip(t, src, " ")
		}
	}
}

func seeds() (list [][]byte) {
	for _, c := range read {
		list = append(list, []byte(c.xml))
		if c.json != "" {
			list = append(list, []byte(c.json))
		}
	}
	for _, c := range wrong {
		if len(c.xml) < 1000 {
			list = append(list, []byte(c.xml))
		}
	}
	for _, c := range unsayable {
		list = append(list, []byte(c.json))
	}
	return append(list, fhirtest.All()...)
}

func FuzzMapping(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src []byte) { holds(t, src) })
}

// The same in short, in every test run, by a fixed row of random numbers.
func TestChangedDocuments(t *testing.T) {
	all, random := seeds(), rand.New(rand.NewPCG(1, 2))
	for range 15000 {
		a, b := all[random.IntN(len(all))], all[random.IntN(len(all))]
		if len(a) == 0 || len(b) == 0 {
			continue
		}
		from := random.IntN(len(a))
		to := min(len(a), from+random.IntN(10))
		at := random.IntN(len(b))
		piece := b[at:min(len(b), at+random.IntN(25))]
		holds(t, append(append(append([]byte{}, a[:from]...), piece...), a[to:]...))
	}
}
