package program

import (
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
	version    int64
	body       []byte
}

// The statuses of an Appointment that this package uses (R4, AppointmentStatus).
const (
	Booked    = "booked"
	Arrived   = "arrived"
	Fulfilled = "fulfilled"
	Cancelled = "cancelled"
)

// Visit is an Appointment.
type Visit struct {
	ID, Patient, Site, Slot, Status string
	Start, End                      time.Time
	Changed                         time.Time // when it came to its status
	version                         int64
	body                            []byte
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
	err := decode(r, &body)
	return Slot{ID: r.ID, Site: body.Schedule.id("Schedule"), Start: body.Start, End: body.End, Free: body.Status == "free", version: r.Version, body: r.Body}, err
}

// ofStudy is the search condition for what the study itself wrote: a provider's
// records hold Appointments and QuestionnaireResponses, too, and apps write some.
func ofStudy(o records.Origin) string { return records.OriginSystem + "|" + string(o) }

// readVisit reads an Appointment of the study; for any other there is none.
func readVisit(r store.Resource) (Visit, error) {
	var body struct {
		Meta        struct{ Tag []tag }
		Status      string
		Start, End  time.Time
		Slot        []linked
		Participant []struct{ Actor linked }
	}
	err := decode(r, &body)
	if err == nil && !slices.Contains(body.Meta.Tag, tag{records.OriginSystem, string(records.Program)}) {
		return Visit{}, errs.New(errs.NotFound, "there is no such visit")
	}
	v := Visit{ID: r.ID, Status: body.Status, Start: body.Start, End: body.End, Changed: r.Updated, version: r.Version, body: r.Body}
	for _, s := range body.Slot {
		v.Slot = s.id("Slot")
	}
	for _, p := range body.Participant {
		v.Patient += p.Actor.id("Patient")
		v.Site += p.Actor.id("Location")
	}
	return v, err
}
