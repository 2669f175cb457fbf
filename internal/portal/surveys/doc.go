// Package surveys is the surveys' pages: what there is to answer and when, a
// survey section by section, a look over all answers before they are sent, and
// their correction afterwards.
//
//	/surveys                      all of them, as they stand with the person
//	/surveys/{id}                 one of them: to begin, to go on, or what was sent
//	/surveys/{id}/sections/{n}    a section; each way to leave it by a button keeps it
//	/surveys/{id}/review          all answers, each with a link to change it; send
//	/surveys/{id}/all             the whole survey on one page, for who prefers that
//
// Every page carries which version of the answers it shows, so that a page that is
// older than what is kept (the back button, a second window) changes only what was
// changed on it. The pages work without scripts: further rows, files and removals
// are buttons of the form; a style sheet of the survey shows what a choice opens.
//
// When a session ends while a section is being filled in, what is sent is sealed for
// the account that the page was made for, and kept for an hour; whoever signs in to
// that very account finds it in the form again, and nobody else does (held.go).
//
// Neighbours: internal/survey asks and keeps; internal/program says who may answer.
package surveys
