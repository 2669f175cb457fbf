package account

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// staffRealm is that of passkeys of staff.
const staffRealm = "staff"

// LocalStaff is a member of staff of the role, by the id, who has a password here and is
// let in. Nothing tells who else there is.
func (s *Service) LocalStaff(ctx context.Context, role, id string) (store.Staff, error) {
	m, err := tables.Staff{}.ByID(ctx, s.Store, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return m, err
	}
	if err != nil || m.Disabled || m.Role != role || m.Password == "" {
		return store.Staff{}, errs.New(errs.Unauthorized, "that sign-in is not open here")
	}
	return m, nil
}

// StaffPassword asks a member of staff who is here for the password once more: before it
// changes what opens the account.
func (s *Service) StaffPassword(ctx context.Context, role, id, password string) error {
	m, err := s.LocalStaff(ctx, role, id)
	if errs.Is(err, errs.Unauthorized) {
		err = nil // the check takes as long, and says no
	}
	if err == nil && !s.Cost.verify(m.Password, password) {
		err = errs.New(errs.Unauthorized, "the password is not right")
	}
	return err
}

// withoutKeys removes the passkeys of whom an operator gives another password: who has
// lost theirs comes in again by it.
func (s *Service) withoutKeys(ctx context.Context, tx store.Tx, login string) error {
	m, err := tables.Staff{}.ByLogin(ctx, tx, login)
	if err != nil {
		return err
	}
	return tables.Passkeys{}.RemoveAll(ctx, tx, staffRealm, m.ID)
}
