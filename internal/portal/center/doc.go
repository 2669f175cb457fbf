// Package center is the console of a partner center: who comes today, what is to be
// done with whom, and the center's own calendar. Everything is of the staff member's
// own site; other sites' visits and people are not there.
//
//	GET  /center?date=                            visits of a day, or all from today on
//	POST /center/appointments/ID/checkin, noshow
//	GET  /center/appointments/ID/measurements     POST MEASURE or MEASURE_N, deviation.MEASURE, pregnant, wheelchair, symptoms
//	GET  /center/appointments/ID/results          what was measured at the visit
//	GET  /center/measurements/ID/amend            POST the same fields, reason; POST …/cancel reason
//	GET  /center/appointments/ID/samples          POST kit, because
//	POST /center/samples/ID/step                  step, unfilled (repeated), note
//	POST /center/samples/ID/cancel                reason, note
//	GET  /center/samples/ID/labels                and labels/TUBE.svg
//	GET  /center/appointments/ID/consent          and consent/KIND: POST q.ID, printed_name, drawn, text, identified
//	GET  /center/appointments/ID/move             POST slot; POST …/calloff
//	GET  /center/enroll                           POST given, family, email, birth_date, sex, identified
//	GET  /center/enroll/confirm                   POST code
//	GET  /center/hours                            POST DAY-from-N, DAY-to-N, closed-*-N, minutes, capacity, version
//
// Whom staff are shown is put on record (web.Site.Who).
//
// Neighbours: internal/visit, internal/measurement and internal/biosample do the
// work; internal/account makes accounts; internal/portal/web shows.
package center
