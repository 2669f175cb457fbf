package app

import (
	"context"
	"net/url"
	"time"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// sealKey is of the MACs that audit rows are sealed with.
func (c *core) sealKey() []byte { return c.ring.Derive("audit seals") }

// VerifyAudit goes over the audit trail (audit.Verifier).
func (s *Service) VerifyAudit(ctx context.Context, since time.Time, heads []audit.Head) (*audit.Report, error) {
	return audit.Verifier{DB: s.store, Key: s.sealKey(), Now: s.Now(), Since: since, Heads: heads}.Verify(ctx)
}

// AuditHeads hands over the newest seals of the chains.
func (s *Service) AuditHeads(ctx context.Context, since time.Time, each func(audit.Head, time.Time) error) error {
	return audit.Heads(ctx, s.store, since, each)
}

// pruneLeast is the least age of what may be pruned: a mistyped year must not empty
// the trail.
const pruneLeast = 365 * 24 * time.Hour

// PruneAudit removes what was sealed before a time; audited.
func (s *Service) PruneAudit(ctx context.Context, before time.Time) (int64, error) {
	if before.After(s.Now().Add(-pruneLeast)) {
		return 0, errs.New(errs.Invalid, "audit rows are kept for a year at least")
	}
	err := s.store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		return s.audit.Append(ctx, tx, operator, audit.PurposeOf(operator), audit.Event{
			Interaction: access.Delete, Type: auditTrail, Query: url.Values{"before": {before.Format(time.RFC3339)}}.Encode()})
	})
	if err != nil {
		return 0, err
	}
	return s.audit.Prune(ctx, before)
}

const auditTrail = "audit"
