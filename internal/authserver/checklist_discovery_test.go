package authserver_test

// The tests named TestSMART… go through what SMART App Launch 2.2, its Backend
// Services, OpenID Connect and the RFCs under them ask of an authorization server,
// requirement by requirement. The numbers are those of the table in docs/security.md,
// which names each one's source.

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/fhir"
	"tributary/internal/authserver"
)

// requirement is one numbered test over a fresh server.
type requirement struct {
	name string
	test func(h *harness, t *testing.T)
}

func hold(t *testing.T, all []requirement) {
	t.Helper()
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) { r.test(newHarness(t), t) })
	}
}

func (h *harness) smart(accept string) answer {
	h.t.Helper()
	r := httpGet(h.t.(*testing.T), h.fhir+"/.well-known/smart-configuration")
	r.Header.Set("Accept", accept)
	return h.send(r)
}

// TestSMARTDiscovery: SMART App Launch 2.2, "Conformance".
func TestSMARTDiscovery(t *testing.T) {
	hold(t, []requirement{
		{"1.1 public JSON whatever is accepted", func(h *harness, t *testing.T) {
			for _, accept := range []string{"", "text/html", "application/fhir+json", "application/fhir+xml"} {
				if a := h.smart(accept); a.status != 200 || a.header.Get("Content-Type") != "application/json" {
					t.Errorf("Accept %q: %d %v", accept, a.status, a.header)
				}
			}
		}},
		{"1.2 below the FHIR base, all URLs absolute", func(h *harness, t *testing.T) {
			for name, value := range h.smart("").body {
				if text, _ := value.(string); strings.HasSuffix(name, "_endpoint") || strings.HasSuffix(name, "_uri") || strings.HasSuffix(name, "_bundle") {
					if u, err := url.Parse(text); err != nil || !u.IsAbs() {
						t.Errorf("%s = %q", name, text)
					}
				}
			}
		}},
		{"1.3 grants, S256 and never plain", func(h *harness, t *testing.T) {
			a := h.smart("")
			for _, grant := range []string{"authorization_code", "client_credentials"} {
				if !has(a, "grant_types_supported", grant) {
					t.Errorf("no %s", grant)
				}
			}
			if !has(a, "code_challenge_methods_supported", "S256") || has(a, "code_challenge_methods_supported", "plain") || a.text("token_endpoint") == "" {
				t.Errorf("%v", a.body)
			}
		}},
		{"1.4 authorization_endpoint where apps are launched", func(h *harness, t *testing.T) {
			a := h.smart("")
			if !has(a, "capabilities", "launch-ehr") || !has(a, "capabilities", "launch-standalone") || a.text("authorization_endpoint") != h.base+"/auth/authorize" {
				t.Errorf("%v", a.body)
			}
		}},
		{"1.5 issuer and jwks_uri with sso-openid-connect", func(h *harness, t *testing.T) {
			a := h.smart("")
			if !has(a, "capabilities", "sso-openid-connect") || a.text("issuer") != h.base || a.text("jwks_uri") == "" {
				t.Errorf("%v", a.body)
			}
		}},
		{"1.6 every announced scope can be had, every endpoint answers", testAnnouncedWorks},
		{"1.7 private_key_jwt with ES384 and RS384", func(h *harness, t *testing.T) {
			a := h.smart("")
			if !has(a, "token_endpoint_auth_methods_supported", "private_key_jwt") || !has(a, "token_endpoint_auth_signing_alg_values_supported", "ES384") ||
				!has(a, "token_endpoint_auth_signing_alg_values_supported", "RS384") {
				t.Errorf("%v", a.body)
			}
		}},
		{"1.8 capabilities of both launches", func(h *harness, t *testing.T) {
			a := h.smart("")
			for _, c := range strings.Fields(`launch-standalone launch-ehr client-public client-confidential-symmetric client-confidential-asymmetric
				sso-openid-connect context-standalone-patient context-banner context-style context-ehr-patient context-ehr-encounter
				permission-offline permission-patient permission-user authorize-post permission-v1 permission-v2`) {
				if !has(a, "capabilities", c) {
					t.Errorf("no %s", c)
				}
			}
		}},
		{"1.9 no capability of our own without a URI", func(h *harness, t *testing.T) {
			known := strings.Fields(`launch-standalone launch-ehr client-public client-confidential-symmetric client-confidential-asymmetric
				sso-openid-connect context-standalone-patient context-standalone-encounter context-banner context-style context-ehr-patient
				context-ehr-encounter permission-offline permission-online permission-patient permission-user authorize-post permission-v1 permission-v2`)
			for _, c := range h.smart("").body["capabilities"].([]any) {
				if !slices.Contains(known, c.(string)) && !strings.HasPrefix(c.(string), "http") {
					t.Errorf("%v", c)
				}
			}
		}},
	})
}

func testAnnouncedWorks(h *harness, t *testing.T) {
	a := h.smart("")
	for _, s := range a.body["scopes_supported"].([]any) {
		scope := s.(string)
		if scope == "launch" || strings.HasPrefix(scope, "system/") { // by a launch, by a key: tested beside
			continue
		}
		id := "with-" + strings.NewReplacer("/", "-", "*", "all").Replace(scope)
		h.register(appOf(id, scope))
		if to := h.authorize(with(h.authorization(id), "scope="+scope)); to.Path != "/login" {
			t.Errorf("%s: sent to %s", scope, to)
		}
	}
	for _, name := range []string{"introspection_endpoint", "revocation_endpoint", "userinfo_endpoint", "user_access_brand_bundle"} {
		response, err := http.Get(a.text(name))
		h.must(err)
		response.Body.Close()
		if response.StatusCode == http.StatusNotFound || a.text(name) == "" {
			t.Errorf("%s: %d", name, response.StatusCode)
		}
	}
	if a.text("management_endpoint") == "" || !has(a, "response_types_supported", "code") || a.body["registration_endpoint"] != nil {
		t.Errorf("%v", a.body)
	}
}

// TestSMARTBrands: SMART App Launch 2.2, "User-access Brands and Endpoints".
func TestSMARTBrands(t *testing.T) {
	h := newHarness(t)
	fetch := func(tag string) (*http.Response, []byte) {
		r := httpGet(t, h.smart("").text("user_access_brand_bundle"))
		r.Header.Set("If-None-Match", tag)
		r.Header.Set("Origin", "https://anywhere.example.org")
		response, err := h.http.Do(r)
		h.must(err)
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		h.must(err)
		if response.Header.Get("Access-Control-Allow-Origin") != "*" {
			t.Error("11 an app of any origin cannot read it")
		}
		return response, body
	}
	response, body := fetch("")
	t.Run("12 a valid collection of brands with one endpoint", func(t *testing.T) { checkBrands(h, t, body) })
	t.Run("12 weak ETag, If-None-Match", func(t *testing.T) {
		tag := response.Header.Get("ETag")
		if again, text := fetch(tag); !strings.HasPrefix(tag, `W/"`) || again.StatusCode != http.StatusNotModified || len(text) > 0 {
			t.Errorf("%s: %d", tag, again.StatusCode)
		}
		if other, _ := fetch(`W/"another"`); other.StatusCode != http.StatusOK {
			t.Errorf("another tag: %d", other.StatusCode)
		}
	})
}

func checkBrands(h *harness, t *testing.T, body []byte) {
	var bundle struct {
		Type, Timestamp string
		Entry           []struct{ Resource json.RawMessage }
	}
	h.must(json.Unmarshal(body, &bundle))
	id := h.smart("").body["user_access_brand_identifier"].(map[string]any)
	named, endpoints := 0, 0
	for _, e := range bundle.Entry {
		if _, err := fhir.Parse(e.Resource); err != nil {
			t.Errorf("%v: %s", err, e.Resource)
		}
		var o struct {
			ResourceType, Address string
			Identifier            []authserver.Identifier
			Endpoint              []struct{ Reference string }
		}
		_ = json.Unmarshal(e.Resource, &struct{ Address *string }{&o.Address})
		_ = json.Unmarshal(e.Resource, &o) // an Organization's address is a list
		if slices.Contains(o.Identifier, authserver.Identifier{System: id["system"].(string), Value: id["value"].(string)}) {
			named++
		}
		if o.ResourceType == "Endpoint" {
			endpoints++
			if o.Address != h.fhir {
				t.Errorf("endpoint at %q", o.Address)
			}
		} else if len(o.Endpoint) != 1 || o.Endpoint[0].Reference != "Endpoint/fhir-r4" || !strings.Contains(string(e.Resource), `"portalEndpoint"`) {
			t.Errorf("a brand without its endpoint: %s", e.Resource)
		}
	}
	if bundle.Type != "collection" || bundle.Timestamp == "" || named != 1 || endpoints != 1 {
		t.Errorf("%s %s: %d have the identifier, %d endpoints", bundle.Type, bundle.Timestamp, named, endpoints)
	}
}
