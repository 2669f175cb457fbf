package authserver

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// How keys are rotated: another process notices a new key within
// keyringMaxAge; a retired one stays published for what it signed before.
const (
	keyringMaxAge = time.Minute
	keyRetention  = 24 * time.Hour
)

// keyring are the keys that id_tokens are signed with: the oldest that is not
// retired signs, all are published.
type keyring struct {
	mu     sync.Mutex
	signer *jose.JSONWebKey
	loaded time.Time
}

// RotateKey signs with a new key from now on, and forgets keys that were
// retired a day ago.
func (s *Server) RotateKey(ctx context.Context) error {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	row, err := s.newKey()
	if err != nil {
		return err
	}
	s.keys.signer = nil
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.tables.AddKey(ctx, tx, row); err != nil {
			return err
		}
		return s.tables.RetireKeys(ctx, tx, row.ID, s.now(), s.now().Add(-keyRetention))
	})
}

// Keys publishes the public keys (RFC 7517).
func (p protocol) Keys(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	if _, err := p.signingKey(ctx); err != nil {
		return nil, internal(err)
	}
	rows, err := p.tables.Keys(ctx, p.c.Store)
	if err != nil {
		return nil, internal(err)
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, row := range rows {
		key, err := p.openKey(row)
		if err != nil {
			return nil, internal(err)
		}
		set.Keys = append(set.Keys, key.Public())
	}
	return op.NewResponse(set), nil
}

// signingKey is the private key in use, made at its first use.
func (s *Server) signingKey(ctx context.Context) (jose.JSONWebKey, error) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if s.keys.signer != nil && s.now().Sub(s.keys.loaded) < keyringMaxAge {
		return *s.keys.signer, nil
	}
	row, err := s.oldestKey(ctx)
	if errors.Is(err, store.ErrNotFound) {
		row, err = s.makeKey(ctx)
	}
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	key, err := s.openKey(row)
	if err == nil {
		s.keys.signer, s.keys.loaded = &key, s.now()
	}
	return key, err
}

func (s *Server) oldestKey(ctx context.Context) (store.SigningKey, error) {
	rows, err := s.tables.Keys(ctx, s.c.Store)
	if err != nil {
		return store.SigningKey{}, err
	}
	for _, row := range rows {
		if row.RetiredAt.IsZero() {
			return row, nil
		}
	}
	return store.SigningKey{}, store.ErrNotFound
}

// makeKey makes and keeps a key. Where another process made one at the same
// time, both are published and the older signs.
func (s *Server) makeKey(ctx context.Context) (store.SigningKey, error) {
	row, err := s.newKey()
	if err != nil {
		return store.SigningKey{}, err
	}
	if err := s.tables.AddKey(ctx, s.c.Store, row); err != nil {
		return store.SigningKey{}, err
	}
	return s.oldestKey(ctx)
}

func (s *Server) newKey() (store.SigningKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return store.SigningKey{}, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return store.SigningKey{}, err
	}
	public := sha256.Sum256(x509.MarshalPKCS1PublicKey(&private.PublicKey))
	row := store.SigningKey{
		ID: base64.RawURLEncoding.EncodeToString(public[:12]), Algorithm: string(jose.RS256), CreatedAt: s.now(),
	}
	row.Sealed, err = s.c.Sealer.Seal(plain, []byte(row.ID))
	return row, err
}

func (s *Server) openKey(row store.SigningKey) (jose.JSONWebKey, error) {
	plain, err := s.c.Sealer.Open(row.Sealed, []byte(row.ID))
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("authserver: signing key %s: %w", row.ID, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return jose.JSONWebKey{}, fmt.Errorf("authserver: signing key %s: %w", row.ID, err)
	}
	return jose.JSONWebKey{Key: private, KeyID: row.ID, Algorithm: row.Algorithm, Use: "sig"}, nil
}
