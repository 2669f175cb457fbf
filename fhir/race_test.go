//go:build race

package fhir_test

// The race detector makes validation twenty times slower: a sample tells as
// much as all the synthetic patients.
func init() { sampled = true }
