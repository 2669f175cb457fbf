package account

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/mail"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Sealer encrypts what is secret at rest; aad names the owner.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service needs; all but Cost, Rand and Now must be given.
type Config struct {
	Store   store.Store
	Records *records.Service
	Study   *program.Study
	Sealer  Sealer
	HashKey []byte // keys the hashes of addresses and mail codes
	Mail    mail.Sender
	Issuer  string // what an authenticator app shows; the study's title if empty
	Cost    Cost   // of trying a password of staff; RFC 9106's second recommended option if zero
	Now     func() time.Time
	Rand    io.Reader
}

// Service is the accounts of one study.
type Service struct {
	Config
	rows    tables.Accounts
	devices tables.Devices
}

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Cost == (Cost{}) {
		c.Cost = recommended
	}
	if c.Issuer == "" {
		c.Issuer = c.Study.Title.String()
	}
	return &Service{Config: c}
}

// actor is who writes Patients.
func actor() access.Actor { return access.Job("accounts", "HOPERAT") }

// SignUp makes an account for the person and mails a code. If the address has a
// confirmed account already, that one gets the code and nothing of it changes. As
// long as none is confirmed, a sign-up that says the same once more has the account of
// the first; one that says anything else has its own account and code, whoever it comes
// from, so that what one person says of themselves is never changed, nor confirmed, by
// another who knows the address. Under the age
// of majority it returns ErrUnderAge, from outside the area ErrOutside, and keeps
// nothing; form.Faults tells what to mend.
func (s *Service) SignUp(ctx context.Context, p Person) (string, error) {
	p = p.tidy()
	if err := p.check(s.Study, s.Now()); err != nil {
		return "", err
	}
	a, err := s.seal(p)
	if err != nil {
		return "", err
	}
	var id string
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		id, err = s.again(ctx, tx, a, p)
		return err
	})
	if errors.Is(err, store.ErrStale) {
		return s.SignIn(ctx, p.Email)
	}
	if err != nil {
		return "", err
	}
	return id, s.SendCode(ctx, id)
}

// again is the account that the same sign-up made before, else the new one. Two that are
// sent at the same moment come one after the other.
func (s *Service) again(ctx context.Context, tx store.Tx, fresh store.Account, p Person) (string, error) {
	email, said := s.emailHash(p.Email), s.said(p)
	if err := tx.Claim(ctx, s.lock("sign-up", string(email))); err != nil {
		return "", err
	}
	id, err := s.rows.Again(ctx, tx, said, s.Now(), p.Language)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if err := s.insert(ctx, tx, fresh, email); err != nil {
			return "", err
		}
		return fresh.ID, s.rows.Say(ctx, tx, fresh.ID, said)
	case err != nil:
		return "", err
	}
	return id, s.rows.Claim(ctx, tx, id, email)
}

// said is what a person says of themselves, as a keyed hash.
func (s *Service) said(p Person) []byte {
	return s.mac("said", normal(p.Email), p.Given, p.Family, p.Born, p.Sex, p.State, p.Phone, p.Line, p.City, p.Postal)
}

// insert adds an account. It inherits how many codes the address was sent of late.
func (s *Service) insert(ctx context.Context, tx store.Tx, a store.Account, emailHash []byte) error {
	before, err := s.rows.ByEmail(ctx, tx, emailHash)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	known := err == nil
	if err := s.rows.Insert(ctx, tx, a, emailHash); err != nil || !known {
		return err
	}
	sent, err := s.rows.Code(ctx, tx, before.ID)
	if err != nil {
		return err
	}
	return s.rows.PutCode(ctx, tx, store.MailCode{Account: a.ID, Sent: sent.Sent, Window: sent.Window})
}

// seal makes the row of a new account.
func (s *Service) seal(p Person) (store.Account, error) {
	a := store.Account{ID: s.newID(), Created: s.Now(), Language: p.Language}
	profile, err := json.Marshal(p)
	if err != nil {
		return a, err
	}
	if a.Profile, err = s.Sealer.Seal(profile, owner("profile", a.ID)); err != nil {
		return a, err
	}
	a.Email, err = s.Sealer.Seal([]byte(p.Email), owner("email", a.ID))
	return a, err
}

// SignIn mails a code to the account of the address and returns its id. For an
// address without an account it returns an id that belongs to nobody.
func (s *Service) SignIn(ctx context.Context, email string) (string, error) {
	a, err := s.rows.ByEmail(ctx, s.Store, s.emailHash(normal(email)))
	if errors.Is(err, store.ErrNotFound) {
		a.ID, err = s.newID(), nil
	}
	if err != nil {
		return "", err
	}
	return a.ID, s.SendCode(ctx, a.ID)
}

// Get returns an account by its id.
func (s *Service) Get(ctx context.Context, id string) (store.Account, error) {
	a, err := s.rows.ByID(ctx, s.Store, id)
	if errors.Is(err, store.ErrNotFound) {
		return a, errs.New(errs.NotFound, "there is no such account")
	}
	return a, err
}

// OfPatient returns a participant's account, as db sees it.
func (s *Service) OfPatient(ctx context.Context, db store.DB, patient string) (store.Account, error) {
	a, err := s.rows.ByPatient(ctx, db, patient)
	if errors.Is(err, store.ErrNotFound) {
		return a, errs.New(errs.NotFound, "there is no such account")
	}
	return a, err
}

// Purge deletes accounts whose address was not confirmed within the time, and
// says how many.
func (s *Service) Purge(ctx context.Context, olderThan time.Duration) (n int64, err error) {
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if n, err = s.rows.Unconfirmed(ctx, tx, s.Now().Add(-olderThan)); err != nil {
			return err
		}
		_, err = s.devices.Forget(ctx, tx, s.Now().Add(-deviceLife))
		return err
	})
	return n, err
}

func (s *Service) emailHash(email string) []byte { return s.mac("email", email) }

// mac is a keyed hash, apart for each purpose.
func (s *Service) mac(purpose string, parts ...string) []byte {
	h := hmac.New(sha256.New, s.HashKey)
	io.WriteString(h, purpose+"\x00"+strings.Join(parts, "\x00"))
	return h.Sum(nil)
}

// newID is 128 random bits in hex.
func (s *Service) newID() string {
	var b [16]byte
	if _, err := io.ReadFull(s.Rand, b[:]); err != nil {
		panic("account: no randomness: " + err.Error())
	}
	return hex.EncodeToString(b[:])
}

// owner is the associated data of a sealed value.
func owner(what, id string) []byte { return []byte(what + "/" + id) }
