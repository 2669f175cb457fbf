package account

import (
	"context"
	"errors"

	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// OfIdentity returns the account that somebody at an OpenID provider has confirmed
// as theirs. errs.NotFound: none yet.
func (s *Service) OfIdentity(ctx context.Context, issuer, subject string) (store.Account, error) {
	id, err := tables.Identities{}.Account(ctx, s.Store, s.identityHash(issuer, subject))
	if errors.Is(err, store.ErrNotFound) {
		return store.Account{}, errs.New(errs.NotFound, "there is no such account")
	}
	if err != nil {
		return store.Account{}, err
	}
	return s.Get(ctx, id)
}

// Link gives an identity at an OpenID provider to an account, whose mailed code has
// just been given. errs.Conflict: it is another account's.
func (s *Service) Link(ctx context.Context, id, issuer, subject string) error {
	err := tables.Identities{}.Link(ctx, s.Store, s.identityHash(issuer, subject), id, s.Now())
	if errors.Is(err, store.ErrStale) {
		return errs.New(errs.Conflict, "this sign-in belongs to another account")
	}
	return err
}

// Unlink takes all identities at OpenID providers from an account.
func (s *Service) Unlink(ctx context.Context, id string) error {
	return tables.Identities{}.Unlink(ctx, s.Store, id)
}

// Linked reports whether an account has an identity at an OpenID provider.
func (s *Service) Linked(ctx context.Context, id string) (bool, error) {
	n, err := tables.Identities{}.Of(ctx, s.Store, id)
	return n > 0, err
}

func (s *Service) identityHash(issuer, subject string) []byte {
	return s.mac("identity", issuer, subject)
}
