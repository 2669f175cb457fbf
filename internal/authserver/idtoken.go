package authserver

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// idTokenTTL is how long an id_token may be used to sign in.
const idTokenTTL = 5 * time.Minute

// idClaims are the claims of an id_token (OpenID Connect Core, section 2;
// SMART App Launch 2.2, section 3.0.6).
type idClaims struct {
	jwt.Claims
	AuthTime int64  `json:"auth_time"`
	Nonce    string `json:"nonce,omitempty"`
	AtHash   string `json:"at_hash"`
	FHIRUser string `json:"fhirUser,omitempty"`
}

func (s *Server) idToken(ctx context.Context, i issue, accessToken string) (string, error) {
	alg, err := s.idTokenAlgorithm(ctx, i.grant.Client)
	if err != nil {
		return "", err
	}
	key, err := s.signingKey(ctx, alg)
	if err != nil {
		return "", err
	}
	options := (&jose.SignerOptions{}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		return "", err
	}
	now := s.now()
	claims := idClaims{
		Claims: jwt.Claims{Issuer: s.c.Issuer, Subject: i.grant.Subject, Audience: jwt.Audience{i.grant.Client},
			IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(idTokenTTL))},
		AuthTime: i.grant.AuthTime.Unix(), Nonce: i.nonce, AtHash: atHash(alg, accessToken),
	}
	if i.grant.FHIRUser != "" && slices.Contains(i.scopes, scopeUser) {
		claims.FHIRUser = s.c.FHIRBase + "/" + i.grant.FHIRUser
	}
	return jwt.Signed(signer).Claims(claims).Serialize()
}

// atHash binds the access token to the id_token (OpenID Connect Core, section
// 3.1.3.6): the left half of its hash by the algorithm's hash function.
func atHash(alg jose.SignatureAlgorithm, token string) string {
	if alg == jose.ES384 {
		sum := sha512.Sum384([]byte(token))
		return base64.RawURLEncoding.EncodeToString(sum[:24])
	}
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

func (s *Server) idTokenAlgorithm(ctx context.Context, client string) (jose.SignatureAlgorithm, error) {
	c, err := s.tables.Client(ctx, s.c.Store, client)
	if c.IDTokenAlg == string(jose.ES384) {
		return jose.ES384, err
	}
	return jose.RS256, err
}
