package authserver

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// capabilities are the SMART capabilities that this server has (SMART App
// Launch 2.2, section 9); each is tested.
var capabilities = []string{
	"launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
	"sso-openid-connect", "context-standalone-patient", "permission-offline", "permission-patient",
	"permission-user", "permission-v1", "permission-v2", "authorize-post",
	"launch-ehr", "context-ehr-patient", "context-ehr-encounter", "context-banner", "context-style",
}

// capabilities are those of this configuration.
func (s *Server) capabilities() []string {
	all := slices.Clone(capabilities)
	if s.c.SessionLives != nil {
		all = append(all, "permission-online")
	}
	if s.c.PickEncounter != nil {
		all = append(all, "context-standalone-encounter")
	}
	return all
}

// scopes are those that can be had in this configuration.
func (s *Server) scopes() []string {
	all := slices.Clone(scopesSupported)
	if s.c.SessionLives != nil {
		all = append(all, scopeOnline)
	}
	if s.c.PickEncounter != nil {
		all = append(all, scopeEncounter)
	}
	return all
}

var (
	scopesSupported         = []string{scopeOpenID, scopeUser, scopeLaunch, scopePatient, scopeOffline, "patient/*.cruds", "user/*.cruds", "system/*.cruds"}
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
		UserinfoEndpoint:      s.c.Issuer + pathUserinfo,
		RegistrationEndpoint:  s.RegistrationEndpoint(),
		ScopesSupported:       s.scopes(), GrantTypesSupported: grantTypes,
		ResponseTypesSupported:                             []string{"code"},
		ResponseModesSupported:                             []string{"query"},
		SubjectTypesSupported:                              []string{"public"},
		IDTokenSigningAlgValuesSupported:                   []string{string(jose.RS256), string(jose.ES384)},
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

// discovered is what both discovery documents hold beside (RFC 9207, section 3).
type discovered struct {
	oidc.DiscoveryConfiguration
	Names bool `json:"authorization_response_iss_parameter_supported"`
}

// Discovery serves the OpenID provider configuration (OpenID Connect
// Discovery, section 4).
func (p protocol) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	return op.NewResponse(discovered{p.metadata(), true}), nil
}

// smartConfiguration is the document of SMART App Launch 2.2, section 9.1.
type smartConfiguration struct {
	discovered
	ManagementEndpoint string   `json:"management_endpoint,omitempty"`
	Capabilities       []string `json:"capabilities"`

	BrandBundle     string      `json:"user_access_brand_bundle,omitempty"`
	BrandIdentifier *Identifier `json:"user_access_brand_identifier,omitempty"`
}

func (s *Server) smartConfiguration() smartConfiguration {
	c := smartConfiguration{
		discovered: discovered{s.metadata(), true}, ManagementEndpoint: s.c.ManagementURL, Capabilities: s.capabilities(),
	}
	if s.c.Brands != nil {
		c.BrandBundle, c.BrandIdentifier = s.c.Issuer+pathBrands, s.c.Brands.identifier()
	}
	return c
}

// SmartConfiguration serves .well-known/smart-configuration below the FHIR
// base: public, JSON whatever is accepted, readable from any origin (SMART
// App Launch 2.2, section 9.1).
func (s *Server) SmartConfiguration() http.Handler {
	document, err := json.Marshal(s.smartConfiguration())
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
