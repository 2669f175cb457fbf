// Package synth makes up plausible patients: FHIR R4 transaction bundles in
// the shape of US Core 6.1 that tell years of an adult's care in the United
// States. They feed the demo, the sandbox provider, the benchmarks and the
// tests. No real person stands behind any of them, and identifiers are drawn
// from ranges that are never issued (NPI and SSN beginning with 9, phone
// exchange 555-01xx, example.com).
//
// A patient comes about in three steps:
//
//	person   who: demographics, body, habits, lifespan          person.go, body.go
//	course   what befalls them: the diseases of their life and
//	         the visits that those and routine care bring       course.go, visits.go
//	chart    what is written down: one resource after another,
//	         visit by visit in order of time                    chart.go and one file a subject
//
// Everything that patient i is depends on the seed and i only, so any range of
// patients can be made on its own, in any order and in parallel; the same seed
// gives the same bytes. The order in which random numbers are drawn is part of
// that: adding a draw anywhere changes every patient after it.
//
// Patient bundles name organizations, locations and practitioners by
// conditional references (Practitioner?identifier=system|value). The
// infrastructure bundles, which do not depend on the seed, create those and
// must be loaded first.
//
// Codes of LOINC, SNOMED CT, RxNorm, CVX and ICD-10-CM stand in the files
// named *_table.go. The package imports nothing of ours.
package synth
