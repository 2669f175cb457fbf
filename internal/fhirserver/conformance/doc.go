// Package conformance holds the FHIR API to the specification from outside: a
// real server over real stores, asked over HTTP only, judged by what does not
// share its code. It holds tests and nothing else.
//
//	examples_test.go      HL7's examples are written and read back to the byte but for meta
//	found_test.go         each is found by every search parameter that has a value in it;
//	                      values are those that the npm package fhirpath finds (oracle_test.go),
//	                      queries are formed as R4, section 3.1.1.4, says (asked*_test.go)
//	evidence_test.go      every parameter that has a value in the examples or in synthetic patients, with
//	                      prefixes, modifiers, alternatives, chains and _has, against a look through the raw
//	                      JSON: corpus_test.go what is there, drawn*_test.go the questions, naive*_test.go
//	                      the answers. TRIBUTARY_BRUTE_FORCE=n asks n for each parameter, for as long as that takes
//	shapes_test.go        the searches of load tests, and those that servers often answer wrongly
//	synthetic_test.go     whole patients load as transactions, conditional references resolve
//	transaction_test.go   all or nothing, placeholders in every place, batches; bundle_rules_test.go:
//	                      what a transaction may not be; races_test.go: who writes at the same time
//	malformed_test.go     bodies that are wrong or too large; wrong_requests_test.go: headers and URLs:
//	                      a 4xx with an OperationOutcome
//	xml_test.go           a client that knows XML only; what Accept, _format, _pretty and Prefer ask for;
//	                      xml_examples_test.go: HL7's examples and whole patients in both formats;
//	                      binary_test.go: a Binary as what it holds
//	fuzz_test.go          the same for whatever bytes there are: never a 5xx
//	capability_test.go    the CapabilityStatement lists what works, and what it does not list is refused
//	paging_test.go        pages hold while rows come and go; a next link cannot be made up
//
// The tests run on SQLite, and on PostgreSQL where TRIBUTARY_TEST_POSTGRES is
// set. TRIBUTARY_TESTDATA and TRIBUTARY_NODE_MODULES say where the public test
// data and the independent FHIRPath engine are; without them what needs them is skipped.
//
// Neighbours: internal/fhirserver and internal/records, which it tests; the store
// suite (internal/store/storetest) tests what is below them.
package conformance
