// Package visit is the participants' visits to the partner centers: when a center
// sees people, which times are free, who has booked one.
//
//	opening   hours, closed days, how many at once: the study's data, until a
//	          center changes them for itself on its Schedule (opening.go)
//	offer     Slots are made ahead from it, one for each person that can be seen at
//	          a time; times that are not offered any more are busy-unavailable. No
//	          booked visit is ever lost by a change: those are told as conflicts
//	booking   takes a free Slot with its version as the condition, and makes an
//	          Appointment in the same transaction
//
// An Appointment is booked → arrived → fulfilled, or cancelled, or noshow. Changed
// to another time it stays the same Appointment. A walk-in has no Slot and begins
// as arrived.
//
// Who may book is not decided here: package program says so (Admit).
//
// Neighbours: config/program has the sites; internal/program decides who is
// admitted; internal/measurement and internal/biosample work on a visit;
// internal/access asks who is at a site (Present); internal/records writes.
package visit
