package ingest

import (
	"bytes"
	"context"

	"tributary/fhir"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// disown takes back what an account has of the provider's patient that c leads
// to: the resources with their earlier versions, which the account could read by
// id for ever, their sources, the quarantine and the claim.
func (s *Service) disown(ctx context.Context, tx *records.Tx, c store.Connection, owner string) error {
	db := tx.Store()
	brought, err := s.connections.Brought(ctx, db, c.Identity, owner)
	if err != nil {
		return err
	}
	if err := s.forget(ctx, tx, c, owner, brought); err != nil {
		return err
	}
	if err := s.unquarantine(ctx, db, c.Identity, owner); err != nil {
		return err
	}
	return s.connections.Release(ctx, db, c.Identity, owner)
}

// concerns reports whether a resource is about the patient: a practitioner, say,
// who came with one record belongs to others' as well.
func (s *Service) concerns(ctx context.Context, tx *records.Tx, typ, id, patient string) (bool, error) {
	if fhir.InPatientCompartment(typ) {
		return true, nil
	}
	r, err := tx.Read(ctx, typ, id)
	if k := errs.Of(err).Kind; err != nil && (k == errs.NotFound || k == errs.Gone) {
		return true, nil
	}
	return bytes.Contains(r.Body, []byte(`"Patient/`+patient+`"`)), err
}

func (s *Service) unquarantine(ctx context.Context, db store.Tx, identity, patient string) error {
	all, err := s.connections.OfIdentity(ctx, db, identity)
	for _, c := range all {
		if err != nil || c.Patient != patient {
			continue
		}
		var ids []string
		if ids, err = s.connections.QuarantineIDs(ctx, db, c.ID); err == nil {
			err = s.connections.Unquarantine(ctx, db, ids)
		}
	}
	return err
}
