package visit

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Slot is a time at a site.
type Slot struct {
	ID, Site   string
	Start, End time.Time
	Free       bool
	Closed     bool // the center does not offer it any more
	version    int64
	body       []byte
}

// The statuses of an Appointment that this package uses (R4, AppointmentStatus).
const (
	Booked    = "booked"
	Arrived   = "arrived"
	Fulfilled = "fulfilled"
	Cancelled = "cancelled"
	NoShow    = "noshow"
)

// Visit is an Appointment.
type Visit struct {
	ID, Patient, Site, Slot, Status string
	Start, End                      time.Time
	Changed                         time.Time // when it came to its status
	WalkIn                          bool      // began at the center, without a booking
	version                         int64
	body                            []byte
}

// Version counts the changes of the visit, from 1.
func (v Visit) Version() int64 { return v.version }

// Coming are the visits that are still to be kept.
func Coming(visits []Visit) []Visit {
	return slices.DeleteFunc(slices.Clone(visits), func(v Visit) bool { return v.Status != Booked && v.Status != Arrived })
}

type tag struct{ System, Code string }

type linked struct{ Reference string }

// id is the id of a relative reference to the type, "" if it is another.
func (l linked) id(typ string) string {
	id, ok := strings.CutPrefix(l.Reference, typ+"/")
	if !ok {
		return ""
	}
	return id
}

func readSlot(r store.Resource) (Slot, error) {
	var body struct {
		Schedule   linked
		Status     string
		Start, End time.Time
	}
	err := json.Unmarshal(r.Body, &body)
	return Slot{ID: r.ID, Site: body.Schedule.id("Schedule"), Start: body.Start, End: body.End, Free: body.Status == "free",
		Closed: body.Status == "busy-unavailable", version: r.Version, body: r.Body}, err
}

// ofStudy is the search condition for what the study itself wrote: a provider's
// records hold Appointments, too, and apps write some.
func ofStudy() string { return records.OriginSystem + "|" + string(records.Program) }

// walkInCode is HL7 v2-0276's code of a visit without a booking.
const (
	walkInSystem = "http://terminology.hl7.org/CodeSystem/v2-0276"
	walkInCode   = "WALKIN"
)

// appointmentBody is what is read of an Appointment.
type appointmentBody struct {
	Meta            struct{ Tag []tag }
	Status          string
	AppointmentType struct{ Coding []tag }
	Start, End      time.Time
	Slot            []linked
	Participant     []struct{ Actor linked }
}

// readVisit reads an Appointment of the study; for any other there is none.
func readVisit(r store.Resource) (Visit, error) {
	var body appointmentBody
	err := json.Unmarshal(r.Body, &body)
	if err == nil && !slices.Contains(body.Meta.Tag, tag{records.OriginSystem, string(records.Program)}) {
		return Visit{}, errs.New(errs.NotFound, "there is no such visit")
	}
	v := Visit{ID: r.ID, Status: body.Status, Start: body.Start, End: body.End, Changed: r.Updated, version: r.Version, body: r.Body,
		WalkIn: slices.Contains(body.AppointmentType.Coding, tag{walkInSystem, walkInCode})}
	for _, s := range body.Slot {
		v.Slot = s.id("Slot")
	}
	for _, p := range body.Participant {
		v.Patient += p.Actor.id("Patient")
		v.Site += p.Actor.id("Location")
	}
	return v, err
}
