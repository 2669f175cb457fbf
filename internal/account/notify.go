package account

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/mail"
	"tributary/internal/store"
)

// Notify mails a participant what write makes of their language, which is "" where
// it is not known. errs.NotFound: there is no account.
func (s *Service) Notify(ctx context.Context, patient string, write func(lang string) mail.Message) error {
	a, err := s.OfPatient(ctx, s.Store, patient)
	if err != nil {
		return err
	}
	email, err := s.Sealer.Open(a.Email, owner("email", a.ID))
	if err != nil {
		return err
	}
	m := write(a.Language)
	m.To = string(email)
	return s.Mail.Send(ctx, m)
}

// ByAddress is the Patient whose confirmed address this is: staff who were written to
// find who wrote. errs.NotFound: nobody's.
func (s *Service) ByAddress(ctx context.Context, email string) (string, error) {
	a, err := s.rows.ByEmail(ctx, s.Store, s.emailHash(normal(email)))
	if errors.Is(err, store.ErrNotFound) || err == nil && a.Patient == "" {
		return "", errs.New(errs.NotFound, "nobody has this address")
	}
	return a.Patient, err
}
