// Package consent is where participants decide: to take part in research, to share
// their health records, to be shown results, to whatever else the study asks for,
// and to take each of it back. Nothing else in the service writes a participant's
// Consent, and everything that asks what is permitted asks here.
//
// A decision is an event, and events are only ever added; what is permitted now is
// Current, a pure function of them:
//
//	a kind         agree → holds, until the text's term is over, or a major change of
//	               it ends what the old signature permits
//	               decline, revoke → does not; without research nothing else holds
//	research       withdraw → over for good: no later event permits anything again
//	participation  deactivate ⇄ reactivate
//	               death-reported → death-denied | death-approved
//	               erase → withdrawn, and the records destroyed
//
// The kinds and their texts are data (config/program). A signature stays with the
// text that was signed, named by its SHA-256, never by its version alone; Due lists
// what is asked for again.
//
// With each decision about a kind, in the same transaction, goes what FHIR clients
// see: the Consent (active; rejected for a no; inactive once taken back or replaced),
// a Provenance with the signature over the Consent's exact bytes, and the signed PDF
// (PAdES) as DocumentReference and Binary. Evidence of the way there - modules
// viewed, quiz answers - is kept apart. A copy is mailed by a job.
//
// What leaving does elsewhere (stop the connectors, invalidate release files, cancel
// visits) are hooks that internal/app registers; they run inside the transaction of
// the decision. Consequences is the whole of it as a table. Who has left is in a
// journal outside of the database as well, so that no restored backup brings anybody
// back.
//
// Neighbours: config/program has the documents; internal/records writes;
// internal/access asks Permissions; internal/portal/consents and the console of a
// center are the ways in, staff with a second person's approval another.
package consent
