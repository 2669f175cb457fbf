package account

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"

	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/mail"
	"tributary/internal/records"
	"tributary/internal/store"
)

// AskEmail mails a code to an address that an account is to have. Whether another
// account has the address cannot be learned here; form.Faults tells what to mend.
func (s *Service) AskEmail(ctx context.Context, id, email string) error {
	email = normal(email)
	var f form.Faults
	at, err := netmail.ParseAddress(email)
	f.Unless(err == nil && at.Address == email && len(email) <= maxEmail, "email", "Write your email address, such as name@example.org.")
	if err := f.Err(); err != nil {
		return err
	}
	a, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal([]byte(email), owner("new email", id))
	if err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.rows.PutNewEmail(ctx, tx, id, sealed, s.Now()) })
	if err != nil {
		return err
	}
	code, err := s.newCode(ctx, store.Account{ID: addressing(id)})
	if errors.Is(err, errRationed) {
		return nil
	}
	if err != nil {
		return err
	}
	l := newAddress[newAddress.in(a.Language)]
	return s.Mail.Send(ctx, mail.Message{To: email, Subject: l.subject, Text: fmt.Sprintf(l.text, code, s.Study.Title.In(a.Language))})
}

// addressing is what the codes for a new address are kept under, apart from those
// to sign in with.
func addressing(account string) string { return "address/" + account }

// newAddress is told the code and the study.
var newAddress = letter{
	"en": {"Your code", "Your code is %s\n\nType it on the page that asked for it, and this address becomes that of your account. It is valid for ten minutes.\n" +
		"If you did not ask for it, you need not do anything.\n\n%s\n"},
	"es": {"Su código", "Su código es %s\n\nEscríbalo en la página que lo pidió, y esta dirección será la de su cuenta. Vale diez minutos.\n" +
		"Si usted no lo pidió, no tiene que hacer nada.\n\n%s\n"},
}

// readdressed is told the study.
var readdressed = letter{
	"en": {"Your address was changed", "Your account has a new mail address. This one is no longer used.\n\nIf that was not you, call us at once.\n\n%s\n"},
	"es": {"Su dirección cambió", "Su cuenta tiene una nueva dirección de correo. Esta ya no se usa.\n\nSi no fue usted, llámenos enseguida.\n\n%s\n"},
}

// ConfirmEmail takes the code that was mailed to a new address, which from now on is
// the account's. The old one is told. errs.Conflict: it is another account's.
func (s *Service) ConfirmEmail(ctx context.Context, id, code string) error {
	if err := s.spend(ctx, addressing(id), code); err != nil {
		return err
	}
	a, email, err := s.asked(ctx, id)
	if err != nil {
		return err
	}
	sealed, err := s.Sealer.Seal([]byte(email), owner("email", id))
	if err != nil {
		return err
	}
	err = s.changePatient(ctx, a.Patient, func(p object) {
		p["telecom"] = replace(p["telecom"], system("email"), object{"system": "email", "value": email})
	}, func(ctx context.Context, tx *records.Tx) error {
		hash := s.emailHash(email)
		err := s.rows.Claim(ctx, tx.Store(), id, hash)
		if errors.Is(err, store.ErrStale) {
			return errs.New(errs.Conflict, "this address belongs to another account")
		}
		if err != nil {
			return err
		}
		return s.rows.Readdress(ctx, tx.Store(), id, sealed, hash)
	})
	if err != nil {
		return err
	}
	return s.tell(ctx, a, readdressed, s.Study.Title.In(a.Language))
}

// asked is the account, and the address that it asked for.
func (s *Service) asked(ctx context.Context, id string) (store.Account, string, error) {
	a, err := s.Get(ctx, id)
	if err != nil {
		return a, "", err
	}
	sealed, err := s.rows.NewEmail(ctx, s.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return a, "", errs.New(errs.Conflict, "no new address was asked for; please write it again")
	}
	if err != nil {
		return a, "", err
	}
	plain, err := s.Sealer.Open(sealed, owner("new email", id))
	return a, string(plain), err
}

// tell mails a letter to the address of an account as it was read.
func (s *Service) tell(ctx context.Context, a store.Account, l letter, about ...any) error {
	email, err := s.Sealer.Open(a.Email, owner("email", a.ID))
	if err != nil {
		return err
	}
	w := l[l.in(a.Language)]
	return s.Mail.Send(ctx, mail.Message{To: string(email), Subject: w.subject, Text: fmt.Sprintf(w.text, about...)})
}
