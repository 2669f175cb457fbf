package passkey

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
)

// errAnswer tells nothing of why: an answer that is not right, old, or was used.
func errAnswer(cause error) error {
	return errs.Wrap(cause, errs.Unauthorized, "that passkey could not be used; please try again, or use a code")
}

// hold keeps a ceremony under its challenge, for one purpose of one account ("":
// whoever signs in).
func (s *Service) hold(ctx context.Context, purpose, account string, d *webauthn.SessionData) error {
	value, err := json.Marshal(d)
	if err != nil {
		return err
	}
	return s.States.Put(ctx, s.key(purpose, account, d.Challenge), value, challengeLife)
}

func (s *Service) key(purpose, account, challenge string) string {
	return session.Key("passkey", purpose+"\x00"+account+"\x00"+challenge)
}

// take finds the ceremony of an answer, once.
func (s *Service) take(ctx context.Context, purpose, account, challenge string) (d webauthn.SessionData, err error) {
	value, found, err := s.States.Take(ctx, s.key(purpose, account, challenge))
	if err != nil {
		return d, err
	}
	if !found {
		return d, errAnswer(errors.New("passkey: no such challenge is open"))
	}
	return d, json.Unmarshal(value, &d)
}

// Offer begins to make a passkey for an account: options for
// navigator.credentials.create. The label is what the device lists it under.
func (s *Service) Offer(ctx context.Context, realm, account, label string) (any, error) {
	o, err := s.owner(ctx, s.Store, realm, account, label)
	if err != nil {
		return nil, err
	}
	if len(o.credentials) >= most {
		return nil, errs.New(errs.Conflict, "you have %d passkeys; remove one first", most)
	}
	options, d, err := s.rp.BeginRegistration(o, webauthn.WithExclusions(webauthn.Credentials(o.credentials).CredentialDescriptors()))
	if err != nil {
		return nil, err
	}
	return options, s.hold(ctx, "create "+realm, account, d)
}

// Keep takes the credential that the device made for the account.
func (s *Service) Keep(ctx context.Context, realm, account, name string, answer []byte) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return errAnswer(err)
	}
	d, err := s.take(ctx, "create "+realm, account, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return err
	}
	credential, err := s.rp.CreateCredential(owner{realm: realm, account: account}, d, parsed)
	if err != nil {
		return errAnswer(err)
	}
	p := store.Passkey{ID: credential.ID, Realm: realm, Account: account, Created: s.Now()}
	if err := s.seal(&p, kept{name, *credential}); err != nil {
		return err
	}
	err = s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return s.rows.Add(ctx, tx, p) })
	if errors.Is(err, store.ErrStale) {
		return errs.New(errs.Conflict, "this passkey is in use already")
	}
	return err
}

// Ask begins to use a passkey: options for navigator.credentials.get. Without an
// account any passkey of the realm signs in.
func (s *Service) Ask(ctx context.Context, realm, account string) (any, error) {
	if account == "" {
		options, d, err := s.rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
		if err != nil {
			return nil, err
		}
		return options, s.hold(ctx, "get "+realm, "", d)
	}
	o, err := s.owner(ctx, s.Store, realm, account, "")
	if err != nil {
		return nil, err
	}
	if len(o.credentials) == 0 {
		return nil, errs.New(errs.Conflict, "you have no passkey yet")
	}
	options, d, err := s.rp.BeginLogin(o, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, err
	}
	return options, s.hold(ctx, "get "+realm, account, d)
}

// Use takes the device's answer and returns whose passkey it was: the account that
// was asked, where one was.
func (s *Service) Use(ctx context.Context, realm, account string, answer []byte) (string, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", errAnswer(err)
	}
	d, err := s.take(ctx, "get "+realm, account, parsed.Response.CollectedClientData.Challenge)
	if err != nil {
		return "", err
	}
	p, err := s.rows.ByID(ctx, s.Store, parsed.RawID)
	if errors.Is(err, store.ErrNotFound) || err == nil && (p.Realm != realm || account != "" && p.Account != account) {
		return "", errAnswer(errors.New("passkey: the credential is not of such an account"))
	}
	if err != nil {
		return "", err
	}
	if p.Suspect {
		return "", errSuspect()
	}
	return p.Account, s.validate(ctx, p, d, parsed)
}

// errSuspect is told to whoever holds the passkey or its copy: neither gets in.
func errSuspect() error {
	return errs.New(errs.Unauthorized, "this passkey may have been copied and no longer opens your account; please use a code, and remove it")
}

// validate checks the signature and keeps the counter.
func (s *Service) validate(ctx context.Context, p store.Passkey, d webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) error {
	suspect := false
	err := s.change(ctx, p.ID, func(p *store.Passkey, k *kept) error {
		credential, err := s.check(*p, *k, d, parsed)
		if err != nil {
			return errAnswer(err)
		}
		suspect = credential.Authenticator.CloneWarning || p.Suspect
		k.Credential, p.Suspect = *credential, suspect
		if !suspect {
			p.Used = s.Now().Truncate(time.Second)
		}
		return nil
	})
	if err == nil && suspect {
		return errSuspect()
	}
	return err
}

func (s *Service) check(p store.Passkey, k kept, d webauthn.SessionData, parsed *protocol.ParsedCredentialAssertionData) (*webauthn.Credential, error) {
	o := owner{realm: p.Realm, account: p.Account, credentials: []webauthn.Credential{k.Credential}}
	if len(d.UserID) > 0 {
		d.AllowedCredentialIDs = nil // the account has been held to; another of its passkeys may be gone by now
		return s.rp.ValidateLogin(o, d, parsed)
	}
	_, credential, err := s.rp.ValidatePasskeyLogin(func(rawID, _ []byte) (webauthn.User, error) {
		if !bytes.Equal(rawID, p.ID) {
			return nil, errors.New("passkey: another credential")
		}
		return o, nil
	}, d, parsed)
	return credential, err
}
