package authserver_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/authserver"
)

// TestSMARTToken: SMART App Launch 2.2, "Obtain access token"; RFC 6749, section 4.1.3.
func TestSMARTToken(t *testing.T) {
	hold(t, []requirement{
		{"4.1 a code_verifier, present and right", func(h *harness, t *testing.T) {
			challenge := h.authorization("public").Get("code_challenge")
			for _, change := range []string{"-code_verifier", "code_verifier=", "code_verifier=" + challenge, "code_verifier=" + verifier + "x"} {
				h.refuses(h.post("/auth/token", with(exchange(h.code(h.authorization("public"))), change), basic{}), "invalid_grant", 400, 401)
			}
		}},
		{"4.2 a bad code is exactly 400, a bad client 400 or 401", func(h *harness, t *testing.T) {
			h.refuses(h.post("/auth/token", exchange("bad"), basic{}), "invalid_grant", 400)
			h.refuses(h.post("/auth/token", with(exchange(h.code(h.authorization("public"))), "client_id=nobody"), basic{}), "invalid_client", 400, 401)
		}},
		{"4.3 public, symmetric, asymmetric", func(h *harness, t *testing.T) {
			symmetric := with(exchange(h.code(h.authorization("symmetric"))), "-client_id")
			asymmetric := with(exchange(h.code(h.authorization("asymmetric"))), "-client_id",
				"client_assertion_type="+assertionType, "client_assertion="+h.sign(keys().rsa, h.claims("asymmetric")))
			for name, a := range map[string]answer{"public": h.tokens(), "symmetric": h.post("/auth/token", symmetric, basic{"symmetric", h.secret}),
				"asymmetric": h.post("/auth/token", asymmetric, basic{})} {
				if a.status != 200 || a.text("access_token") == "" {
					t.Errorf("%s: %d %v", name, a.status, a.body)
				}
			}
		}},
		{"4.4 the members of the answer and their types", func(h *harness, t *testing.T) {
			a := h.tokens()
			if !strings.EqualFold(a.text("token_type"), "bearer") || a.text("scope") == "" || a.text("refresh_token") == "" || a.text("id_token") == "" {
				t.Errorf("%v", a.body)
			}
			if _, number := a.body["expires_in"].(float64); !number {
				t.Errorf("expires_in %v", a.body["expires_in"])
			}
		}},
		{"4.5 kept by no cache", func(h *harness, t *testing.T) {
			if a := h.tokens(); a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
				t.Errorf("%v", a.header)
			}
		}},
		{"4.6 an hour at most", func(h *harness, t *testing.T) {
			h.accessTTL = 5 * time.Hour
			if a := h.tokens(); a.body["expires_in"].(float64) > 3600 {
				t.Errorf("%v", a.body)
			}
		}},
		{"4.7 granted as it was spelled", func(h *harness, t *testing.T) {
			for _, scope := range []string{"patient/*.read", "patient/*.rs", "patient/Observation.rs patient/Condition.read"} {
				if a := h.tokens("scope=" + scope); a.text("scope") != scope {
					t.Errorf("%q became %q", scope, a.text("scope"))
				}
			}
		}},
	})
}

// TestSMARTRefresh: SMART App Launch 2.2, "Refresh access token".
func TestSMARTRefresh(t *testing.T) {
	hold(t, []requirement{
		{"5.1 of the same client; fewer scopes, never more", func(h *harness, t *testing.T) {
			token := h.tokens().text("refresh_token")
			h.refuses(h.refresh(token, "scope=patient/*.cruds"), "invalid_scope", 400)
			h.refuses(h.post("/auth/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}, basic{"symmetric", h.secret}), "invalid_grant", 400, 401)
			if a := h.refresh(token, "scope=patient/Observation.rs"); a.text("scope") != "patient/Observation.rs" {
				t.Errorf("%v", a.body)
			}
		}},
		{"5.2 and 5.3 the answer, kept by no cache", func(h *harness, t *testing.T) {
			a := h.refresh(h.tokens().text("refresh_token"))
			if a.text("access_token") == "" || a.text("token_type") == "" || a.body["expires_in"] == nil || a.text("scope") == "" ||
				a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" {
				t.Errorf("%v %v", a.header, a.body)
			}
		}},
		{"5.4 an invalid one is 400", func(h *harness, t *testing.T) {
			h.refuses(h.refresh("invalid"), "invalid_grant", 400, 401)
		}},
		{"5.5 used twice, it ends the authorization", func(h *harness, t *testing.T) {
			token := h.tokens().text("refresh_token")
			next := h.refresh(token)
			h.now = h.now.Add(time.Minute)
			h.refuses(h.refresh(token), "invalid_grant", 400)
			h.resolves(next.text("access_token"), false)
			h.refuses(h.refresh(next.text("refresh_token")), "invalid_grant", 400)
		}},
		{"5.6 offline_access outlives the session, for three months", func(h *harness, t *testing.T) {
			token := h.tokens().text("refresh_token")
			h.now = h.now.Add(92 * 24 * time.Hour)
			if a := h.refresh(token); a.status != 200 {
				t.Errorf("%d %v", a.status, a.body)
			}
		}},
		{"5.6 online_access ends when the session times out", testOnline},
		{"5.6 online_access ends when the session is ended", testOnlineEnded},
		{"5.6 nothing without offline_access or online_access", func(h *harness, t *testing.T) {
			if a := h.tokens("scope=launch/patient patient/*.rs"); a.body["refresh_token"] != nil {
				t.Errorf("%v", a.body)
			}
		}},
	})
}

// online lets an app in for as long as a session lasts.
func (h *harness) online(session string) answer {
	h.t.Helper()
	h.live = map[string]bool{session: true}
	id := h.requestID(with(h.authorization("public"), "scope=online_access patient/*.rs"))
	g := h.approval("online_access", "patient/*.rs")
	g.Session = session
	back, err := h.Complete(h.t.Context(), id, g)
	h.must(err)
	u, _ := url.Parse(back)
	return h.post("/auth/token", exchange(u.Query().Get("code")), basic{})
}

func testOnline(h *harness, t *testing.T) {
	a := h.refresh(h.online("s1").text("refresh_token"))
	if a.status != 200 || a.text("refresh_token") == "" {
		t.Fatalf("while the person is there: %d %v", a.status, a.body)
	}
	h.live["s1"] = false
	h.refuses(h.refresh(a.text("refresh_token")), "invalid_grant", 400)
	h.resolves(a.text("access_token"), false)
}

func testOnlineEnded(h *harness, t *testing.T) {
	offline, a := h.tokens(), h.online("s1")
	h.must(h.EndOnline(t.Context(), "account-1", "another session"))
	h.resolves(a.text("access_token"), true)
	h.must(h.EndOnline(t.Context(), "account-1", "s1"))
	h.resolves(a.text("access_token"), false)
	h.refuses(h.refresh(a.text("refresh_token")), "invalid_grant", 400)
	h.resolves(offline.text("access_token"), true)
	b := h.online("s2")
	h.must(h.EndOnline(t.Context(), "account-1", ""))
	h.resolves(b.text("access_token"), false)
}

// TestSMARTScopes: SMART App Launch 2.2, "Scopes for requesting FHIR resources".
func TestSMARTScopes(t *testing.T) {
	hold(t, []requirement{
		{"6.1 letters in order, never re-interpreted", func(h *harness, t *testing.T) {
			for _, scope := range []string{"patient/Observation.sr", "patient/Observation.dus", "patient/Observation.", "patient/observation.rs", "patients/Observation.rs"} {
				if a := h.tokens("scope=launch/patient " + scope); a.text("scope") != "launch/patient" {
					t.Errorf("%s granted %q", scope, a.text("scope"))
				}
			}
		}},
		{"6.3 v1 stays v1", func(h *harness, t *testing.T) {
			h.register(appOf("writer", "patient/*.cruds"))
			for _, scope := range []string{"patient/Observation.read", "patient/Observation.write", "patient/Observation.*"} {
				a := h.post("/auth/token", with(exchange(h.code(with(h.authorization("writer"), "scope="+scope))), "client_id=writer"), basic{})
				if a.text("scope") != scope {
					t.Errorf("%s granted %q", scope, a.text("scope"))
				}
			}
		}},
		{"6.8 several granular scopes, each granted", func(h *harness, t *testing.T) {
			scope := "patient/Observation.rs?category=a patient/Observation.rs?category=b"
			if a := h.tokens("scope=" + scope); a.text("scope") != scope {
				t.Errorf("%q", a.text("scope"))
			}
		}},
		{"6.9 all of a long list", func(h *harness, t *testing.T) {
			var all []string
			for _, typ := range strings.Fields(`AllergyIntolerance CarePlan CareTeam Condition Coverage Device DiagnosticReport DocumentReference Encounter
				Goal Immunization MedicationDispense MedicationRequest Observation Patient Procedure Provenance ServiceRequest Specimen
				RelatedPerson QuestionnaireResponse Location Organization Practitioner PractitionerRole Medication Endpoint`) {
				all = append(all, "patient/"+typ+".rs")
			}
			scope := "launch/patient openid fhirUser offline_access " + strings.Join(all, " ")
			if a := h.tokens("scope=" + scope); a.text("scope") != scope {
				t.Errorf("%q", a.text("scope"))
			}
		}},
		{"6.10 a query that cannot be enforced is not granted", func(h *harness, t *testing.T) {
			if a := h.tokens("scope=launch/patient patient/Observation.rs?code:in=x patient/Observation.rs?_filter=y"); a.text("scope") != "launch/patient" {
				t.Errorf("%q", a.text("scope"))
			}
		}},
		{"6.11 URIs, and what was granted is said", func(h *harness, t *testing.T) {
			uri := "http://smarthealthit.org/fhir/scopes/patient/Observation.rs"
			if a := h.tokens("scope=" + uri + " patient/*.cruds"); a.text("scope") != uri+" patient/*.rs" {
				t.Errorf("%q", a.text("scope"))
			}
		}},
		{"6.12 32 KB of scopes, and a token that stays short", func(h *harness, t *testing.T) {
			form := with(h.authorization("public"), "scope=patient/*.rs "+strings.Repeat("patient/Observation.rs?category=abcdefghij ", 900))
			response, err := h.http.PostForm(h.base+"/auth/authorize", form)
			h.must(err)
			response.Body.Close()
			if to, err := response.Location(); err != nil || to.Path != "/login" || len(form.Get("scope")) < 32<<10 {
				t.Errorf("%v, %v", to, err)
			}
			if token := h.tokens().text("access_token"); len(token) > 64 {
				t.Errorf("a token of %d bytes", len(token))
			}
		}},
	})
}

// TestSMARTIntrospectionAndRevocation: RFC 7662 and SMART App Launch 2.2, "Token
// Introspection"; RFC 7009.
func TestSMARTIntrospectionAndRevocation(t *testing.T) {
	ask := func(h *harness, token string) answer {
		return h.post("/auth/introspect", url.Values{"token": {token}}, basic{"symmetric", h.secret})
	}
	own := func(h *harness, l *authserver.Launch) answer {
		form := h.authorization("symmetric")
		if l != nil {
			l.Client = "symmetric"
			launch, err := h.NewLaunch(h.t.Context(), *l)
			h.must(err)
			form = with(form, "launch="+launch, "scope=launch openid fhirUser patient/*.rs")
		}
		return h.post("/auth/token", with(exchange(h.code(form)), "-client_id"), basic{"symmetric", h.secret})
	}
	hold(t, []requirement{
		{"7.1 announced", func(h *harness, t *testing.T) {
			if h.smart("").text("introspection_endpoint") != h.base+"/auth/introspect" {
				t.Error("not announced")
			}
		}},
		{"7.2 what the token answer said, and who", func(h *harness, t *testing.T) {
			token := own(h, &authserver.Launch{Patient: "p1", Encounter: "e1", Intent: "review", FHIRContext: []authserver.ContextItem{{Reference: "ImagingStudy/1"}}})
			a := ask(h, token.text("access_token"))
			for _, name := range []string{"scope", "patient", "encounter", "intent", "smart_style_url"} {
				if a.text(name) == "" || a.text(name) != token.text(name) {
					t.Errorf("%s: %q, want %q", name, a.text(name), token.text(name))
				}
			}
			if a.body["active"] != true || a.text("client_id") != "symmetric" || a.body["exp"] == nil || a.body["fhirContext"] == nil ||
				a.body["need_patient_banner"] != true || a.text("iss") != h.base || a.text("sub") != "account-1" || a.text("fhirUser") != h.fhir+"/Patient/p1" {
				t.Errorf("%v", a.body)
			}
		}},
		{"7.3 a bearer token may ask about itself", func(h *harness, t *testing.T) {
			token := h.tokens().text("access_token")
			r, _ := http.NewRequest(http.MethodPost, h.base+"/auth/introspect", strings.NewReader(url.Values{"token": {token}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "Bearer "+token)
			if a := h.send(r); a.body["active"] != true {
				t.Errorf("%v", a.body)
			}
		}},
		{"7.4 an invalid one is 200, inactive and nothing else", func(h *harness, t *testing.T) {
			if a := ask(h, "invalid"); a.status != 200 || len(a.body) != 1 || a.body["active"] != false || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
				t.Errorf("%d %v", a.status, a.body)
			}
		}},
		{"8.1 200 for the unknown; a refresh token takes its access tokens along", func(h *harness, t *testing.T) {
			token := own(h, nil)
			for _, text := range []string{"unknown", token.text("refresh_token")} {
				if a := h.post("/auth/revoke", url.Values{"token": {text}}, basic{"symmetric", h.secret}); a.status != 200 {
					t.Errorf("%d %v", a.status, a.body)
				}
			}
			h.resolves(token.text("access_token"), false)
			if h.smart("").text("management_endpoint") == "" {
				t.Error("no management_endpoint")
			}
		}},
		{"8.2 the person ends it: the next read and refresh fail", func(h *harness, t *testing.T) {
			token := h.tokens()
			h.resolves(token.text("access_token"), true)
			all, err := h.Authorizations(t.Context(), "account-1")
			h.must(err)
			h.must(h.EndAuthorization(t.Context(), "account-1", all[0].ID))
			h.resolves(token.text("access_token"), false)
			h.refuses(h.refresh(token.text("refresh_token")), "invalid_grant", 400)
		}},
	})
}
