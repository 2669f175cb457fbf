package consent

import (
	"context"
	"encoding/json"
	"time"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// Deactivate stops contact and further collection, at the participant's own wish;
// what the study has stays in use. It can be undone by Reactivate.
func (s *Service) Deactivate(ctx context.Context, g Signing) error {
	if err := g.Check(); err != nil {
		return err
	}
	return s.act(ctx, g, Deactivate, func(p Permissions) error {
		if !p.Research || p.Deactivated {
			return errs.New(errs.Conflict, "there is nothing to deactivate")
		}
		return nil
	})
}

// Reactivate makes a deactivated account active again. Care providers are
// connected anew by the participant.
func (s *Service) Reactivate(ctx context.Context, g Signing) error {
	return s.act(ctx, g, Reactivate, func(p Permissions) error {
		if !p.Deactivated {
			return errs.New(errs.Conflict, "your account is active")
		}
		return nil
	})
}

// ReportDeath notes that somebody says that the participant has died: until it is
// decided, nobody writes to them and nothing is collected.
func (s *Service) ReportDeath(ctx context.Context, actor access.Actor, patient, evidence string) error {
	return s.byStaff(ctx, actor, patient, DeathReported, evidence, func(p Permissions) error {
		if p.DeathPending || p.Deceased {
			return errs.New(errs.Conflict, "that has been reported already")
		}
		return nil
	})
}

// DenyDeath notes that the report was an error: all is as it was before.
func (s *Service) DenyDeath(ctx context.Context, actor access.Actor, patient, reason string) error {
	return s.byStaff(ctx, actor, patient, DeathDenied, reason, func(p Permissions) error {
		if !p.DeathPending && !p.Deceased {
			return errs.New(errs.Conflict, "no death was reported")
		}
		return nil
	}, s.livingAgain)
}

// Deceased notes the participant's death, on evidence, and the day of it; the zero
// time is an unknown day.
func (s *Service) Deceased(ctx context.Context, actor access.Actor, patient string, on time.Time, evidence string) error {
	return s.byStaff(ctx, actor, patient, DeathApproved, evidence, func(p Permissions) error {
		if p.Deceased {
			return errs.New(errs.Conflict, "that has been recorded already")
		}
		return nil
	}, func(ctx context.Context, tx *records.Tx, id string, _ time.Time) error {
		return s.markPatient(ctx, tx, id, func(p object) {
			delete(p, "deceasedDateTime")
			delete(p, "deceasedBoolean")
			if on.IsZero() {
				p["deceasedBoolean"] = true
			} else {
				p["deceasedDateTime"] = on.Format(time.DateOnly)
			}
		})
	})
}

func (s *Service) livingAgain(ctx context.Context, tx *records.Tx, id string, _ time.Time) error {
	return s.markPatient(ctx, tx, id, func(p object) {
		delete(p, "deceasedDateTime")
		delete(p, "deceasedBoolean")
	})
}

// WithdrawOnEvidence withdraws a participant who asked for it in another way than
// on the portal: by letter, by telephone. Who of staff did it, and on what
// evidence, stays with the event.
func (s *Service) WithdrawOnEvidence(ctx context.Context, actor access.Actor, patient, reason string) error {
	if err := staffed(actor, reason); err != nil {
		return err
	}
	return s.withdraw(ctx, Signing{Patient: patient, Witness: Witness{Staff: actor.ID, Site: actor.Site}, Reason: reason})
}

// staffed refuses who is not of staff, and acts without a reason.
func staffed(actor access.Actor, reason string) error {
	switch {
	case actor.Role != access.StudyStaff && actor.Role != access.CenterStaff || actor.ID == "":
		return errs.New(errs.Forbidden, "this is for staff")
	case reason == "":
		return errs.New(errs.Invalid, "say on what evidence")
	}
	return nil
}

// byStaff is an act of staff about a participant.
func (s *Service) byStaff(ctx context.Context, actor access.Actor, patient string, d Decision, reason string, check func(Permissions) error, also ...Hook) error {
	if err := staffed(actor, reason); err != nil {
		return err
	}
	g := Signing{Patient: patient, Witness: Witness{Staff: actor.ID, Site: actor.Site}, Reason: reason}
	return s.act(ctx, g, d, check, also...)
}

// act notes a decision about the participation and runs its hooks.
func (s *Service) act(ctx context.Context, g Signing, d Decision, check func(Permissions) error, also ...Hook) error {
	g.Kind = Participation
	return s.decide(ctx, g.Patient, func(ctx context.Context, tx *records.Tx, p Permissions) error {
		if p.Withdrawn {
			return errs.New(errs.Conflict, "the participant has left the study; nothing can be decided any more")
		}
		if err := g.alive(p); err != nil {
			return err
		}
		if err := check(p); err != nil {
			return err
		}
		if _, err := s.represents(ctx, tx, g); err != nil {
			return err
		}
		at := s.Now().UTC()
		if err := s.event(ctx, tx, entry{Signing: g, Decision: d, At: at}, ""); err != nil {
			return err
		}
		return follow(ctx, tx, append(also, s.hooks[d]...), g.Patient, d, at)
	})
}

// markPatient changes the Patient. One that is not there, or cannot be read back,
// keeps nobody alive: the event is what counts.
func (s *Service) markPatient(ctx context.Context, tx *records.Tx, id string, change func(object)) error {
	current, err := tx.Read(ctx, "Patient", id)
	if err != nil {
		return s.pass(id, err)
	}
	var body object
	if err := json.Unmarshal(current.Body, &body); err != nil {
		return s.pass(id, errs.Wrap(err, errs.Invalid, "the Patient cannot be read back"))
	}
	change(body)
	changed, err := json.Marshal(body)
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, records.Draft{Type: "Patient", ID: id, JSON: changed, IfVersion: current.Version})
	return s.pass(id, err)
}
