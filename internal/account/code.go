package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"time"

	"tributary/internal/errs"
	"tributary/internal/mail"
	"tributary/internal/records"
	"tributary/internal/store"
)

const (
	codeLife     = 10 * time.Minute
	codeAttempts = 5
	sendWindow   = time.Hour
	sendLimit    = 8 // codes to one account within the window
)

// errCode tells nothing of why: a wrong code, an old one, an account that is not.
func errCode() error {
	return errs.New(errs.Unauthorized, "that code is not right, or is no longer valid; check it, or ask for a new one")
}

// errRationed: no further code is sent for now.
var errRationed = errors.New("account: too many codes were asked for")

// nobody stands for the account of an address that has none.
const nobody = "nobody"

// SendCode mails a fresh code in place of the one before, within the limit of
// sendings; beyond it the last one stays good. Nothing that the caller sees, nor
// the time that it takes, tells whether there is such an account.
func (s *Service) SendCode(ctx context.Context, id string) error {
	a, err := s.Get(ctx, id)
	if errs.Is(err, errs.NotFound) {
		a, err = store.Account{ID: nobody}, nil
	}
	if err != nil {
		return err
	}
	code, err := s.newCode(ctx, a)
	if errors.Is(err, errRationed) || err == nil && a.ID == nobody {
		return nil
	}
	if err != nil {
		return err
	}
	email, err := s.Sealer.Open(a.Email, owner("email", a.ID))
	if err != nil {
		return err
	}
	l := signingIn[signingIn.in(a.Language)]
	return s.Mail.Send(ctx, mail.Message{To: string(email), Subject: l.subject, Text: fmt.Sprintf(l.text, code, s.Study.Title.In(signingIn.in(a.Language)))})
}

// signingIn is told the code and the study.
var signingIn = letter{
	"en": {"Your code", "Your code is %s\n\nType it on the page that asked for it. It is valid for ten minutes.\n" +
		"If you did not ask for a code, you need not do anything.\n\n%s\n"},
	"es": {"Su código", "Su código es %s\n\nEscríbalo en la página que lo pidió. Vale diez minutos.\n" +
		"Si usted no pidió un código, no tiene que hacer nada.\n\n%s\n"},
}

// newCode keeps a random code of six digits, hashed, within the limit of sendings.
func (s *Service) newCode(ctx context.Context, a store.Account) (string, error) {
	n, err := rand.Int(s.Rand, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	code := fmt.Sprintf("%06d", n)
	return code, s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := s.code(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if now := s.Now(); now.Sub(c.Window) >= sendWindow {
			c.Window, c.Sent = now, 0
		}
		if c.Sent >= sendLimit && a.ID != nobody {
			return errRationed
		}
		c.Hash, c.Expires, c.Attempts, c.Sent = s.codeHash(a.ID, code), s.Now().Add(codeLife), 0, c.Sent+1
		return s.rows.PutCode(ctx, tx, c)
	})
}

// code reads the code of an account, apart for each browser that it knows. Other
// readers wait: tries made at the same moment are counted one by one.
func (s *Service) code(ctx context.Context, tx store.Tx, id string) (store.MailCode, error) {
	if err := tx.Claim(ctx, s.lock("code", id)); err != nil {
		return store.MailCode{}, err
	}
	counter, err := s.counter(ctx, tx, id)
	if err != nil {
		return store.MailCode{}, err
	}
	return s.rows.Code(ctx, tx, counter)
}

// lock is what transactions about the same thing claim.
func (s *Service) lock(what, id string) int64 {
	return int64(binary.BigEndian.Uint64(s.mac("lock "+what, id)))
}

func (s *Service) codeHash(account, code string) []byte { return s.mac("code", account, code) }

// Confirm takes the mailed code. The first time it also makes the Patient and
// the participant's codes. A wrong code counts against the five tries.
func (s *Service) Confirm(ctx context.Context, id, code string) (store.Account, error) {
	if err := s.spend(ctx, id, code); err != nil {
		return store.Account{}, err
	}
	a, err := s.Get(ctx, id)
	if err != nil || a.Patient != "" {
		return a, err
	}
	return s.makePatient(ctx, a)
}

// spend checks a code and ends it. The count of tries is kept in either case; where
// there is no code, nobody's row is written, so that it takes the same.
func (s *Service) spend(ctx context.Context, id, code string) error {
	right := false
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		c, err := s.code(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.Hash == nil {
			return s.rows.PutCode(ctx, tx, store.MailCode{Account: nobody})
		}
		open := s.Now().Before(c.Expires) && c.Attempts < codeAttempts
		right = open && hmac.Equal(c.Hash, s.codeHash(id, code))
		if right {
			return s.rows.SpendCode(ctx, tx, c.Account, c.Hash)
		}
		c.Attempts++
		return s.rows.PutCode(ctx, tx, c)
	})
	if err == nil && !right {
		return errCode()
	}
	return err
}

// makePatient turns the sealed profile into a Patient, once.
func (s *Service) makePatient(ctx context.Context, a store.Account) (store.Account, error) {
	var p Person
	plain, err := s.Sealer.Open(a.Profile, owner("profile", a.ID))
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(plain, &p); err != nil {
		return a, err
	}
	body, err := p.patient()
	if err != nil {
		return a, err
	}
	err = s.Records.Write(ctx, actor(), func(ctx context.Context, tx *records.Tx) error {
		made, err := tx.Put(ctx, records.Draft{Type: "Patient", JSON: body, Origin: records.Program})
		if err != nil {
			return err
		}
		a.Patient, a.Profile = made[0].Resource.ID, nil
		if err := s.rows.Claim(ctx, tx.Store(), a.ID, s.emailHash(p.Email)); err != nil {
			return err
		}
		if err := s.rows.Update(ctx, tx.Store(), a); err != nil {
			return err
		}
		return s.putCodes(ctx, tx.Store(), a.Patient)
	})
	if errors.Is(err, store.ErrStale) {
		err = errs.Wrap(err, errs.Conflict, "this address was confirmed for an account meanwhile; please sign in")
	}
	return a, err
}
