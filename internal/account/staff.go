package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/argon2"

	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Cost is what it costs to try one password: argon2id's parameters (RFC 9106).
type Cost struct {
	Passes  uint32
	Memory  uint32 // KiB
	Threads uint8
}

// recommended is RFC 9106's second recommended option: 64 MiB.
var recommended = Cost{Passes: 3, Memory: 64 * 1024, Threads: 4}

const (
	argonSalt, argonKey = 16, 32
	minPassword         = 12
)

// hashing bounds how many hashes are computed at once: each takes its memory.
var hashing = make(chan struct{}, 2)

// PutStaff adds a member of staff, or changes the one with the login, whose passkeys are
// gone then; what also does happens in the same transaction.
func (s *Service) PutStaff(ctx context.Context, m store.Staff, password string, also ...func(context.Context, store.Tx) error) error {
	if strings.Contains(m.Login, "#") {
		return errs.New(errs.Invalid, "a login has no #: those of OpenID providers have")
	}
	if len(password) < minPassword {
		return errs.New(errs.Invalid, "a password needs %d characters or more", minPassword)
	}
	salt := make([]byte, argonSalt)
	if _, err := io.ReadFull(s.Rand, salt); err != nil {
		return err
	}
	m.Password = s.Cost.encode(salt, s.Cost.derive(password, salt))
	if m.ID == "" {
		m.ID = s.newID()
	}
	return s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := (tables.Staff{}).Put(ctx, tx, m); err != nil {
			return err
		}
		if err := s.withoutKeys(ctx, tx, m.Login); err != nil {
			return err
		}
		for _, do := range also {
			if err := do(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// StaffSignIn checks a login of the role. Nothing tells an unknown login from
// a wrong password, not even the time that it takes.
func (s *Service) StaffSignIn(ctx context.Context, role, login, password string) (store.Staff, error) {
	m, err := tables.Staff{}.ByLogin(ctx, s.Store, login)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return m, err
	}
	right := s.Cost.verify(m.Password, password)
	if !right || m.Disabled || m.Role != role {
		return store.Staff{}, errs.New(errs.Unauthorized, "the login or the password is not right")
	}
	return m, nil
}

// StaffID is the login, and the id, of a member of staff whom an OpenID provider
// names.
func StaffID(issuer, subject string) string {
	_, rest, _ := strings.Cut(issuer, "://")
	return strings.TrimSuffix(rest, "/") + "#" + subject
}

// StaffFrom lets in whom an OpenID provider names, with the role and site that the
// configuration gives, and keeps them as staff without a password. Who was disabled
// here stays outside.
func (s *Service) StaffFrom(ctx context.Context, issuer, subject, name string, m store.Staff) (store.Staff, error) {
	m.Login = StaffID(issuer, subject)
	m.ID, m.Name, m.Password = m.Login, name, ""
	err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		known, err := tables.Staff{}.ByLogin(ctx, tx, m.Login)
		switch {
		case errors.Is(err, store.ErrNotFound):
		case err != nil:
			return err
		case known.Disabled || known.Password != "":
			return errs.New(errs.Forbidden, "this account is closed; please ask the study’s office")
		case known == m:
			return nil
		}
		return tables.Staff{}.Put(ctx, tx, m)
	})
	return m, err
}

func (c Cost) derive(password string, salt []byte) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, c.Passes, c.Memory, c.Threads, argonKey)
}

// encode writes the PHC string format.
func (c Cost) encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Threads, b64(salt), b64(key))
}

// verify checks a password; with no hash it takes as long and says no.
func (c Cost) verify(encoded, password string) bool {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 {
		c.derive(password, make([]byte, argonSalt))
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(parts[4])
	if err != nil {
		return false
	}
	computed := c.encode(salt, c.derive(password, salt))
	return subtle.ConstantTimeCompare([]byte(computed), []byte(encoded)) == 1
}
