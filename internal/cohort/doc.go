// Package cohort is how the study's staff see the people who take part: how many
// come how far, who needs attention, and what two of staff decide together.
//
//	funnel       joined → … → measured, by month and by group (funnel.go). Each step
//	             counts who took all before it. Counts are made of a picture of
//	             everybody that is some minutes old at most and is never stored
//	             (picture.go); who has left is not in it.
//	suppression  counts of 1 to 20 are not shown, and nothing that is shown adds up to
//	             one (suppress.go)
//	rough counts of searches that staff write themselves, so that two of them tell
//	             nothing of one person (rough.go)
//	finder       by id, by mail address, by name and birth date together (find.go):
//	             enough to help who writes or calls, too little to browse people
//	work lists   what waits for staff, person by person; who has left is on none (work.go)
//	decisions    withdrawing somebody or recording a death, on evidence: asked for by
//	             one of staff, approved or denied by another (decide.go)
//
//	                 pending → approved    and carried out
//	                         → denied
//
//	duplicates   two accounts of one person, joined by Patient.link and taken apart
//	             again (merge.go)
//	invitations  whom a FHIR search over Patients finds, to other research (invite.go)
//
// Everything that shows one person is read as the member of staff who looks, through
// internal/records, which puts it on record.
//
// Neighbours: internal/program knows the milestones; internal/consent carries
// decisions out; internal/news tells and invites; internal/portal/staff shows.
package cohort
