package synth_test

import (
	"fmt"

	"tributary/internal/synth"
)

// Load the infrastructure first, then any patients in any order.
func ExampleGenerator() {
	g := synth.New(synth.Options{Seed: 1})
	for _, b := range g.Infrastructure() {
		fmt.Println(b.Name)
	}
	b := g.Patient(1000)
	fmt.Println(b.Name == b.Patient.ID, b.Patient.BirthDate < "2008-01-01")
	// Output:
	// 0-organizations
	// 0-practitioners
	// true true
}
