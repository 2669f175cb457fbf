// Package mydata is the room in which participants look at what is kept about them,
// and take it along.
//
//	/data                          everything by day, narrowed by kind and words
//	/data/{type}/{id}              one record: all it says, its versions, its JSON
//	/data/charts, /data/charts/id  what is measured again and again
//	/data/take                     all of it as a FHIR Bundle or a PDF
//	/data/releases                 which research releases it was in
//
// Whose records come from care providers gives the second factor anew before any of it
// is shown, everybody before taking it along. Words that somebody looks for, and where a
// page begins, stand sealed in addresses: neither history nor logs tell them.
//
// Neighbours: internal/mydata reads; internal/portal/web is the machinery of pages; who
// has looked at the data is told by internal/portal, under /security/seen.
package mydata
