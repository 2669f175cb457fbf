// Package studies is where participants read what the study tells them and answer
// invitations to other research.
//
//	GET  /studies               what I was invited to
//	POST /studies/ID            answer=yes|no|later|leave -> 303 /studies
//	GET  /news                  all messages, the newest first
//	GET  /news/ID               one message; it counts as read from then on
//	GET  /news/mail             which mails I want      POST topic (repeated) -> 303 /news/mail?kept=yes
//	GET  /news/unsubscribe?t=   of a mail, without signing in: asks   POST t: turns its topic's mails off
//
// A mail's link alone changes nothing: mail programs look at links. The POST does, by
// the page's button or by the mail program itself (RFC 8058).
//
// Neighbours: internal/news; internal/portal/web.
package studies
