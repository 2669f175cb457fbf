package authserver

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"tributary/internal/errs"
	"tributary/internal/store"
)

// metadata is what an app says of itself (RFC 7591, section 2); what stands beside
// it is ignored, as the RFC asks.
type metadata struct {
	RedirectURIs  []string        `json:"redirect_uris,omitempty"`
	AuthMethod    string          `json:"token_endpoint_auth_method,omitempty"`
	GrantTypes    []string        `json:"grant_types,omitempty"`
	ResponseTypes []string        `json:"response_types,omitempty"`
	Name          string          `json:"client_name,omitempty"`
	Scope         string          `json:"scope,omitempty"`
	JWKS          json.RawMessage `json:"jwks,omitempty"`
	JWKSURI       string          `json:"jwks_uri,omitempty"`
	IDTokenAlg    string          `json:"id_token_signed_response_alg,omitempty"`
	Statement     string          `json:"software_statement,omitempty"`

	ClientID     string `json:"client_id,omitempty"`     // in an update
	ClientSecret string `json:"client_secret,omitempty"` // in an update

	said
}

// registered is the answer (RFC 7591, section 3.2.1; RFC 7592, section 3).
type registered struct {
	metadata
	IssuedAt int64  `json:"client_id_issued_at"`
	Expires  *int64 `json:"client_secret_expires_at,omitempty"` // 0: never; only where there is a secret
	URI      string `json:"registration_client_uri"`
	Token    string `json:"registration_access_token"`
}

var methods = map[string]bool{
	string(oidc.AuthMethodNone): true, string(oidc.AuthMethodBasic): true, string(oidc.AuthMethodPrivateKeyJWT): true,
}

// described is the client that metadata describe, with the id and time of base.
func (s *Server) described(m metadata, base store.Client) (store.Client, error) {
	if m.AuthMethod == "" {
		m.AuthMethod = string(oidc.AuthMethodBasic) // RFC 7591, section 2
	}
	switch {
	case !methods[m.AuthMethod]:
		return base, invalidMetadata("token_endpoint_auth_method: none, client_secret_basic or private_key_jwt")
	case !subset(m.GrantTypes, "authorization_code", "refresh_token") || !subset(m.ResponseTypes, "code"):
		return base, invalidMetadata("grant_types: authorization_code and refresh_token; response_types: code")
	case (m.AuthMethod == string(oidc.AuthMethodPrivateKeyJWT)) != (len(m.JWKS) > 0 || m.JWKSURI != ""):
		return base, invalidMetadata("jwks or jwks_uri: for private_key_jwt, and only for it")
	case len(m.RedirectURIs) > maxRedirects:
		return base, &registrationError{"invalid_redirect_uri", "too many of them"}
	}
	if err := m.check(); err != nil {
		return base, err
	}
	asked := strings.Fields(m.Scope)
	if len(asked) == 0 {
		asked = strings.Fields(s.c.Registration.Scopes)
	}
	base.Name, base.Purpose, base.RedirectURIs = m.Name, store.PurposeApp, m.RedirectURIs
	base.Scopes = strings.Join(s.grantable(codeFlow, asked, s.c.Registration.Scopes), " ")
	base.JWKS, base.JWKSURL, base.IDTokenAlg = string(m.JWKS), m.JWKSURI, m.IDTokenAlg
	if m.AuthMethod == string(oidc.AuthMethodBasic) {
		base.SecretHash = MakeSecret
	}
	return base, nil
}

// maxRedirects bounds what one app is compared with.
const maxRedirects = 20

func subset(words []string, of ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(of, w) })
}

// faultOf is the refusal of a client that does not hold: of its redirect URIs, if
// those are at fault.
func faultOf(c store.Client, err error) error {
	text := errs.Of(err).Safe
	if joined := errors.Unwrap(err); joined == nil && text == "" {
		text = err.Error()
	}
	if len(c.RedirectURIs) == 0 || len(checkRedirects(c)) > 0 {
		return &registrationError{"invalid_redirect_uri", text}
	}
	return invalidMetadata(text)
}

// registered says what a client is registered with. A secret is said once.
func (s *Server) registered(c store.Client, says said, secret string) (*registered, error) {
	sealed, err := s.c.Sealer.Seal([]byte(c.ID), []byte(registrationUse))
	if err != nil {
		return nil, err
	}
	answer := &registered{
		metadata: metadata{
			RedirectURIs: c.RedirectURIs, AuthMethod: string(client{c}.AuthMethod()), GrantTypes: []string{"authorization_code", "refresh_token"},
			ResponseTypes: []string{"code"}, Name: c.Name, Scope: c.Scopes, JWKS: json.RawMessage(c.JWKS), JWKSURI: c.JWKSURL,
			IDTokenAlg: c.IDTokenAlg, ClientID: c.ID, ClientSecret: secret, said: says,
		},
		IssuedAt: c.CreatedAt.Unix(), URI: s.c.Issuer + pathRegister + "/" + c.ID, Token: base64.RawURLEncoding.EncodeToString(sealed),
	}
	if secret != "" {
		answer.Expires = new(int64)
	}
	return answer, nil
}
