package access

import "context"

// reach narrows to the Patients whose data the actor reaches: those of the role,
// and of them, when only patient/ scopes cover the request, the one in context.
func (d *Decision) reach(ctx context.Context, p *Policy, own bool) error {
	switch class := ClassOf(d.request.Type); {
	case class == Owned && (d.actor.Role == Participant || d.actor.Role == EHR):
		return d.own(p.Registry)
	case class != InPatient && class != AuditTrail:
		return nil
	}
	if own && d.actor.Role != Participant {
		if err := d.only(p.Registry, d.actor.Patient); err != nil {
			return err
		}
	}
	narrow, ok := reaches[d.actor.Role]
	if !ok {
		return nil // maintenance and our own jobs
	}
	return narrow(d, ctx, p)
}

var reaches = map[Role]func(d *Decision, ctx context.Context, p *Policy) error{
	Participant: (*Decision).self, EHR: (*Decision).members, CenterStaff: (*Decision).without, StudyStaff: (*Decision).without,
}

func (d *Decision) self(_ context.Context, p *Policy) error {
	return d.only(p.Registry, d.actor.Patient)
}

// members narrows to those on the client's Groups who share their record.
func (d *Decision) members(ctx context.Context, p *Policy) error {
	var reached []string
	for _, group := range d.actor.Groups {
		members, err := p.Groups.Members(ctx, group)
		if err != nil {
			return err
		}
		for _, patient := range members {
			now, err := p.Consents.Permissions(ctx, patient)
			if err != nil {
				return err
			}
			if now.EHR && !now.Withdrawn {
				reached = append(reached, patient)
			}
		}
	}
	return d.only(p.Registry, reached...)
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
