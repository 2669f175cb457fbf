package access

import (
	"context"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// reach says whose resources of a compartment a role reaches, as clauses that
// narrow every search.
type reach struct {
	words  string // for the documentation
	narrow func(d *Decision, ctx context.Context, p *Policy) error
}

var (
	reachSelf    = reach{"the one participant", (*Decision).self}
	reachSharing = reach{"who is on a Group of the client and shares the health record with its provider, but nobody who has withdrawn", (*Decision).members}
	reachSite    = reach{"the Appointments, and for writing the Schedule and the Slots, of the own site; of all else, whoever is checked in there or was in the last days, but nobody who has withdrawn; through an app, of these the one for whom it was opened alone", (*Decision).site}
	reachStaying = reach{"everybody but those who have withdrawn", (*Decision).without}
)

// reach narrows to the Patients whose data the actor reaches: those of the role,
// and of them, when only patient/ scopes cover the request or staff opened an app, the
// one in context.
func (d *Decision) reach(ctx context.Context, p *Policy, own bool) error {
	narrow := ruleOf(d.actor.Role).reach
	own = own || d.actor.opened()
	switch class := ClassOf(d.request.Type); {
	case class == Owned && narrow != nil:
		return d.own(p.Registry)
	case narrow == &reachSite && calendars[d.request.Type] != (calendar{}) && d.request.Interaction.Writes():
		return d.ownCalendar(p.Registry)
	case class != InPatient && class != AuditTrail && (narrow != &reachSite || d.request.Type != "Task"):
		return nil
	}
	if own && narrow != &reachSelf {
		if err := d.only(p.Registry, d.actor.Patient); err != nil {
			return err
		}
	}
	if narrow == nil {
		return nil // maintenance and our own jobs
	}
	return narrow.narrow(d, ctx, p)
}

// opened reports whether the actor is an app that staff opened about somebody: it
// reaches nobody else, and changes nothing of the center's.
func (a Actor) opened() bool { return a.Role == CenterStaff && a.Client != "" }

func (d *Decision) self(_ context.Context, p *Policy) error {
	return d.only(p.Registry, d.actor.Patient)
}

// calendar is the search parameter by which a resource belongs to a site, and the
// type that it refers to there: a Location, or the Schedule of the same id.
type calendar struct{ param, target string }

var calendars = map[string]calendar{"Schedule": {"actor", "Location"}, "Slot": {"schedule", "Schedule"}}

// ownCalendar narrows what is written to the calendar of the actor's site.
func (d *Decision) ownCalendar(params *search.Registry) error {
	if d.actor.opened() {
		return errs.New(errs.Forbidden, "an app about one person changes no calendar")
	}
	if d.actor.Site == "" {
		return errs.New(errs.Forbidden, "this login is at no site")
	}
	by := calendars[d.request.Type]
	param, _ := params.Lookup(d.request.Type, by.param)
	own := search.ReferenceValue{Targets: []int64{int64(search.KeyOf(by.target, d.actor.Site))}}
	d.Narrow = append(d.Narrow, search.Clause{Param: param.Rows(), AnyOf: []search.Value{own}})
	return nil
}

// Visits answers who is at a site: ids of the Patients who are checked in there.
type Visits interface {
	CheckedIn(ctx context.Context, site string) ([]string, error)
}

// site narrows Appointments to those at the site, and all else to who is there.
func (d *Decision) site(ctx context.Context, p *Policy) error {
	if d.actor.Site == "" || p.Visits == nil {
		return errs.New(errs.Forbidden, "this login is at no site")
	}
	if err := d.without(ctx, p); err != nil {
		return err
	}
	if d.request.Type == "Appointment" {
		param, _ := p.Registry.Lookup("Appointment", "location")
		there := search.ReferenceValue{Targets: []int64{int64(search.KeyOf("Location", d.actor.Site))}}
		d.Narrow, d.partly = append(d.Narrow, search.Clause{Param: param.Rows(), AnyOf: []search.Value{there}}), true
		return nil
	}
	here, err := p.Visits.CheckedIn(ctx, d.actor.Site)
	if err != nil {
		return err
	}
	return d.only(p.Registry, here...)
}

// without narrows to all but those who have withdrawn.
func (d *Decision) without(ctx context.Context, p *Policy) error {
	gone, err := p.Consents.Withdrawn(ctx)
	if err != nil || len(gone) == 0 {
		return err
	}
	c, err := patients(p.Registry, d.request.Type, gone)
	if err != nil {
		return err
	}
	c.Not = true
	d.Narrow = append(d.Narrow, c)
	return nil
}
