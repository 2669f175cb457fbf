// Package visits is the participants' pages about their visits: where and when, how
// to get there, what happens, what was measured and what it means.
//
//	GET  /visits?site=&change=   the booked visit, the centers, the free times of one
//	POST /visits/near            near, zone: where the person is, and whose time to show
//	POST /visits/book            slot
//	POST /visits/change          appointment, slot
//	POST /visits/cancel          appointment
//	GET  /visits/ID/calendar.ics the visit for a calendar
//	GET  /visits/results         what was measured and given at all visits
//
// Where somebody is is kept in their session only: the first three digits of a ZIP
// code, or a state.
//
// Neighbours: internal/visit books; internal/program says why somebody may not;
// internal/measurement and internal/biosample know what was taken;
// internal/portal/web shows.
package visits
