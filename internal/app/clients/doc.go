// Package clients holds the service to clients that others wrote, and to its own
// documents: what an app developer uses and reads must work as it is. It holds
// tests and nothing else.
//
//	world_test.go       the whole service on free ports, on SQLite or on PostgreSQL and Redis
//	person_test.go      a participant with a browser that has no screen: joins, and lets apps in
//	chrome_test.go      a participant in Chromium
//	gooidc_test.go      go-oidc and x/oauth2: the code flow, id_tokens, client credentials
//	openid_test.go      npm openid-client, in Node (testdata/openid.mjs)
//	fhirclient_test.go  npm fhirclient, in Chromium (testdata/app.html)
//	ehrlaunch_test.go   the same, opened with iss and launch
//	backend_test.go     a warehouse: SMART Backend Services and a bulk export
//	blocks_test.go      the commands and answers of a document
//	session_test.go     bash, given the commands of a document one after the other
//	smart_test.go       docs/smart.md, followed to the letter
//	fhirapi_test.go     docs/fhir-api.md, likewise
//
// TRIBUTARY_NODE_MODULES holds the npm packages and TRIBUTARY_TEST_CHROMIUM names
// the browser; without them what needs them is skipped, and says so.
//
// Neighbours: internal/app, which is tested; internal/portal/browsertest, which
// tests the pages themselves; internal/authserver, whose own tests go through the
// protocol number by number.
package clients
