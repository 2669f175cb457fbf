package authserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// keys are the private keys of asymmetric clients, made once.
var keys = sync.OnceValue(func() (k struct{ ec, rsa, other jose.JSONWebKey }) {
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		panic(err)
	}
	other, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		panic(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	k.ec = jose.JSONWebKey{Key: ec, KeyID: "ec", Algorithm: "ES384", Use: "sig"}
	k.other = jose.JSONWebKey{Key: other, KeyID: "ec", Algorithm: "ES384", Use: "sig"}
	k.rsa = jose.JSONWebKey{Key: rsaKey, KeyID: "rsa", Algorithm: "RS384", Use: "sig"}
	return k
})

func keySet(private ...jose.JSONWebKey) string {
	var set jose.JSONWebKeySet
	for _, k := range private {
		set.Keys = append(set.Keys, k.Public())
	}
	text, err := json.Marshal(set)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// claims are those of a correct assertion of a client.
func (h *harness) claims(client string) jwt.Claims {
	id := make([]byte, 16)
	if _, err := rand.Read(id); err != nil {
		h.t.Fatal(err)
	}
	return jwt.Claims{Issuer: client, Subject: client, Audience: jwt.Audience{h.base + "/auth/token"},
		Expiry: jwt.NewNumericDate(h.now.Add(5 * time.Minute)), ID: base64.RawURLEncoding.EncodeToString(id)}
}

func (h *harness) sign(key jose.JSONWebKey, claims any, headers ...string) string {
	h.t.Helper()
	options := (&jose.SignerOptions{}).WithType("JWT")
	for i := 0; i < len(headers); i += 2 {
		options.WithHeader(jose.HeaderKey(headers[i]), headers[i+1])
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, options)
	h.must(err)
	text, err := jwt.Signed(signer).Claims(claims).Serialize()
	h.must(err)
	return text
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// backend is the form of a client_credentials request.
func backend(assertion string) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "scope": {"system/Patient.rs system/Observation.rs"},
		"client_assertion_type": {assertionType}, "client_assertion": {assertion}}
}
