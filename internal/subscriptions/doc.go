// Package subscriptions tells clients of changes (HL7's Subscriptions R5 Backport
// for R4, STU 1.1), so that an EHR system or an app learns of one without polling.
//
//	Subscription resource   what a client asks for: a topic, filters, a channel (spec.go)
//	topic                   what counts as an event: topics.yaml, or a query of the client's (topic.go)
//	noticed                 a version matches: a row of subscription_event (notice.go)
//	numbered                the subscriber may see it now: it gets the next number (release.go)
//	delivered               a Bundle went to the endpoint and was taken (deliver.go, send.go)
//
// A subscription's states are those of the resource. requested: a job sends the
// handshake; active: events are delivered as they come; error: deliveries failed too
// often, events are still noticed, and are delivered when the client sets the status
// to requested again; off: the client or the end of its authorization stopped it.
//
// Versions come from package feed, behind the commit of their writes. What they match
// is noticed in the transaction that moves the feed's place, together with a River
// job for each subscription that no job works at: no event is lost between. A job
// claims its subscription, so that its events go out one notification after another,
// and keeps the claim while it waits to try again. A number is given, and kept,
// before anything is sent: what is sent again after a crash has the same.
//
// What a subscriber is told is decided by package access as of that moment, for the
// client and the person it acts for: scopes, compartment, consent. It is asked when
// an event is noticed, when it is numbered and when it is sent, and numbers count only
// what was seen, so that neither ids nor counts tell of anything else. A grant that
// is revoked, or has run out, turns the subscription off.
//
// Requests go only to hosts that the configuration allows to the client, never along
// a redirect or a proxy, and to no private address unless the configuration says so.
// Secrets in channel.header are sealed before they are stored.
//
// Neighbours: internal/feed brings the versions, internal/records the Subscriptions
// and what may be seen, internal/jobs runs deliveries, internal/operation serves.
package subscriptions
