package account

import (
	"context"

	"tributary/internal/mail"
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
	m := write("")
	m.To = string(email)
	return s.Mail.Send(ctx, m)
}
