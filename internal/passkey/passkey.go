// Package passkey lets people sign in with passkeys: WebAuthn credentials that their
// device finds by itself (discoverable), so that no name is typed, and opens with a
// finger, a face or a PIN (user verification), so that one is both factors at once.
//
// A passkey's life:
//
//	offered    Offer made a challenge, kept five minutes under itself
//	kept       Keep took the new credential, once, for the account that it was
//	           offered to, under a name
//	used       Ask made a challenge, Use took the answer, once: the signature holds,
//	           the user was verified, the origin is ours. For a second factor it
//	           must be one of the account's own
//	suspect    the counter of signatures went back: there may be a copy. It opens
//	           nothing any more; its owner removes it
//
// What a passkey is, and its name, is sealed at rest; the row tells an account's id.
// Attestation is not asked for: which make of device somebody has is not our business.
//
// Neighbours: internal/portal asks and takes, in its pages and its one script;
// internal/session keeps challenges.
package passkey

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Realms are whose accounts have passkeys.
const (
	Participant = "participant"
	Staff       = "staff"
)

const (
	challengeLife = 5 * time.Minute
	most          = 10 // passkeys of one account
	maxName       = 60 // characters
)

// Sealer encrypts what is secret at rest; aad names the owner.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service needs; all but Now must be given.
type Config struct {
	Base   string // origin, as browsers know it
	Title  string // of the study, which a device shows
	Store  store.Store
	Sealer Sealer
	States session.Store
	Now    func() time.Time
}

// Service is the passkeys of one origin.
type Service struct {
	Config
	rows tables.Passkeys
	rp   *webauthn.WebAuthn
}

// New returns the service; nil where the origin is a bare address, for which
// browsers make no passkeys.
func New(c Config) (*Service, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	at, err := url.Parse(c.Base)
	if err != nil {
		return nil, err
	}
	if net.ParseIP(at.Hostname()) != nil {
		return nil, nil
	}
	rp, err := webauthn.New(&webauthn.Config{
		RPID: at.Hostname(), RPDisplayName: c.Title, RPOrigins: []string{c.Base}, AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
	})
	return &Service{Config: c, rp: rp}, err
}

// Key is a passkey as its owner sees it.
type Key struct {
	ID      []byte
	Name    string
	Created time.Time
	Used    time.Time // zero: never
	Suspect bool
}

// kept is what is sealed.
type kept struct {
	Name       string              `json:"name"`
	Credential webauthn.Credential `json:"credential"`
}

// owner is an account with its passkeys, as WebAuthn knows a user.
type owner struct {
	realm, account string
	name           string
	credentials    []webauthn.Credential
}

// WebAuthnID is the user handle: it tells nothing but to us.
func (o owner) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte(o.realm + "\x00" + o.account))
	return sum[:]
}

// WebAuthnName is what the device lists the passkey under.
func (o owner) WebAuthnName() string { return o.name }

// WebAuthnDisplayName is the same.
func (o owner) WebAuthnDisplayName() string { return o.name }

// WebAuthnCredentials are those of the account that may be used.
func (o owner) WebAuthnCredentials() []webauthn.Credential { return o.credentials }

func aad(p store.Passkey) []byte {
	return fmt.Appendf(nil, "passkey/%s/%s/%x", p.Realm, p.Account, p.ID)
}

func (s *Service) open(p store.Passkey) (k kept, err error) {
	plain, err := s.Sealer.Open(p.Sealed, aad(p))
	if err != nil {
		return k, err
	}
	return k, json.Unmarshal(plain, &k)
}

func (s *Service) seal(p *store.Passkey, k kept) error {
	plain, err := json.Marshal(k)
	if err != nil {
		return err
	}
	p.Sealed, err = s.Sealer.Seal(plain, aad(*p))
	return err
}

// owner reads an account's passkeys.
func (s *Service) owner(ctx context.Context, db store.DB, realm, account, name string) (owner, error) {
	o := owner{realm: realm, account: account, name: name}
	all, err := s.rows.Of(ctx, db, realm, account)
	if err != nil {
		return o, err
	}
	for _, p := range all {
		k, err := s.open(p)
		if err != nil {
			return o, err
		}
		o.credentials = append(o.credentials, k.Credential)
	}
	return o, nil
}

// List returns the passkeys of an account, the oldest first.
func (s *Service) List(ctx context.Context, realm, account string) (out []Key, err error) {
	all, err := s.rows.Of(ctx, s.Store, realm, account)
	if err != nil {
		return nil, err
	}
	for _, p := range all {
		k, err := s.open(p)
		if err != nil {
			return nil, err
		}
		out = append(out, Key{ID: p.ID, Name: k.Name, Created: p.Created, Used: p.Used, Suspect: p.Suspect})
	}
	return out, nil
}

// Rename gives a passkey of an account another name.
func (s *Service) Rename(ctx context.Context, realm, account string, id []byte, name string) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	return s.change(ctx, id, func(p *store.Passkey, k *kept) error {
		if p.Realm != realm || p.Account != account {
			return errMissing()
		}
		k.Name = name
		return nil
	})
}

// change reads a passkey, changes it and keeps it.
func (s *Service) change(ctx context.Context, id []byte, do func(*store.Passkey, *kept) error) error {
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		p, err := s.rows.ByID(ctx, tx, id)
		if err != nil {
			return err
		}
		k, err := s.open(p)
		if err != nil {
			return err
		}
		if err := do(&p, &k); err != nil {
			return err
		}
		if err := s.seal(&p, k); err != nil {
			return err
		}
		return s.rows.Update(ctx, tx, p)
	})
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrStale) {
		return errMissing()
	}
	return err
}

// Remove deletes a passkey of an account.
func (s *Service) Remove(ctx context.Context, realm, account string, id []byte) error {
	err := s.rows.Remove(ctx, s.Store, realm, account, id)
	if errors.Is(err, store.ErrStale) {
		return errMissing()
	}
	return err
}

func errMissing() error { return errs.New(errs.NotFound, "you have no such passkey") }

func checkName(name string) (string, error) {
	name = strings.Join(strings.Fields(name), " ")
	if name == "" || !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName {
		return "", errs.New(errs.Invalid, "write a name for the passkey, of %d letters at most, such as My phone", maxName)
	}
	return name, nil
}
