// Package consent is where participants decide: to take part in research, to
// share their health records, to take either back. Nothing else in the service
// writes a participant's Consent, and everything that asks what is permitted
// asks here.
//
// A decision is an event, and events are only ever added; what is permitted now
// is Current, a pure function of them:
//
//	research  agree → takes part            decline → does not
//	          withdraw → over for good: no later event permits anything again
//	ehr       agree → shares, until the document's term is over
//	          decline, revoke → does not    without research consent it permits nothing
//
// With each event, in the same transaction, goes what FHIR clients see: the
// Consent (active; rejected for a no; inactive once taken back or replaced), a
// Provenance with the signature over the Consent's exact bytes, and the signed
// PDF as DocumentReference and Binary. The text that was shown is named by its
// SHA-256, never by its version alone. Evidence of the way there - modules
// viewed, quiz answers - is kept apart.
//
// A withdrawal runs the hooks that internal/app registers (stop the connectors,
// invalidate release files) inside its transaction.
//
// Neighbours: config/program has the documents; internal/records writes;
// internal/access asks Permissions; internal/portal is the only way in.
package consent
