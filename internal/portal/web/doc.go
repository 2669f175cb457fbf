// Package web is the machinery of the study's pages: what every page has round
// it, who may come to it, in which language it is, how a form comes back with its
// faults. It knows no page but the one that tells of an error.
//
// The site is made of rooms: each area of pages is a package that hands over a Room
// - routes, templates, a Spanish dictionary, entries of the menu - and knows the site
// only. internal/app puts the rooms together:
//
//	site, err := web.New(web.Config{…})
//	handler, err := site.Handler(door.Room(), surveys.Room(), …)
//
// A page is a View: the name of its template, a title, data. Show renders it, Mend
// renders a form again with what was typed and all its faults (422). Templates say
// their texts in English through {{$.T "…"}}; the dictionaries say them in Spanish.
// A text that has none is shown in English, and webtest.Complete fails for its room.
//
// A visitor's states, each the condition of the next, are guards:
//
//	Anybody     no condition
//	Pending     an account id waits for the mailed code
//	Confirmed   the code came back
//	SignedIn    and a second factor was given
//	Fresh       it was given in the last ten minutes
//
// CenterStaff and StudyStaff have sessions, and a cookie, of their own.
//
// Pages are rendered on the server and work without scripts. Nothing is fetched from
// elsewhere, nothing is inline: the Content-Security-Policy says so. Cross-origin
// posts are refused (net/http.CrossOriginProtection), cookies hold a random token
// or the chosen language only.
//
// Neighbours: internal/session keeps who is signed in; internal/portal and its
// folders are the rooms.
package web
