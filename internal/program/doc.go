// Package program is a participant's way through the study: what is next, what
// is open and why, surveys, visits, measurements.
//
// Two kinds of status, both pure functions of the rules (eligibility.yaml) and
// of dated events, none of them stored:
//
//	milestones   reached on a date, once reached never lost:
//	             participant → participant-ehr → enrolled → eligible → core
//	             (journey.go)
//	eligibility  which steps may be taken now, and for each that may not be, the
//	             conditions that are unmet: recomputed, so that taking back the
//	             EHR authorization lowers it (eligibility.go). Programs read both
//	             with Patient/$eligibility (operation.go)
//
// The events are where they belong: decisions with package consent, completed
// surveys, visits and measurements as resources of the participant.
//
//	surveys       a Questionnaire is rendered from its resource; its answers are
//	              validated on the server and kept as a QuestionnaireResponse
//	              without a name, origin "survey"
//	visits        Slots of each site are made ahead from its hours; booking takes
//	              a free Slot, with its version as the condition, and makes an
//	              Appointment in the same transaction: booked → arrived →
//	              fulfilled, or cancelled, which frees the Slot
//	measurements  every reading is kept; of three, the mean of the second and the
//	              third counts and says so; origin "measurement"
//
// The cohort is a Group that lists nobody: who is on it follows from consent at
// the moment of each export (consent.Service.Members), so that there is no list
// that could be out of date.
//
// Neighbours: config/program is the study; internal/portal shows and asks;
// internal/records writes.
package program
