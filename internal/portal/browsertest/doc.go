// Package browsertest drives the portal as people do: in Chromium, against the
// service and the sandbox provider, both started in the test's own process on
// free ports. It holds tests and nothing else.
//
//	world_test.go    the two servers, the provider's patients, the staff
//	chrome_test.go   a Chromium for each test; a tab is one person's browser with cookies of its own
//	form_test.go     typing, choosing, pressing
//	twice_test.go    forms that are sent twice do once
//	look_test.go     what every page must be, each time that one is shown
//	axe_test.go      the same for what axe-core finds
//	person_test.go   the steps of a participant: joining, consent, provider, survey, visit
//	key_test.go      passkeys, on Chromium's own authenticator; OpenID providers
//	staff_test.go    the steps of center and study staff
//	pdf_test.go      the signed copies, as downloaded
//	mydata_test.go   what is kept about a participant, at a desk and on a phone, without scripts too
//	portal_test.go   the tests themselves
//	journey*_test.go a participant's whole way on a phone, in each language, with everybody
//	                 who has a part in it
//	discreet_test.go what that leaves in logs, mails' subjects and keys of sessions
//	readme_test.go   README's way from sign-up to a booked visit, by its words
//
// Each page that a person comes to is looked at: it is the page that was
// expected, has the Content-Security-Policy, is light, does not scroll sideways
// at 360 pixels, has labelled controls and a visible keyboard focus, breaks no
// WCAG 2.2 A or AA rule that axe-core knows, leaves only the session's cookie.
// No address that was asked for says who the person is. The screenshots, at
// 360×780 and 1280×800, are in out/screens, or the folder TRIBUTARY_SCREENS.
//
// TRIBUTARY_TEST_CHROMIUM is the browser; without it the tests skip.
// TRIBUTARY_NODE_MODULES holds axe-core; without it only that part is left out.
// The provider's origin is localhost and the service's 127.0.0.1: two sites, so
// that cookies, referrers and redirects behave as between strangers.
//
// Neighbours: internal/portal, whose own tests hold single pages to their HTML;
// internal/app, which starts the servers; internal/demo, which goes the same path
// without a browser.
package browsertest
