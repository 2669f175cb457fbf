package authserver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4/jwt"

	"tributary/internal/authserver"
)

// asks asks for a backend service's token with claims changed.
func (h *harness) asks(change func(*jwt.Claims), changes ...string) answer {
	h.t.Helper()
	c := h.claims("warehouse")
	if change != nil {
		change(&c)
	}
	return h.post("/auth/token", with(backend(h.sign(keys().ec, c)), changes...), basic{})
}

// TestSMARTBackend: SMART App Launch 2.2, "Backend Services" and "Client
// Authentication: Asymmetric"; RFC 7523.
func TestSMARTBackend(t *testing.T) {
	hold(t, []requirement{
		{"9.1 keys by value and by URL", func(h *harness, t *testing.T) {
			k := newKeyServer(t, keySet(keys().ec))
			if a := h.asks(nil); a.status != 200 {
				t.Errorf("by value: %d %v", a.status, a.body)
			}
			if status := h.backendWithKeysAt("by-url", k.URL+"/keys")(keys().ec); status != 200 {
				t.Errorf("by URL: %d", status)
			}
		}},
		{"9.2 RS384 and ES384", func(h *harness, t *testing.T) {
			for _, key := range []string{"ec", "rsa"} {
				k := keys().ec
				if key == "rsa" {
					k = keys().rsa
				}
				if a := h.post("/auth/token", backend(h.sign(k, h.claims("warehouse"))), basic{}); a.status != 200 {
					t.Errorf("%s: %d %v", key, a.status, a.body)
				}
			}
		}},
		{"9.3 iss, sub, aud, exp, jti", func(h *harness, t *testing.T) {
			for name, change := range map[string]func(*jwt.Claims){
				"iss": func(c *jwt.Claims) { c.Issuer = "another" }, "sub": func(c *jwt.Claims) { c.Subject = "another" },
				"aud": func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://other.example.org/token"} }, "no jti": func(c *jwt.Claims) { c.ID = "" },
				"exp passed": func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(-2 * time.Minute)) },
				"exp far":    func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(7 * time.Minute)) },
			} {
				if a := h.asks(change); a.text("error") != "invalid_client" {
					t.Errorf("%s: %d %v", name, a.status, a.body)
				}
			}
			if a := h.asks(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(h.now.Add(300 * time.Second)) }); a.status != 200 {
				t.Errorf("exp in 300 s: %v", a.body)
			}
		}},
		{"9.4 a jti once, in all processes", func(h *harness, t *testing.T) {
			form := backend(h.sign(keys().ec, h.claims("warehouse")))
			if a := h.post("/auth/token", form, basic{}); a.status != 200 {
				t.Fatalf("%v", a.body)
			}
			h.Server = h.compose() // another process over the same stores
			h.refuses(h.post("/auth/token", form, basic{}), "invalid_client", 400, 401)
		}},
		{"9.5 jku as registered or not at all", func(h *harness, t *testing.T) {
			k := newKeyServer(t, keySet(keys().ec))
			ask := h.backendWithKeysAt("jku", k.URL+"/keys")
			if ask(keys().ec, "jku", k.URL+"/keys") != 200 || ask(keys().ec, "jku", k.URL+"/keys?x") == 200 || ask(keys().ec, "jku", k.URL+"/KEYS") == 200 {
				t.Error("another URL was believed, or the registered one was not")
			}
			if a := h.post("/auth/token", backend(h.sign(keys().ec, h.claims("warehouse"), "jku", k.URL+"/keys")), basic{}); a.text("error") != "invalid_client" {
				t.Errorf("a client that registered no URL: %v", a.body)
			}
		}},
		{"9.6 kept as long as Cache-Control says, asked as JSON", func(h *harness, t *testing.T) {
			k := newKeyServer(t, keySet(keys().ec)) // answers only Accept: application/json
			k.control = "max-age=60"
			ask := h.backendWithKeysAt("cached", k.URL+"/keys")
			ask(keys().ec)
			h.now = h.now.Add(59 * time.Second)
			if ask(keys().ec); k.fetches.Load() != 1 {
				t.Errorf("%d fetches within a minute", k.fetches.Load())
			}
			h.now = h.now.Add(time.Second)
			if ask(keys().ec); k.fetches.Load() != 2 {
				t.Errorf("%d fetches after a minute", k.fetches.Load())
			}
		}},
		{"9.7 failed authentication is invalid_client", func(h *harness, t *testing.T) {
			h.refuses(h.post("/auth/token", backend(h.sign(keys().other, h.claims("warehouse"))), basic{}), "invalid_client", 400, 401)
		}},
		{"9.8 wrong grant_type is exactly 400", func(h *harness, t *testing.T) {
			if a := h.asks(nil, "grant_type=not_a_grant_type"); a.status != 400 {
				t.Errorf("%d %v", a.status, a.body)
			}
			if a := h.asks(nil, "client_assertion_type=wrong"); a.status != 400 && a.status != 401 {
				t.Errorf("%d %v", a.status, a.body)
			}
		}},
		{"9.9 the answer: five minutes, no refresh token", func(h *harness, t *testing.T) {
			a := h.asks(nil)
			if !strings.EqualFold(a.text("token_type"), "bearer") || a.body["expires_in"].(float64) > 300 || a.text("scope") == "" || a.body["refresh_token"] != nil {
				t.Errorf("%v", a.body)
			}
		}},
		{"9.10 what was pre-authorized; unknown types are dropped", func(h *harness, t *testing.T) {
			if a := h.asks(nil, "scope=system/Patient.rs system/Nonsense.read system/MolecularSequence2.rs system/Condition.rs system/Observation.cruds"); a.text("scope") != "system/Patient.rs system/Observation.rs" {
				t.Errorf("%q %v", a.text("scope"), a.body)
			}
		}},
		{"9.11 errors say what to do", func(h *harness, t *testing.T) {
			if a := h.asks(nil, "scope=system/Nonsense.rs"); a.text("error") != "invalid_scope" || a.text("error_description") == "" {
				t.Errorf("%v", a.body)
			}
		}},
	})
}

// TestSMARTOpenID: OpenID Connect Core and Discovery; SMART App Launch 2.2, "Scopes
// for requesting identity data". The libraries' own checks are in TestChecklist_10.
func TestSMARTOpenID(t *testing.T) {
	hold(t, []requirement{
		{"10.1 the issuer is where it is found", func(h *harness, t *testing.T) {
			a := h.send(httpGet(t, h.base+"/.well-known/openid-configuration"))
			if a.status != 200 || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") || a.text("issuer") != h.base ||
				!has(a, "id_token_signing_alg_values_supported", "RS256") || a.body["authorization_response_iss_parameter_supported"] != true {
				t.Errorf("%d %v", a.status, a.body)
			}
		}},
		{"10.2 claims of the id_token", func(h *harness, t *testing.T) {
			claims := payload(t, h.tokens().text("id_token"))
			for _, want := range []string{`"iss":"` + h.base + `"`, `"aud":"public"`, `"nonce":"n-1"`, `"sub":"account-1"`, `"exp":`, `"iat":`} {
				if !strings.Contains(claims, want) {
					t.Errorf("no %s in %s", want, claims)
				}
			}
		}},
		{"10.3 fhirUser is a URL below the base", func(h *harness, t *testing.T) {
			if claims := payload(t, h.tokens().text("id_token")); !strings.Contains(claims, `"fhirUser":"`+h.fhir+`/Patient/p1"`) {
				t.Errorf("%s", claims)
			}
		}},
		{"10.4 userinfo says the same", testUserinfo},
	})
}

func testUserinfo(h *harness, t *testing.T) {
	ask := func(token string) answer {
		r := httpGet(t, h.base+"/auth/userinfo")
		r.Header.Set("Authorization", token)
		r.Header.Set("Origin", "https://app.example.org")
		return h.send(r)
	}
	all, plain := h.tokens(), h.tokens("scope=patient/*.rs")
	a := ask("Bearer " + all.text("access_token"))
	if a.status != 200 || a.text("sub") != "account-1" || a.text("fhirUser") != h.fhir+"/Patient/p1" || a.header.Get("Access-Control-Allow-Origin") != "https://app.example.org" {
		t.Errorf("%d %v %v", a.status, a.header, a.body)
	}
	for token, status := range map[string]int{
		"": 401, "Bearer x": 401, "Basic x": 401, "Bearer " + all.text("refresh_token"): 401, "Bearer " + plain.text("access_token"): 403,
	} {
		if a := ask(token); a.status != status || !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") || a.body["sub"] != nil {
			t.Errorf("%.12s: %d %v %v", token, a.status, a.header, a.body)
		}
	}
}

// TestSMARTCORS: SMART App Launch 2.2, "Considerations for Cross-Origin Resource
// Sharing". The FHIR API's part is in internal/app.
func TestSMARTCORS(t *testing.T) {
	h := newHarness(t)
	from := func(origin, method, to string) http.Header {
		r, err := http.NewRequest(method, to, strings.NewReader(""))
		h.must(err)
		r.Header.Set("Origin", origin)
		response, err := h.http.Do(r)
		h.must(err)
		response.Body.Close()
		return response.Header
	}
	t.Run("11 discovery from anywhere", func(t *testing.T) {
		for _, at := range []string{h.fhir + "/.well-known/smart-configuration", h.base + "/.well-known/openid-configuration", h.base + "/auth/jwks"} {
			if from("https://anywhere.example.org", "GET", at).Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s", at)
			}
		}
	})
	t.Run("11 the token endpoint from registered origins, errors too", func(t *testing.T) {
		if got := from("https://app.example.org", "POST", h.base+"/auth/token").Get("Access-Control-Allow-Origin"); got != "https://app.example.org" {
			t.Errorf("%q", got)
		}
		if got := from("https://evil.example.org", "POST", h.base+"/auth/token").Get("Access-Control-Allow-Origin"); got != "" {
			t.Errorf("%q", got)
		}
	})
}

// TestRevocationReachesEveryProcess within a second: what a process believes of a
// token it believes for less (resolveMaxAge), whatever the others tell it; so it
// needs neither Redis nor any message between them. It fails when Resolve keeps an
// entry for longer.
func TestRevocationReachesEveryProcess(t *testing.T) {
	eachStores(t, func(h *harness, t *testing.T) {
		here := h.Server
		token := h.tokens()
		there := h.compose()
		for _, s := range []authserver.Resolver{here, there} {
			if _, err := s.Resolve(t.Context(), token.text("access_token")); err != nil {
				t.Fatal(err)
			}
		}
		h.now = h.now.Add(time.Millisecond)
		h.must(here.EndAuthorization(t.Context(), "account-1", h.only("account-1")))
		h.resolves(token.text("access_token"), false)
		h.now = h.now.Add(999 * time.Millisecond)
		if _, err := there.Resolve(t.Context(), token.text("access_token")); err == nil {
			t.Error("another process believes it a second later")
		}
	})
}

func (h *harness) only(account string) string {
	h.t.Helper()
	all, err := h.Authorizations(h.t.Context(), account)
	if err != nil || len(all) != 1 {
		h.t.Fatal(all, err)
	}
	return all[0].ID
}
