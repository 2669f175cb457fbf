package authserver

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// How keys are rotated. A new key is published keyLead before it signs, so that
// clients that keep the key set for as long as keySetAge lets them know it by then.
// The one before it stays published for keyRetention: longer than any id_token that
// it signed is good for. Another process notices within keyringMaxAge.
const (
	keyLead       = 24 * time.Hour
	keyRetention  = 24 * time.Hour
	keyringMaxAge = time.Minute
	keySetAge     = "public, max-age=3600"
)

// idTokenAlgorithms are what id_tokens are signed with: RS256 (OpenID Connect Core,
// section 15.1; SMART), or ES384 for clients that are registered so.
var idTokenAlgorithms = []jose.SignatureAlgorithm{jose.RS256, jose.ES384}

// keyring are the keys that sign now, by algorithm.
type keyring struct {
	mu     sync.Mutex
	signer map[jose.SignatureAlgorithm]jose.JSONWebKey
	loaded time.Time
}

// signing is the row of the key that signs: of those that were published for long
// enough the newest, and before there is one, the oldest. All processes find the
// same one.
func signing(rows []store.SigningKey, alg jose.SignatureAlgorithm, now time.Time) (store.SigningKey, bool) {
	var first, best store.SigningKey
	for _, row := range rows { // the oldest first
		if row.Algorithm != string(alg) || !row.RetiredAt.IsZero() {
			continue
		}
		if first.ID == "" {
			first = row
		}
		if !now.Before(row.CreatedAt.Add(keyLead)) {
			best = row
		}
	}
	if best.ID == "" {
		best = first
	}
	return best, best.ID != ""
}

// Keys publishes the public keys (RFC 7517).
func (p protocol) Keys(ctx context.Context, _ *op.Request[struct{}]) (*op.Response, error) {
	for _, alg := range idTokenAlgorithms {
		if _, err := p.signingKey(ctx, alg); err != nil {
			return nil, internal(err)
		}
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
	return &op.Response{Header: http.Header{"Cache-Control": {keySetAge}}, Data: set}, nil
}

// signingKey is the private key in use, made at its first use.
func (s *Server) signingKey(ctx context.Context, alg jose.SignatureAlgorithm) (jose.JSONWebKey, error) {
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if s.now().Sub(s.keys.loaded) >= keyringMaxAge || s.keys.signer == nil {
		s.keys.signer, s.keys.loaded = map[jose.SignatureAlgorithm]jose.JSONWebKey{}, s.now()
	}
	if key, ok := s.keys.signer[alg]; ok {
		return key, nil
	}
	row, err := s.signingRow(ctx, alg)
	if err != nil {
		return jose.JSONWebKey{}, err
	}
	key, err := s.openKey(row)
	if err == nil {
		s.keys.signer[alg] = key
	}
	return key, err
}

// signingRow makes the first key. Where another process made one at the same time,
// both are published and the older signs.
func (s *Server) signingRow(ctx context.Context, alg jose.SignatureAlgorithm) (store.SigningKey, error) {
	for range 2 {
		rows, err := s.tables.Keys(ctx, s.c.Store)
		if err != nil {
			return store.SigningKey{}, err
		}
		if row, ok := signing(rows, alg, s.now()); ok {
			return row, nil
		}
		if _, err := s.addKey(ctx, s.c.Store, alg); err != nil {
			return store.SigningKey{}, err
		}
	}
	return store.SigningKey{}, errors.New("authserver: no signing key")
}

func (s *Server) addKey(ctx context.Context, db store.DB, alg jose.SignatureAlgorithm) (store.SigningKey, error) {
	private, err := newPrivateKey(alg)
	if err != nil {
		return store.SigningKey{}, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return store.SigningKey{}, err
	}
	public, err := (&jose.JSONWebKey{Key: private.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return store.SigningKey{}, err
	}
	row := store.SigningKey{ID: base64.RawURLEncoding.EncodeToString(public[:12]), Algorithm: string(alg), CreatedAt: s.now()}
	if row.Sealed, err = s.c.Sealer.Seal(plain, []byte(row.ID)); err != nil {
		return store.SigningKey{}, err
	}
	return row, s.tables.AddKey(ctx, db, row)
}

func newPrivateKey(alg jose.SignatureAlgorithm) (crypto.Signer, error) {
	if alg == jose.ES384 {
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	}
	return rsa.GenerateKey(rand.Reader, 2048)
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
