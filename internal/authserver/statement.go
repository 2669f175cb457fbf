package authserver

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// statementAlgorithms may sign a software statement.
var statementAlgorithms = []jose.SignatureAlgorithm{jose.ES256, jose.ES384, jose.RS256, jose.RS384, jose.PS256}

// stated checks the software statement of metadata and puts its values before
// theirs (RFC 7591, section 2.3).
func (s *Server) stated(ctx context.Context, m *metadata) error {
	token, err := jwt.ParseSigned(m.Statement, statementAlgorithms)
	if err != nil || len(token.Headers) != 1 {
		return &registrationError{"invalid_software_statement", "it must be a JWT signed with ES256, ES384, RS256, RS384 or PS256"}
	}
	var unverified jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&unverified); err != nil {
		return &registrationError{"invalid_software_statement", "its claims cannot be read"}
	}
	i := slices.IndexFunc(s.c.Registration.Issuers, func(i StatementIssuer) bool { return i.Issuer == unverified.Issuer })
	if i < 0 {
		return &registrationError{"unapproved_software_statement", "its issuer is not trusted here"}
	}
	key, err := s.jwks.find(ctx, s.c.Registration.Issuers[i].KeysURL, func(k jose.JSONWebKey) bool {
		return k.KeyID == token.Headers[0].KeyID && k.KeyID != "" && (k.Algorithm == "" || k.Algorithm == token.Headers[0].Algorithm)
	})
	if err != nil {
		s.c.Log.WarnContext(ctx, "registration: the statement's key", "error", err)
		return &registrationError{"invalid_software_statement", "its issuer has no such key"}
	}
	var claims jwt.Claims
	var said json.RawMessage
	if err := token.Claims(key.Key, &claims, &said); err != nil {
		return &registrationError{"invalid_software_statement", "its signature is not right"}
	}
	if claims.Expiry != nil && s.now().After(claims.Expiry.Time().Add(clockSkew)) || tooEarly(claims.NotBefore, s.now()) {
		return &registrationError{"invalid_software_statement", "it is not valid now"}
	}
	return m.put(said)
}

// put sets what the statement says; what it leaves out stays.
func (m *metadata) put(said json.RawMessage) error {
	own := *m
	if err := json.Unmarshal(said, m); err != nil {
		return &registrationError{"invalid_software_statement", "its metadata cannot be read"}
	}
	m.Statement, m.ClientID, m.ClientSecret = own.Statement, own.ClientID, own.ClientSecret
	return nil
}
