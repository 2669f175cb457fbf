// Package staff is the console of the study's own staff.
//
//	GET  /staff -> 303 /staff/cohort         how many come how far, and what waits
//	GET  /staff/participants                 the finder     POST id | email | name, birth_date: who was found
//	GET  /staff/participants/ID              how somebody stands
//	POST /staff/participants/ID/message      topic, title.en, text.en, title.es, text.es -> 303 the participant
//	POST /staff/participants/ID/ask          kind=withdraw|deceased|merge|part, evidence, on, other -> 303 /staff/decisions
//	POST /staff/participants/ID/studies/STUDY   joined=yes -> 303 the participant
//	GET  /staff/decisions                    what a second person has to decide   POST /staff/decisions/ID decision=approve|deny, reason
//	GET  /staff/work, /staff/work/LIST       the work lists
//	GET  /staff/held                         connections held back   POST /staff/held/ID decision=accept|refuse|take-back, reason
//	GET  /staff/quarantine                   what could not be stored   GET /staff/quarantine/ID: the bytes
//	GET  /staff/releases                     what went to research, and on what consent
//	GET  /staff/researchers                  who may export   POST researcher, project, ends, agreed, trained; POST /staff/researchers/end researcher, group
//	GET  /staff/invitations                  how invitations stand  POST study, query, do=count|send
//	GET  /staff/news                         what everybody was told   POST topic, title.*, text.* -> 303 /staff/news
//
// People are looked for by a form, so that no name is in an address. What is typed and
// refused is shown again. Counts come suppressed from package cohort; charts are drawn
// here, of the same numbers that the table beside them has.
//
// Neighbours: internal/cohort; internal/news; internal/program; internal/portal/web.
package staff
