package signin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/oauth2"

	"tributary/internal/session"
)

// signer signs our assertions to the provider.
type signer = jose.Signer

// assertionLife is how long a client assertion is valid.
const assertionLife = 2 * time.Minute

// newSigner reads a private key (PKCS #8, or as openssl writes them). The key's id
// is its thumbprint (RFC 7638).
func newSigner(block []byte) (signer, error) {
	key, err := readKey(block)
	if err != nil {
		return nil, err
	}
	alg, err := algorithmOf(key)
	if err != nil {
		return nil, err
	}
	thumbprint, err := (&jose.JSONWebKey{Key: key.Public()}).Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, err
	}
	jwk := jose.JSONWebKey{Key: key, KeyID: base64.RawURLEncoding.EncodeToString(thumbprint)}
	return jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jwk}, (&jose.SignerOptions{}).WithType("JWT"))
}

func readKey(block []byte) (crypto.Signer, error) {
	b, _ := pem.Decode(block)
	if b == nil {
		return nil, errors.New("signin: the client key is not PEM")
	}
	if key, err := x509.ParsePKCS8PrivateKey(b.Bytes); err == nil {
		if s, ok := key.(crypto.Signer); ok {
			return s, nil
		}
	}
	if key, err := x509.ParseECPrivateKey(b.Bytes); err == nil {
		return key, nil
	}
	key, err := x509.ParsePKCS1PrivateKey(b.Bytes)
	if err != nil {
		return nil, errors.New("signin: the client key is no private key that is known here")
	}
	return key, nil
}

func algorithmOf(key crypto.Signer) (jose.SignatureAlgorithm, error) {
	switch k := key.(type) {
	case *rsa.PrivateKey:
		return jose.RS256, nil
	case ed25519.PrivateKey:
		return jose.EdDSA, nil
	case *ecdsa.PrivateKey:
		if alg, ok := map[int]jose.SignatureAlgorithm{256: jose.ES256, 384: jose.ES384, 521: jose.ES512}[k.Curve.Params().BitSize]; ok {
			return alg, nil
		}
	}
	return "", fmt.Errorf("signin: a client key of type %T cannot sign", key)
}

// assert are the parameters that say who we are, with a private key (OpenID
// Connect Core 1.0, section 9; RFC 7523).
func (p *Provider) assert(tokenURL string) ([]oauth2.AuthCodeOption, error) {
	if p.assertion == nil {
		return nil, nil
	}
	id, err := session.NewToken(p.Rand)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	raw, err := jwt.Signed(p.assertion).Claims(jwt.Claims{
		Issuer: p.ClientID, Subject: p.ClientID, Audience: jwt.Audience{tokenURL}, ID: id,
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	}).Serialize()
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
		oauth2.SetAuthURLParam("client_assertion", raw),
	}, err
}
