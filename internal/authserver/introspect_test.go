package authserver_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/internal/authserver"
	"tributary/internal/errs"
	"tributary/internal/store"
)

func payload(t *testing.T, token string) string {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (h *harness) bearer(path, bearer string, form url.Values) answer {
	r, err := http.NewRequest(http.MethodPost, h.base+path, strings.NewReader(form.Encode()))
	h.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "Bearer "+bearer)
	return h.send(r)
}

func (h *harness) symmetricTokens() answer {
	h.t.Helper()
	return h.post("/auth/token", with(exchange(h.code(h.authorization("symmetric"))), "-client_id"), basic{"symmetric", h.secret})
}

func TestChecklist_7_2_Introspection(t *testing.T) {
	h := newHarness(t)
	tokens := h.symmetricTokens()
	about := url.Values{"token": {tokens.text("access_token")}}
	for name, a := range map[string]answer{
		"by Basic":      h.post("/auth/introspect", about, basic{"symmetric", h.secret}),
		"7.3 by bearer": h.bearer("/auth/introspect", tokens.text("access_token"), about),
	} {
		if a.status != 200 || a.body["active"] != true || a.text("scope") != tokens.text("scope") || a.text("client_id") != "symmetric" ||
			a.body["exp"] != float64(h.now.Add(time.Hour).Unix()) || a.text("patient") != "p1" ||
			a.text("iss") != h.base || a.text("sub") != "account-1" || a.text("fhirUser") != h.fhir+"/Patient/p1" {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}

func TestChecklist_7_4_InactiveSaysNothingElse(t *testing.T) {
	h := newHarness(t)
	expired := h.symmetricTokens()
	foreign := h.tokens()
	h.now = h.now.Add(61 * time.Minute)
	for name, token := range map[string]string{
		"unknown": "nonsense", "expired": expired.text("access_token"), "another client's": foreign.text("refresh_token"),
	} {
		a := h.post("/auth/introspect", url.Values{"token": {token}}, basic{"symmetric", h.secret})
		if a.status != 200 || len(a.body) != 1 || a.body["active"] != false || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %v", name, a.status, a.body)
		}
	}
}

func TestIntrospectionByAResourceServer(t *testing.T) {
	h := newHarness(t)
	h.register(store.Client{ID: "gateway", Name: "Gateway", Purpose: store.PurposeEHR, Scopes: "introspect system/Patient.rs", JWKS: keySet(keys().ec)})
	form := url.Values{"token": {h.tokens().text("access_token")}, "client_assertion_type": {assertionType},
		"client_assertion": {h.sign(keys().ec, h.claims("gateway"))}}
	if a := h.post("/auth/introspect", form, basic{}); a.body["active"] != true {
		t.Errorf("%d %v", a.status, a.body)
	}
}

func TestIntrospectionNeedsAuthentication(t *testing.T) {
	h := newHarness(t)
	tokens := h.tokens()
	about := url.Values{"token": {tokens.text("access_token")}}
	h.refuses(h.post("/auth/introspect", about, basic{}), "invalid_client", 401)
	h.refuses(h.post("/auth/introspect", with(about, "client_id=public"), basic{}), "invalid_client", 401)
	h.refuses(h.post("/auth/introspect", about, basic{"symmetric", "wrong"}), "invalid_client", 401)
	h.refuses(h.bearer("/auth/introspect", "nonsense", about), "invalid_client", 401)
	h.refuses(h.bearer("/auth/introspect", tokens.text("refresh_token"), about), "invalid_client", 401)
	h.refuses(h.post("/auth/introspect", url.Values{}, basic{"symmetric", h.secret}), "invalid_request", 400)
}

func (h *harness) revoke(token, client string) answer {
	return h.post("/auth/revoke", url.Values{"token": {token}, "client_id": {client}}, basic{})
}

func TestChecklist_8_Revocation(t *testing.T) {
	h := newHarness(t)
	one := h.tokens()
	if a := h.revoke(one.text("access_token"), "public"); a.status != 200 {
		t.Fatalf("%d %v", a.status, a.body)
	}
	h.resolves(one.text("access_token"), false)
	renewed := h.refresh(one.text("refresh_token"))
	if renewed.status != 200 {
		t.Fatalf("an access token was revoked, the family was not: %d", renewed.status)
	}
	h.resolves(renewed.text("access_token"), true)
	if a := h.revoke(renewed.text("refresh_token"), "public"); a.status != 200 {
		t.Fatalf("%d %v", a.status, a.body)
	}
	h.resolves(renewed.text("access_token"), false)
	h.refuses(h.refresh(renewed.text("refresh_token")), "invalid_grant", 400)
	if a := h.revoke("nonsense", "public"); a.status != 200 {
		t.Errorf("unknown token: %d %v", a.status, a.body)
	}
}

func TestOnlyTheClientRevokesItsTokens(t *testing.T) {
	h := newHarness(t)
	mine := h.symmetricTokens()
	h.refuses(h.revoke(mine.text("access_token"), "public"), "unauthorized_client", 400)
	h.resolves(mine.text("access_token"), true)
	h.refuses(h.revoke(mine.text("access_token"), "symmetric"), "invalid_client", 401)
}

func TestChecklist_8_2_AccountIsCutOffWithTheTransaction(t *testing.T) {
	h := newHarness(t)
	tokens := h.tokens()
	h.resolves(tokens.text("access_token"), true)
	h.must(h.store.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		return h.RevokeSubject(ctx, tx, "account-1", "left")
	}))
	h.now = h.now.Add(time.Second)
	h.resolves(tokens.text("access_token"), false)
	h.refuses(h.refresh(tokens.text("refresh_token")), "invalid_grant", 400)
}

func TestResolveRefuses(t *testing.T) {
	h := newHarness(t)
	tokens := h.tokens()
	for _, token := range []string{"", "nonsense", tokens.text("refresh_token"), tokens.text("id_token"), tokens.text("access_token") + "x"} {
		if _, err := h.Resolve(t.Context(), token); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("%q: %v", token, err)
		}
	}
}

func TestMaintenanceToken(t *testing.T) {
	h := newHarness(t)
	issue := func(scope string, ttl time.Duration) (token string, err error) {
		err = h.store.Update(t.Context(), func(ctx context.Context, tx store.Tx) (err error) {
			token, err = authserver.IssueMaintenance(ctx, tx, scope, ttl)
			return err
		})
		return token, err
	}
	for range 2 {
		token, err := issue("system/*.cruds", time.Hour)
		h.must(err)
		actor, err := h.Resolve(t.Context(), token)
		if err != nil || actor.Role != "maintenance" || actor.Unscoped || actor.Scopes.String() != "system/*.cruds" {
			t.Errorf("actor %+v, %v", actor, err)
		}
	}
	for _, row := range []struct {
		scope string
		ttl   time.Duration
	}{{"", time.Hour}, {"patient/*.rs", time.Hour}, {"system/*.rs openid", time.Hour}, {"system/*.rs", 0}, {"system/*.rs", 25 * time.Hour}} {
		if _, err := issue(row.scope, row.ttl); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", row, err)
		}
	}
	h.refuses(h.post("/auth/token", with(backend("x"), "-client_assertion", "-client_assertion_type", "client_id=maintenance"), basic{}), "unauthorized_client", 400)
}

// BenchmarkResolve is what a request pays for its token.
func BenchmarkResolve(b *testing.B) {
	h := newHarness(b)
	var token string
	h.must(h.store.Update(b.Context(), func(ctx context.Context, tx store.Tx) (err error) {
		token, err = authserver.IssueMaintenance(ctx, tx, "system/*.cruds", 24*time.Hour)
		return err
	}))
	for name, passes := range map[string]time.Duration{"known": 0, "looked up": time.Second} {
		b.Run(name, func(b *testing.B) {
			for start := h.now; b.Loop(); h.now = h.now.Add(passes) {
				if _, err := h.Resolve(b.Context(), token); err != nil {
					h.now = start // a day has passed
				}
			}
		})
	}
}
