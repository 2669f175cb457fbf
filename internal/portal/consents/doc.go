// Package consents is the pages on which participants decide: about taking part,
// about their health records, and about whatever else the study's folder of consents
// asks for.
//
//	/consents                    every kind: what was decided, what is asked again
//	/consent/KIND                key information first, then part by part
//	  /modules/N                 a film, if there is one, and the same as text
//	  /quiz                      questions, with as many tries as it takes
//	  /sign                      the whole text, and the signature
//	/documents                   all that was ever signed, to download
//	/pause, /withdraw            leaving for a while, or for good
//
// A kind whose text has no parts is one page with a yes and a no. How far somebody
// has come is kept by the server as evidence, so that they go on where they stopped,
// on any device and in either language. What is signed is the text that was shown,
// named by its hash.
//
// A name is typed; a signature drawn by hand can go with it, where the browser runs
// the room's one script. Both are kept, and stand in the signed copy.
//
// Neighbours: internal/consent decides and keeps; internal/portal/web shows.
package consents
