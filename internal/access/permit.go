package access

import (
	"context"

	"tributary/internal/errs"
)

// permit is what must hold for a role beside its rule: asked for every request, so
// that what was taken back is refused at once.
type permit struct {
	words string // for the documentation
	ask   func(d *Decision, ctx context.Context, p *Policy) error
}

var (
	permitDelegation  = permit{"a permission recorded for this delegate and participant is in force, and covers what is asked", (*Decision).delegated}
	permitMaintenance = permit{"the configuration allows maintenance", (*Decision).maintained}
)

// Delegations answers what a person may do for another: the scopes that a recorded
// permission covers, of permissions that have begun, have not ended and were not
// taken back. None: no scopes.
type Delegations interface {
	Delegated(ctx context.Context, delegate, patientID string) (Scopes, error)
}

// delegated holds what is asked against the recorded permission: what it does not
// cover is refused, and the queries of its scopes narrow as those of a token do.
func (d *Decision) delegated(ctx context.Context, p *Policy) error {
	if p.Delegations == nil || d.actor.ID == "" || d.actor.Patient == "" {
		return errs.New(errs.Forbidden, "there is no permission to act for this participant")
	}
	covered, err := p.Delegations.Delegated(ctx, d.actor.ID, d.actor.Patient)
	if err != nil {
		return err
	}
	if len(covered.Resource) == 0 {
		return errs.New(errs.Forbidden, "there is no permission to act for this participant, or not any more")
	}
	if ClassOf(d.request.Type) != InPatient {
		return nil
	}
	_, err = d.scopes(p.Registry, covered, "what the participant permits")
	return err
}

func (d *Decision) maintained(_ context.Context, p *Policy) error {
	if p.NoMaintenance {
		return errs.New(errs.Forbidden, "maintenance is off here; the operator can allow it in the configuration")
	}
	return nil
}
