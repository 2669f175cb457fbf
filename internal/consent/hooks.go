package consent

import (
	"context"
	"time"

	"tributary/internal/records"
)

// Hook runs inside the transaction of a withdrawal; an error undoes it all.
type Hook func(ctx context.Context, tx *records.Tx, patientID string, at time.Time) error

// OnWithdraw registers what happens with each withdrawal, in its transaction.
func (s *Service) OnWithdraw(hooks ...Hook) { s.on(Withdraw, hooks) }

// OnRevoke registers what happens when records are shared no longer, in the
// transaction of the revocation. A withdrawal runs the hooks of OnWithdraw alone.
func (s *Service) OnRevoke(hooks ...Hook) { s.on(Revoke, hooks) }

// OnDeactivate registers what happens with a deactivation, in its transaction.
func (s *Service) OnDeactivate(hooks ...Hook) { s.on(Deactivate, hooks) }

// OnDeceased registers what happens when a death is approved, in its transaction.
func (s *Service) OnDeceased(hooks ...Hook) { s.on(DeathApproved, hooks) }

// OnDeathDenied registers what happens when a death was reported in error, in its
// transaction.
func (s *Service) OnDeathDenied(hooks ...Hook) { s.on(DeathDenied, hooks) }

func (s *Service) on(d Decision, hooks []Hook) { s.hooks[d] = append(s.hooks[d], hooks...) }
