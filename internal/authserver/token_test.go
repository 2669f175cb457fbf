package authserver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tributary/internal/authserver"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func (h *harness) disable(client string) {
	h.t.Helper()
	h.must(tables.OAuth{}.SetClientDisabled(h.t.Context(), h.store, client, true))
}

func TestTokensOnEveryBackend(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		h := newHarnessOn(t, s)
		a := h.tokens()
		actor, err := h.Resolve(t.Context(), a.text("access_token"))
		if err != nil || actor.Patient != "p1" || actor.ID != "account-1" || actor.Client != "public" ||
			actor.Role != "participant" || len(actor.Scopes.Covering("Observation", 0)) != 1 || actor.Unscoped {
			t.Fatalf("actor %+v, %v", actor, err)
		}
		b := h.refresh(a.text("refresh_token"))
		if b.status != http.StatusOK {
			t.Fatalf("refresh: %d %v", b.status, b.body)
		}
	})
}

func TestChecklist_4_4_TokenResponse(t *testing.T) {
	h := newHarness(t)
	a := h.tokens()
	if a.text("token_type") != "Bearer" || a.body["expires_in"] != 3600.0 || a.text("patient") != "p1" ||
		a.body["need_patient_banner"] != true || a.text("id_token") == "" || a.text("refresh_token") == "" ||
		a.text("scope") != "openid fhirUser launch/patient offline_access patient/*.rs" {
		t.Fatalf("response %v", a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" || a.header.Get("Pragma") != "no-cache" ||
		!strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Errorf("checklist 4.5: headers %v", a.header)
	}
}

func TestWhatWasNotAskedForIsNotGiven(t *testing.T) {
	h := newHarness(t)
	a := h.tokens("scope=user/Practitioner.rs")
	for _, name := range []string{"id_token", "refresh_token", "patient", "need_patient_banner"} {
		if _, ok := a.body[name]; ok {
			t.Errorf("%s is in %v", name, a.body)
		}
	}
}

func TestChecklist_4_6_AccessTokenLivesAnHourAtMost(t *testing.T) {
	h := newHarness(t)
	h.accessTTL = 24 * time.Hour
	if a := h.tokens(); a.body["expires_in"] != 3600.0 {
		t.Errorf("expires_in %v", a.body["expires_in"])
	}
	h.accessTTL = 7 * time.Second
	a := h.tokens()
	h.resolves(a.text("access_token"), true)
	h.now = h.now.Add(8 * time.Second)
	h.resolves(a.text("access_token"), false)
}

func TestChecklist_4_7_ScopesKeepTheirSpelling(t *testing.T) {
	h := newHarness(t)
	asked := "patient/Observation.read launch/patient patient/Condition.rs patient/Patient.r"
	if a := h.tokens("scope=" + asked + " patient/Nonsense.read patient/Observation.sr"); a.text("scope") != asked {
		t.Errorf("scope %q, want %q", a.text("scope"), asked)
	}
}

func TestChecklist_6_ScopesAreNarrowedToTheClients(t *testing.T) {
	h := newHarness(t)
	if a := h.tokens("scope=patient/Observation.cruds patient/*.* user/*.rs"); a.text("scope") !=
		"patient/Observation.rs patient/*.rs user/Practitioner.rs" {
		t.Errorf("scope %q", a.text("scope"))
	}
}

func TestChecklist_4_1_VerifierIsRequired(t *testing.T) {
	h := newHarness(t)
	challenge := h.authorization("public").Get("code_challenge")
	for _, client := range []string{"public", "symmetric"} {
		for _, change := range []string{"-code_verifier", "code_verifier=", "code_verifier=" + challenge,
			"code_verifier=short", "code_verifier=" + strings.Repeat("x", 43), "code_verifier=" + verifier + "+"} {
			form := with(exchange(h.code(h.authorization(client))), change, "-client_id", "client_id="+client)
			auth := basic{}
			if client == "symmetric" {
				form.Del("client_id")
				auth = basic{"symmetric", h.secret}
			}
			h.refuses(h.post("/auth/token", form, auth), "invalid_grant", http.StatusBadRequest)
		}
	}
}

func TestChecklist_4_2_CodeIsBound(t *testing.T) {
	h := newHarness(t)
	h.register(store.Client{ID: "other", Name: "Other", Purpose: store.PurposeApp, RedirectURIs: []string{redirectURI}, Scopes: appScopes})
	for name, row := range map[string]struct{ change, code string }{
		"another redirect": {"redirect_uri=http://127.0.0.1:9999/cb", "invalid_grant"},
		"no redirect":      {"-redirect_uri", "invalid_request"},
		"another client":   {"client_id=other", "invalid_grant"},
		"a bad code":       {"code=nonsense", "invalid_grant"},
		"no code":          {"-code", "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			form := with(exchange(h.code(h.authorization("public"))), row.change)
			h.refuses(h.post("/auth/token", form, basic{}), row.code, http.StatusBadRequest)
		})
	}
	h.refuses(h.post("/auth/token", with(exchange("x"), "client_id=nobody"), basic{}), "invalid_client", 400, 401)
}

func TestChecklist_2_6_CodeLivesAMinute(t *testing.T) {
	h := newHarness(t)
	code := h.code(h.authorization("public"))
	h.now = h.now.Add(61 * time.Second)
	h.refuses(h.post("/auth/token", exchange(code), basic{}), "invalid_grant", http.StatusBadRequest)
}

func TestChecklist_2_6_ReplayedCodeRevokesItsTokens(t *testing.T) {
	h := newHarness(t)
	code := h.code(h.authorization("public"))
	first := h.post("/auth/token", exchange(code), basic{})
	h.resolves(first.text("access_token"), true)
	h.refuses(h.post("/auth/token", exchange(code), basic{}), "invalid_grant", http.StatusBadRequest)
	h.resolves(first.text("access_token"), false)
	h.refuses(h.refresh(first.text("refresh_token")), "invalid_grant", http.StatusBadRequest)
}

func TestStolenCodePresentedWronglyIsUsedUp(t *testing.T) {
	h := newHarness(t)
	code := h.code(h.authorization("public"))
	h.refuses(h.post("/auth/token", with(exchange(code), "code_verifier="+strings.Repeat("x", 43)), basic{}), "invalid_grant", 400)
	h.refuses(h.post("/auth/token", exchange(code), basic{}), "invalid_grant", http.StatusBadRequest)
}

func TestChecklist_4_3_ClientAuthentication(t *testing.T) {
	h := newHarness(t)
	form := func(client string) (f map[string][]string) {
		return with(exchange(h.code(h.authorization(client))), "-client_id")
	}
	ok := h.post("/auth/token", form("symmetric"), basic{"symmetric", h.secret})
	if ok.status != http.StatusOK {
		t.Fatalf("symmetric: %d %v", ok.status, ok.body)
	}
	assertion := h.sign(keys().ec, h.claims("asymmetric"))
	ok = h.post("/auth/token", with(form("asymmetric"), "client_assertion_type="+assertionType, "client_assertion="+assertion), basic{})
	if ok.status != http.StatusOK {
		t.Fatalf("asymmetric, without client_id: %d %v", ok.status, ok.body)
	}
	for name, a := range map[string]answer{
		"wrong secret":              h.post("/auth/token", form("symmetric"), basic{"symmetric", "wrong"}),
		"empty secret":              h.post("/auth/token", form("symmetric"), basic{"symmetric", ""}),
		"no secret":                 h.post("/auth/token", with(form("symmetric"), "client_id=symmetric"), basic{}),
		"secret in the body":        h.post("/auth/token", with(form("symmetric"), "client_id=symmetric", "client_secret="+h.secret), basic{}),
		"the hash as the secret":    h.post("/auth/token", form("symmetric"), basic{"symmetric", h.secretHash("symmetric")}),
		"a secret from a public":    h.post("/auth/token", form("public"), basic{"public", "guess"}),
		"asymmetric without a key":  h.post("/auth/token", with(form("asymmetric"), "client_id=asymmetric"), basic{}),
		"an assertion and a public": h.post("/auth/token", with(form("public"), "client_assertion_type="+assertionType, "client_assertion="+h.sign(keys().ec, h.claims("public"))), basic{}),
		"wrong by Basic":            h.post("/auth/token", form("symmetric"), basic{"nobody", "x"}),
	} {
		t.Run(name, func(t *testing.T) { h.refuses(a, "invalid_client", 400, 401) })
	}
	if a := h.post("/auth/token", form("symmetric"), basic{"symmetric", "wrong"}); a.header.Get("WWW-Authenticate") == "" || a.status != 401 {
		t.Errorf("Basic failed: %d %v", a.status, a.header)
	}
}

func (h *harness) secretHash(client string) string {
	c, err := tables.OAuth{}.Client(h.t.Context(), h.store, client)
	h.must(err)
	return c.SecretHash
}

func TestTokenEndpointRefusesOtherShapes(t *testing.T) {
	h := newHarness(t)
	h.refuses(h.post("/auth/token", with(exchange("x"), "-grant_type"), basic{}), "invalid_request", 400)
	h.refuses(h.post("/auth/token", with(exchange("x"), "grant_type=password"), basic{}), "unsupported_grant_type", 400)
	h.refuses(h.post("/auth/token", with(exchange("x"), "grant_type=client_credentials"), basic{}), "unauthorized_client", 400)
	h.refuses(h.post("/auth/token?client_id=public", exchange("x"), basic{}), "invalid_request", 400)
	h.refuses(h.post("/auth/token", with(exchange("x"), "x="+strings.Repeat("x", 70_000)), basic{}), "invalid_request", 400)
	response, err := h.http.Get(h.base + "/auth/token")
	h.must(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", response.StatusCode)
	}
}

func TestChecklist_3_4_LaunchContextInTheResponse(t *testing.T) {
	h := newHarness(t)
	launch, err := h.NewLaunch(t.Context(), authserver.Launch{Client: "public", Patient: "p1", Encounter: "e1", HasBanner: true})
	h.must(err)
	a := h.tokens("scope=launch patient/*.rs", "launch="+launch)
	if a.text("patient") != "p1" || a.text("encounter") != "e1" || a.body["need_patient_banner"] != false {
		t.Fatalf("response %v", a.body)
	}
}

func TestChecklist_5_7_LaunchContextOutlivesTheCode(t *testing.T) {
	h := newHarness(t)
	launch, err := h.NewLaunch(t.Context(), authserver.Launch{Client: "public", Patient: "p1", Encounter: "e1", HasBanner: true})
	h.must(err)
	first := h.tokens("scope=launch offline_access patient/*.rs", "launch="+launch)
	renewed := h.refresh(first.text("refresh_token"))
	asked := h.bearer("/auth/introspect", renewed.text("access_token"), map[string][]string{"token": {renewed.text("access_token")}})
	for name, a := range map[string]answer{"refresh": renewed, "checklist 7.2, introspection": asked} {
		if a.text("patient") != "p1" || a.text("encounter") != "e1" || a.body["need_patient_banner"] != false {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}

func TestPurgeKeepsWhatIsInUse(t *testing.T) {
	h := newHarness(t)
	a := h.tokens()
	h.now = h.now.Add(48 * time.Hour)
	if n, err := h.Purge(t.Context()); n != 1 || err != nil {
		t.Fatalf("purged %d, %v; want the access token", n, err)
	}
	if b := h.refresh(a.text("refresh_token")); b.status != http.StatusOK {
		t.Errorf("refresh: %d %v", b.status, b.body)
	}
}
