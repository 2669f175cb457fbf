package account

import (
	"context"
	"encoding/base32"
	"errors"
	"io"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"tributary/internal/errs"
	"tributary/internal/store"
)

const (
	period        = 30 // seconds, RFC 6238
	secretBytes   = 20
	failureLimit  = 5
	failurePause  = 5 * time.Minute
	stepTolerance = 1 // steps before and after, for clocks that differ
)

// OfferSecret returns the key to set an authenticator up with, until one is
// enrolled: errs.Conflict then.
func (s *Service) OfferSecret(ctx context.Context, id string) (*otp.Key, error) {
	a, err := s.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	if !a.Enrolled.IsZero() {
		return nil, errs.New(errs.Conflict, "your authenticator is already set up")
	}
	secret, err := s.secret(ctx, a)
	if err != nil {
		return nil, err
	}
	return totp.Generate(totp.GenerateOpts{Issuer: s.Issuer, AccountName: "participant", Secret: secret, Period: period})
}

// secret opens the account's secret, or makes one.
func (s *Service) secret(ctx context.Context, a store.Account) ([]byte, error) {
	if a.Secret != nil {
		return s.Sealer.Open(a.Secret, owner("totp", a.ID))
	}
	sealed, err := s.newSecret(a.ID)
	if err != nil {
		return nil, err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if a, err = s.alone(ctx, tx, a.ID); err != nil || a.Secret != nil {
			return err
		}
		a.Secret = sealed
		return s.rows.Update(ctx, tx, a)
	})
	if err != nil {
		return nil, err
	}
	return s.Sealer.Open(a.Secret, owner("totp", a.ID))
}

func (s *Service) newSecret(id string) (sealed []byte, err error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(s.Rand, secret); err != nil {
		return nil, err
	}
	return s.Sealer.Seal(secret, owner("totp", id))
}

// alone reads an account whose second factor no other transaction is about:
// two pages opened at once show one secret, and neither undoes an enrolment.
func (s *Service) alone(ctx context.Context, tx store.Tx, id string) (store.Account, error) {
	if err := tx.Claim(ctx, s.lock("factor", id)); err != nil {
		return store.Account{}, err
	}
	return s.rows.ByID(ctx, tx, id)
}

// Enroll takes the first code of the authenticator and from now on requires it.
func (s *Service) Enroll(ctx context.Context, id, code string) error {
	if err := s.SecondFactor(ctx, id, code); err != nil {
		return err
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		a, err := s.alone(ctx, tx, id)
		if err != nil {
			return err
		}
		a.Enrolled = s.Now()
		return s.rows.Update(ctx, tx, a)
	})
}

// SecondFactor takes a code of the authenticator. Each works once; after five
// wrong ones none is taken for five minutes. Wrong ones from a browser that the
// account knows count for that browser alone, others do not count for it.
func (s *Service) SecondFactor(ctx context.Context, id, code string) error {
	a, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if a.Secret == nil {
		return errs.New(errs.Forbidden, "set up your authenticator first")
	}
	secret, err := s.Sealer.Open(a.Secret, owner("totp", a.ID))
	if err != nil {
		return err
	}
	return s.use(ctx, a.ID, matchingStep(secret, code, s.Now()))
}

// use spends the step (0: the code was wrong) or counts a failure. Guesses made
// at the same moment come one after another, so that the pause holds for all.
func (s *Service) use(ctx context.Context, id string, step int64) error {
	wrong := false
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.mayTry(ctx, tx, id); err != nil {
			return err
		}
		err := s.rows.UseStep(ctx, tx, id, step)
		if wrong = errors.Is(err, store.ErrStale); wrong {
			return s.countFailure(ctx, tx, id)
		}
		return err
	})
	if err == nil && wrong {
		return errs.New(errs.Unauthorized, "that code is not right, or was used before; wait for the next one in your app")
	}
	return err
}

// mayTry refuses while the second factor is locked: for the browser that asks if
// the account knows it, else for all that it does not know.
func (s *Service) mayTry(ctx context.Context, tx store.Tx, id string) error {
	a, err := s.alone(ctx, tx, id)
	if err != nil {
		return err
	}
	locked, known, err := s.devices.Locked(ctx, tx, id, s.device(ctx, id))
	if err == nil && !known {
		locked = a.Locked
	}
	if err == nil && s.Now().Before(locked) {
		err = errs.New(errs.TooMany, "too many wrong codes; wait five minutes and try again")
	}
	return err
}

func (s *Service) countFailure(ctx context.Context, tx store.Tx, id string) error {
	until := s.Now().Add(failurePause)
	err := s.devices.CountFailure(ctx, tx, id, s.device(ctx, id), failureLimit, until)
	if errors.Is(err, store.ErrStale) { // the account does not know the browser
		err = s.rows.CountFailure(ctx, tx, id, failureLimit, until)
	}
	return err
}

// matchingStep is the time step whose code this is, 0 if there is none.
func matchingStep(secret []byte, code string, now time.Time) int64 {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
	current := now.Unix() / period
	for step := current - stepTolerance; step <= current+stepTolerance; step++ {
		ok, err := totp.ValidateCustom(code, text, time.Unix(step*period, 0), totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return step
		}
	}
	return 0
}
