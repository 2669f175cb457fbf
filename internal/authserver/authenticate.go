package authserver

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// VerifyClient authenticates a client in the one way that it is registered for:
// an assertion (RFC 7523), a secret by HTTP Basic, or, if public, not at all.
func (p protocol) VerifyClient(ctx context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	c, err := p.authenticate(ctx, credentials{
		id: r.Data.ClientID, secret: r.Data.ClientSecret, inBody: r.Form.Has("client_secret"),
		assertion: r.Data.ClientAssertion, assertionType: r.Data.ClientAssertionType,
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// credentials are what a request brought to authenticate a client.
type credentials struct {
	id, secret               string
	inBody                   bool // the secret came in the body
	assertion, assertionType string
}

func (s *Server) authenticate(ctx context.Context, cred credentials) (client, error) {
	c, err := s.identify(ctx, cred)
	if errors.Is(err, errRefused) || errors.Is(err, errUnknownClient) {
		return client{}, invalidClient(err)
	}
	return c, internal(err)
}

// errRefused is wrapped by every reason why a client is not who it says.
var errRefused = errors.New("client authentication refused")

func (s *Server) identify(ctx context.Context, cred credentials) (client, error) {
	if cred.assertion != "" || cred.assertionType != "" {
		return s.byAssertion(ctx, cred)
	}
	c, err := s.client(ctx, cred.id)
	if err != nil {
		return client{}, err
	}
	if err := c.checkSecret(cred); err != nil {
		return client{}, err
	}
	return c, nil
}

// checkSecret compares the secret of a symmetric client; a public client must
// not send one, an asymmetric client cannot do without its assertion.
func (c client) checkSecret(cred credentials) error {
	switch c.AuthMethod() {
	case oidc.AuthMethodNone:
		if cred.secret == "" {
			return nil
		}
	case oidc.AuthMethodBasic:
		if !cred.inBody && subtle.ConstantTimeCompare([]byte(hashSecret(cred.secret)), []byte(c.SecretHash)) == 1 {
			return nil
		}
	}
	return errRefused
}

// hashSecret hashes a client secret. Secrets are random and of 256 bits, so a
// fast hash is enough.
func hashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
