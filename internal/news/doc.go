// Package news is what the study tells people, and what they answer to invitations.
//
// A message is a Communication: to one participant (Tell), in that person's
// compartment, or to everybody (Announce), addressed to the cohort's Group and in
// nobody's compartment. It is written in every language of the study. Beside it a
// mark says who has not read it yet.
//
// A mail says only that there is something to read, never what: it is a job of the
// transaction that writes the message, and asks again before it is sent. Who gets
// mails on which topic is a choice kept for the account; the topics are
// config/program/news.yaml. A mail carries a sealed token that turns its topic off
// without signing in.
//
// Other research is config/program/studies.yaml, one ResearchStudy each. Who is
// invited is a ResearchSubject (subject.go):
//
//	candidate → eligible        yes; later leaves it candidate
//	candidate → not-registered  no
//	eligible → withdrawn        changed one's mind before joining
//	eligible → on-study         joined, as that study says
//	on-study → off-study        left
//	not-registered, withdrawn → eligible   changed one's mind again
//
// Nobody is told, invited or mailed who may not be contacted: who has withdrawn,
// has closed the account, or has died. That is asked in the transaction that writes.
//
// Neighbours: internal/records writes; internal/jobs sends; internal/account knows
// the addresses; internal/cohort finds whom to invite; internal/portal/studies and
// internal/portal/staff are the pages.
package news
