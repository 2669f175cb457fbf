package authserver

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/pkg/oidc"

	"tributary/internal/session"
)

// assertionKeyTypes are the algorithms that an assertion may be signed with
// (SMART App Launch 2.2, section 5), and the curve or type of key that each needs.
var assertionKeyTypes = map[jose.SignatureAlgorithm]func(jose.JSONWebKey) bool{
	jose.ES384: isP384,
	jose.RS384: isRSA,
}

var assertionAlgorithms = []jose.SignatureAlgorithm{jose.ES384, jose.RS384}

// byAssertion authenticates a client by a JWT that it signed (RFC 7523,
// section 3; SMART App Launch 2.2, "Client Authentication: Asymmetric").
func (s *Server) byAssertion(ctx context.Context, cred credentials) (client, error) {
	if cred.assertionType != oidc.ClientAssertionTypeJWTAssertion || cred.secret != "" {
		return client{}, refused("another type of assertion, or a secret beside it")
	}
	token, err := jwt.ParseSigned(cred.assertion, assertionAlgorithms)
	if err != nil || len(token.Headers) != 1 {
		return client{}, refused("not a JWT signed with ES384 or RS384")
	}
	var unverified jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&unverified); err != nil {
		return client{}, refused("claims cannot be read")
	}
	c, err := s.client(ctx, unverified.Issuer)
	if err != nil {
		return client{}, err
	}
	return c, s.verifyAssertion(ctx, c, cred, token)
}

func (s *Server) verifyAssertion(ctx context.Context, c client, cred credentials, token *jwt.JSONWebToken) error {
	key, err := s.assertionKey(ctx, c, token.Headers[0])
	if err != nil {
		return err
	}
	var claims jwt.Claims
	if err := token.Claims(key.Key, &claims); err != nil {
		return refused("signature")
	}
	if err := s.checkClaims(c, cred, claims); err != nil {
		return err
	}
	return s.firstUse(ctx, c, claims)
}

func (s *Server) checkClaims(c client, cred credentials, claims jwt.Claims) error {
	now := s.now()
	audience := func(a string) bool { return a == s.c.Issuer+pathToken || a == s.c.Issuer }
	switch {
	case claims.Issuer != c.ID || claims.Subject != c.ID || cred.id != "" && cred.id != c.ID:
		return refused("iss, sub and client_id must be the client's id")
	case !slices.ContainsFunc(claims.Audience, audience):
		return refused("aud must be the token endpoint")
	case claims.Expiry == nil || claims.ID == "" || len(claims.ID) > 1024:
		return refused("exp and jti are required")
	case now.After(claims.Expiry.Time().Add(clockSkew)):
		return refused("expired")
	case claims.Expiry.Time().After(now.Add(assertionTTL + clockSkew)):
		return refused("exp more than five minutes ahead")
	case tooEarly(claims.NotBefore, now) || tooEarly(claims.IssuedAt, now):
		return refused("not valid yet")
	}
	return nil
}

func tooEarly(d *jwt.NumericDate, now time.Time) bool {
	return d != nil && d.Time().After(now.Add(clockSkew))
}

// firstUse refuses a jti that was seen before, for as long as its assertion
// could be accepted.
func (s *Server) firstUse(ctx context.Context, c client, claims jwt.Claims) error {
	lifetime := claims.Expiry.Time().Sub(s.now()) + clockSkew + time.Second
	first, err := s.c.Sessions.PutNew(ctx, session.Key("jti", c.ID+"\x00"+claims.ID), nil, lifetime)
	if err == nil && !first {
		return refused("jti was used before")
	}
	return err
}

// assertionKey is the one key of the client that the header names.
func (s *Server) assertionKey(ctx context.Context, c client, h jose.Header) (jose.JSONWebKey, error) {
	if typ, ok := h.ExtraHeaders[jose.HeaderType]; ok && typ != "JWT" {
		return jose.JSONWebKey{}, refused("typ must be JWT")
	}
	if jku, ok := h.ExtraHeaders["jku"]; ok && jku != c.JWKSURL {
		return jose.JSONWebKey{}, refused("jku is not the registered URL")
	}
	if h.KeyID == "" {
		return jose.JSONWebKey{}, refused("kid is required")
	}
	fits := assertionKeyTypes[jose.SignatureAlgorithm(h.Algorithm)]
	if fits == nil {
		return jose.JSONWebKey{}, refused("algorithm")
	}
	return s.clientKey(ctx, c, func(k jose.JSONWebKey) bool { return k.KeyID == h.KeyID && fits(k) })
}

func (s *Server) clientKey(ctx context.Context, c client, fits func(jose.JSONWebKey) bool) (jose.JSONWebKey, error) {
	if c.JWKS != "" {
		keys, err := parseKeys([]byte(c.JWKS))
		if err != nil {
			return jose.JSONWebKey{}, err
		}
		return only(keys, fits)
	}
	if c.JWKSURL == "" {
		return jose.JSONWebKey{}, refused("the client has no keys")
	}
	return s.jwks.find(ctx, c.JWKSURL, fits)
}

// only is the single key that fits: none or several are refused (SMART App
// Launch 2.2, section 5.1.4).
func only(keys []jose.JSONWebKey, fits func(jose.JSONWebKey) bool) (jose.JSONWebKey, error) {
	var found []jose.JSONWebKey
	for _, k := range keys {
		if fits(k) {
			found = append(found, k)
		}
	}
	if len(found) != 1 {
		return jose.JSONWebKey{}, fmt.Errorf("%w: %d keys fit kid and alg", errNoKey, len(found))
	}
	return found[0], nil
}

func refused(why string) error { return fmt.Errorf("%w: %s", errRefused, why) }
