package account

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"time"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/records"
	"tributary/internal/store"
)

// errNobody is what staff are told of a number and a birth date that are not one
// person's: nothing of whose either is.
func errNobody() error {
	return form.Faults{{Field: "number", Text: "There is no participant with this number and this birth date."}}
}

// Known is the participant whom staff name by number and birth date, as both stand on
// the person's papers. form.Faults: they are not one person's.
func (s *Service) Known(ctx context.Context, number, born string) (Person, error) {
	p, err := s.Person(ctx, number)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) || errs.Is(err, errs.Invalid) || err == nil && p.Born != strings.TrimSpace(born) {
		return Person{}, errNobody()
	}
	return p, err
}

// TakeOver gives somebody who took part through a proxy as a minor, and is of age now,
// an account of their own: its address signs in with a mailed code and sets up a second
// factor. What the proxy agreed to has ended; the person decides anew. That staff have
// made sure who asks is the caller's. form.Faults tells what to mend.
func (s *Service) TakeOver(ctx context.Context, number, born, email string) error {
	if !s.Study.Proxies {
		return errs.New(errs.Forbidden, "this study admits nobody through a proxy")
	}
	p, err := s.Known(ctx, number, born)
	if err == nil {
		err = s.grown(ctx, number, p)
	}
	if err != nil {
		return err
	}
	p.Email = normal(email)
	if at, err := mail.ParseAddress(p.Email); err != nil || at.Address != p.Email || len(p.Email) > maxEmail {
		return form.Faults{{Field: "email", Text: "Write your email address, such as name@example.org."}}
	}
	return s.open(ctx, number, p)
}

// grown refuses who is under age, or has an account.
func (s *Service) grown(ctx context.Context, number string, p Person) error {
	if born, err := time.Parse(time.DateOnly, p.Born); err != nil || !s.Study.Adult(born, s.Now()) {
		return form.Faults{{Field: "birth_date", Text: "This person is not of age yet."}}
	}
	_, err := s.OfPatient(ctx, s.Store, number)
	if err == nil {
		return form.Faults{{Field: "number", Text: "This person has an account already."}}
	}
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// open makes the account of a Patient that is there.
func (s *Service) open(ctx context.Context, patient string, p Person) error {
	a, err := s.seal(p)
	if err != nil {
		return err
	}
	a.Patient, a.Profile = patient, nil // what it would hold stands in the Patient
	return s.changePatient(ctx, patient, func(o object) {
		o["telecom"] = replace(o["telecom"], system("email"), object{"system": "email", "value": p.Email})
	}, func(ctx context.Context, tx *records.Tx) error {
		if _, err := s.rows.ByPatient(ctx, tx.Store(), patient); !errors.Is(err, store.ErrNotFound) {
			return errors.Join(err, errs.New(errs.Conflict, "this person has an account already"))
		}
		err := s.rows.Insert(ctx, tx.Store(), a, s.emailHash(p.Email))
		if errors.Is(err, store.ErrStale) {
			return form.Faults{{Field: "email", Text: "This address belongs to another account."}}
		}
		return err
	})
}
