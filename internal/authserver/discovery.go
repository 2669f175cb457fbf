package authserver

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// capabilities are the SMART capabilities that this server has (SMART App
// Launch 2.2, section 9); each is tested.
var capabilities = []string{
	"launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
	"sso-openid-connect", "context-standalone-patient", "permission-offline", "permission-patient",
	"permission-user", "permission-v1", "permission-v2", "authorize-post",
}

var (
	scopesSupported         = []string{"openid", "fhirUser", "launch/patient", "offline_access", "patient/*.cruds", "user/*.cruds", "system/*.cruds"}
	grantTypes              = []oidc.GrantType{oidc.GrantTypeCode, oidc.GrantTypeRefreshToken, oidc.GrantTypeClientCredentials}
	authMethods             = []oidc.AuthMethod{oidc.AuthMethodNone, oidc.AuthMethodBasic, oidc.AuthMethodPrivateKeyJWT}
	assertionAlgorithmNames = []string{"ES384", "RS384"}
)

// metadata is the part that both discovery documents share.
func (s *Server) metadata() oidc.DiscoveryConfiguration {
	confidential := authMethods[1:]
	return oidc.DiscoveryConfiguration{
		Issuer:                s.c.Issuer,
		AuthorizationEndpoint: s.c.Issuer + pathAuthorize,
		TokenEndpoint:         s.c.Issuer + pathToken,
		IntrospectionEndpoint: s.c.Issuer + pathIntrospect,
		RevocationEndpoint:    s.c.Issuer + pathRevoke,
		JwksURI:               s.c.Issuer + pathJWKS,
		ScopesSupported:       scopesSupported, GrantTypesSupported: grantTypes,
		ResponseTypesSupported:                             []string{"code"},
		ResponseModesSupported:                             []string{"query"},
		SubjectTypesSupported:                              []string{"public"},
		IDTokenSigningAlgValuesSupported:                   []string{"RS256"},
		CodeChallengeMethodsSupported:                      []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
		TokenEndpointAuthMethodsSupported:                  authMethods,
		TokenEndpointAuthSigningAlgValuesSupported:         assertionAlgorithmNames,
		RevocationEndpointAuthMethodsSupported:             authMethods,
		RevocationEndpointAuthSigningAlgValuesSupported:    assertionAlgorithmNames,
		IntrospectionEndpointAuthMethodsSupported:          confidential,
		IntrospectionEndpointAuthSigningAlgValuesSupported: assertionAlgorithmNames,
		ClaimsSupported:                                    []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "fhirUser"},
	}
}

// Discovery serves the OpenID provider configuration (OpenID Connect
// Discovery, section 4).
func (p protocol) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(p.metadata()), nil
}

// SmartConfiguration serves .well-known/smart-configuration below the FHIR
// base: public, JSON whatever is accepted, readable from any origin (SMART
// App Launch 2.2, section 9.1).
func (s *Server) SmartConfiguration() http.Handler {
	document, err := json.Marshal(struct {
		oidc.DiscoveryConfiguration
		ManagementEndpoint string   `json:"management_endpoint,omitempty"`
		Capabilities       []string `json:"capabilities"`
	}{s.metadata(), s.c.ManagementURL, capabilities})
	return anyOrigin(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err != nil {
			op.WriteError(w, r, internal(err), nil)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if _, err := w.Write(document); err != nil {
			s.c.Log.WarnContext(r.Context(), "smart-configuration: write", "error", err)
		}
	}))
}
