package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// TestChecklist_10_StandardLibraries goes the whole way with golang.org/x/oauth2
// (code, PKCE, refresh) and checks the id_token with coreos/go-oidc.
func TestChecklist_10_StandardLibraries(t *testing.T) {
	h := newHarness(t)
	provider, err := oidc.NewProvider(t.Context(), h.base)
	h.must(err)
	for client, secret := range map[string]string{"public": "", "symmetric": h.secret} {
		config := oauth2.Config{ClientID: client, ClientSecret: secret, Endpoint: provider.Endpoint(), RedirectURL: redirectURI,
			Scopes: []string{"openid", "fhirUser", "launch/patient", "offline_access", "patient/*.read"}}
		pkce := oauth2.GenerateVerifier()
		to, err := url.Parse(config.AuthCodeURL("state", oauth2.S256ChallengeOption(pkce), oidc.Nonce("n-2"), oauth2.SetAuthURLParam("aud", h.fhir)))
		h.must(err)
		token, err := config.Exchange(t.Context(), h.code(to.Query()), oauth2.VerifierOption(pkce))
		h.must(err)
		h.checkIDToken(provider, client, token, "n-2")
		h.now = h.now.Add(time.Minute)
		token.Expiry = time.Now().Add(-time.Hour)
		renewed, err := config.TokenSource(t.Context(), token).Token()
		h.must(err)
		h.checkIDToken(provider, client, renewed, "")
	}
}

func (h *harness) checkIDToken(provider *oidc.Provider, client string, token *oauth2.Token, nonce string) {
	h.t.Helper()
	raw, _ := token.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: client, Now: h.clock, SupportedSigningAlgs: []string{"RS256"}}).Verify(h.t.Context(), raw)
	h.must(err)
	h.must(id.VerifyAccessToken(token.AccessToken))
	var claims struct {
		FHIRUser string `json:"fhirUser"`
		AuthTime int64  `json:"auth_time"`
	}
	h.must(id.Claims(&claims))
	if id.Subject != "account-1" || id.Nonce != nonce || claims.FHIRUser != h.fhir+"/Patient/p1" || claims.AuthTime == 0 {
		h.t.Errorf("id_token %+v, %+v", id, claims)
	}
}

func TestFHIRUserOnlyWithItsScope(t *testing.T) {
	h := newHarness(t)
	a := h.tokens("scope=openid patient/*.rs")
	if id := a.text("id_token"); id == "" || strings.Contains(payload(t, id), "fhirUser") {
		t.Errorf("id_token %q", payload(t, id))
	}
}

func TestChecklist_10_1_OpenIDConfiguration(t *testing.T) {
	h := newHarness(t)
	a := h.send(httpGet(t, h.base+"/.well-known/openid-configuration"))
	for _, name := range []string{"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"} {
		if !strings.HasPrefix(a.text(name), h.base) {
			t.Errorf("%s = %q", name, a.text(name))
		}
	}
	if a.status != 200 || !has(a, "subject_types_supported", "public") || !has(a, "response_types_supported", "code") ||
		!has(a, "id_token_signing_alg_values_supported", "RS256") {
		t.Errorf("%d %v", a.status, a.body)
	}
}

func TestChecklist_1_SmartConfiguration(t *testing.T) {
	h := newHarness(t)
	for _, accept := range []string{"", "text/html", "application/fhir+json"} {
		r := httpGet(t, h.fhir+"/.well-known/smart-configuration")
		r.Header.Set("Accept", accept)
		a := h.send(r)
		if a.status != 200 || a.header.Get("Content-Type") != "application/json" || a.header.Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("1.1 with Accept %q: %d %v", accept, a.status, a.header)
		}
		for name, values := range map[string][]string{
			"grant_types_supported":                            {"authorization_code", "client_credentials", "refresh_token"},
			"code_challenge_methods_supported":                 {"S256"},
			"token_endpoint_auth_methods_supported":            {"private_key_jwt", "client_secret_basic"},
			"token_endpoint_auth_signing_alg_values_supported": {"ES384", "RS384"},
			"capabilities": {"launch-standalone", "client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
				"sso-openid-connect", "context-standalone-patient", "permission-offline", "permission-patient", "authorize-post",
				"permission-v2", "permission-v1"},
		} {
			for _, value := range values {
				if !has(a, name, value) {
					t.Errorf("%s lacks %s: %v", name, value, a.body[name])
				}
			}
		}
		if has(a, "code_challenge_methods_supported", "plain") {
			t.Error("1.3: plain is announced")
		}
		for _, name := range []string{"issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "introspection_endpoint", "revocation_endpoint"} {
			if !strings.HasPrefix(a.text(name), h.base) {
				t.Errorf("%s = %q", name, a.text(name))
			}
		}
	}
}

// has reports whether a list of strings in the body holds a value.
func has(a answer, name, value string) bool {
	list, _ := a.body[name].([]any)
	for _, v := range list {
		if v == value {
			return true
		}
	}
	return false
}

func TestJWKSHoldsBarePublicKeys(t *testing.T) {
	h := newHarness(t)
	a := h.send(httpGet(t, h.base+"/auth/jwks"))
	list, _ := a.body["keys"].([]any)
	if a.status != http.StatusOK || len(list) != 2 || a.header.Get("Cache-Control") != "public, max-age=3600" {
		t.Fatalf("%d %v", a.status, a.body)
	}
	kinds := map[string]string{"RS256": "RSA", "ES384": "EC"}
	for _, item := range list {
		key, _ := item.(map[string]any)
		alg, _ := key["alg"].(string)
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi"} {
			if key[private] != nil {
				t.Errorf("the private %s is published", private)
			}
		}
		if key["kty"] != kinds[alg] || key["kid"] == "" || key["use"] != "sig" {
			t.Errorf("key %v", key)
		}
		delete(kinds, alg)
	}
}

func TestSecondServerSignsWithTheSameKey(t *testing.T) {
	h := newHarness(t)
	first := h.tokens().text("id_token")
	h.Server = h.compose()
	provider, err := oidc.NewProvider(t.Context(), h.base)
	h.must(err)
	if _, err := provider.Verifier(&oidc.Config{ClientID: "public", Now: h.clock}).Verify(t.Context(), first); err != nil {
		t.Error(err)
	}
}
