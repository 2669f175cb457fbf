package authserver

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// RefreshToken exchanges a refresh token for new tokens (RFC 6749, section 6),
// the refresh token included: each can be used once.
func (p protocol) RefreshToken(ctx context.Context, r *op.ClientRequest[oidc.RefreshTokenRequest]) (*op.Response, error) {
	token := r.Data.RefreshToken
	now, err := p.refreshable(ctx, token, r.Client.GetID())
	if err != nil {
		return nil, internal(err)
	}
	if err := p.stillOnline(ctx, now.Grant); err != nil {
		return nil, internal(err)
	}
	ttl, err := p.accessTTL(ctx, now.Grant)
	if err != nil {
		return nil, internal(err)
	}
	scopes, err := refreshScopes(r.Data.Scopes, now.Grant.Scopes)
	if err != nil {
		return nil, err
	}
	if !now.Token.UsedAt.IsZero() {
		return p.replay(ctx, token, now)
	}
	answer, err := p.rotate(ctx, token, issue{grant: now.Grant, scopes: scopes, ttl: ttl, refresh: true, refreshed: true})
	if errors.Is(err, store.ErrStale) { // another request was quicker
		return p.replayAfterRace(ctx, token, r.Client.GetID())
	}
	if err != nil {
		return nil, internal(err)
	}
	return op.NewResponse(answer), nil
}

// refreshable finds a refresh token that holds, used or not.
func (s *Server) refreshable(ctx context.Context, token, client string) (store.OAuthAccess, error) {
	hash := hashToken(token)
	a, err := s.tables.Access(ctx, s.c.Store, hash[:])
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return store.OAuthAccess{}, err
	}
	if err != nil || a.Token.Kind != store.TokenRefresh || a.Client.ID != client || s.over(a) {
		return store.OAuthAccess{}, invalidGrant("the refresh token is unknown, revoked or too old")
	}
	return a, nil
}

// over reports whether a token is worth nothing any more.
func (s *Server) over(a store.OAuthAccess) bool {
	return !a.Grant.RevokedAt.IsZero() || a.Client.Disabled || !s.now().Before(a.Token.ExpiresAt)
}

// refreshScopes are the scopes asked for, all of which must have been granted;
// all of the grant's if none are.
func refreshScopes(asked []string, granted string) ([]string, error) {
	if len(asked) == 0 {
		return strings.Fields(granted), nil
	}
	if !codeFlow.within(asked, granted) {
		return nil, invalidScope("more than was granted")
	}
	return asked, nil
}

// rotate uses the token up and keeps the new ones, in one transaction;
// ErrStale when it was used before. The answer stays with the old token, sealed
// under it, for a client that never received it.
func (s *Server) rotate(ctx context.Context, token string, i issue) (tokenResponse, error) {
	answer, err := s.prepare(ctx, i)
	if err != nil {
		return tokenResponse{}, err
	}
	sealed, err := sealAnswer(s.c.Rand, token, answer)
	if err != nil {
		return tokenResponse{}, err
	}
	hash := hashToken(token)
	i.before = func(ctx context.Context, tx store.Tx) error {
		return s.tables.UseRefresh(ctx, tx, hash[:], s.now(), sealed)
	}
	return answer, s.keep(ctx, i, answer)
}

func (s *Server) replayAfterRace(ctx context.Context, token, client string) (*op.Response, error) {
	used, err := s.refreshable(ctx, token, client)
	if err != nil {
		return nil, internal(err)
	}
	return s.replay(ctx, token, used)
}

// replay answers the second use of a refresh token: within the grace, and as
// long as its successor was not used, with the same answer again; otherwise
// somebody else has the token, and the grant ends (RFC 9700, section 4.14.2).
func (s *Server) replay(ctx context.Context, token string, used store.OAuthAccess) (*op.Response, error) {
	answer, err := openAnswer(token, used.Token.Replay)
	age := s.now().Sub(used.Token.UsedAt)
	if err == nil && age <= replayGrace && s.isUnused(ctx, answer.RefreshToken) {
		answer.ExpiresIn = max(0, answer.ExpiresIn-int64(age/time.Second))
		return op.NewResponse(answer), nil
	}
	if err := s.revoke(ctx, used.Grant.ID, "a refresh token was used again"); err != nil {
		return nil, internal(err)
	}
	return nil, invalidGrant("the refresh token was used before; the authorization has been revoked")
}

func (s *Server) isUnused(ctx context.Context, refresh string) bool {
	hash := hashToken(refresh)
	a, err := s.tables.Access(ctx, s.c.Store, hash[:])
	return err == nil && a.Token.UsedAt.IsZero()
}

// sealAnswer encrypts an answer so that only who holds the token can read it.
func sealAnswer(random io.Reader, token string, answer tokenResponse) ([]byte, error) {
	plain, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	aead, err := answerCipher(token)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(random, nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, nil), nil
}

func openAnswer(token string, sealed []byte) (answer tokenResponse, err error) {
	aead, err := answerCipher(token)
	if err != nil {
		return tokenResponse{}, err
	}
	if len(sealed) < aead.NonceSize() {
		return tokenResponse{}, errors.New("authserver: no answer is kept")
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		return tokenResponse{}, err
	}
	return answer, json.Unmarshal(plain, &answer)
}

func answerCipher(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), nil, "tributary refresh answer", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
