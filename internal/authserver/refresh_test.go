package authserver_test

import (
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func (h *harness) refresh(token string, changes ...string) answer {
	h.t.Helper()
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}, "client_id": {"public"}}
	return h.post("/auth/token", with(form, changes...), basic{})
}

func TestChecklist_5_RefreshRotates(t *testing.T) {
	h := newHarness(t)
	first := h.tokens()
	h.now = h.now.Add(59 * time.Minute)
	second := h.refresh(first.text("refresh_token"))
	if second.status != http.StatusOK || second.text("refresh_token") == first.text("refresh_token") ||
		second.text("access_token") == first.text("access_token") || second.text("refresh_token") == "" {
		t.Fatalf("refresh: %d %v", second.status, second.body)
	}
	if second.text("scope") != first.text("scope") || second.text("patient") != "p1" || second.text("id_token") == "" ||
		second.body["expires_in"] != 3600.0 || second.header.Get("Cache-Control") != "no-store" {
		t.Errorf("checklist 5.2, 5.3, 5.7: %v", second.body)
	}
	h.resolves(second.text("access_token"), true)
	if third := h.refresh(second.text("refresh_token")); third.status != http.StatusOK {
		t.Errorf("third: %d %v", third.status, third.body)
	}
}

func TestChecklist_5_1_ScopeOfRefresh(t *testing.T) {
	h := newHarness(t)
	token := h.tokens().text("refresh_token")
	for _, wider := range []string{"patient/*.cruds", "user/Practitioner.rs", "patient/*.rs system/*.rs", "nonsense"} {
		h.refuses(h.refresh(token, "scope="+wider), "invalid_scope", http.StatusBadRequest)
	}
	narrow := h.refresh(token, "scope=patient/Observation.rs")
	if narrow.status != http.StatusOK || narrow.text("scope") != "patient/Observation.rs" {
		t.Fatalf("narrowed: %d %v", narrow.status, narrow.body)
	}
	if full := h.refresh(narrow.text("refresh_token")); full.text("scope") != "openid fhirUser launch/patient offline_access patient/*.rs" {
		t.Errorf("the grant itself was narrowed: %v", full.body)
	}
}

func TestChecklist_5_4_InvalidRefreshToken(t *testing.T) {
	h := newHarness(t)
	h.register(store.Client{ID: "other", Name: "Other", Purpose: store.PurposeApp, RedirectURIs: []string{redirectURI}, Scopes: appScopes})
	a := h.tokens()
	h.refuses(h.refresh("nonsense"), "invalid_grant", 400)
	h.refuses(h.refresh(""), "invalid_request", 400)
	h.refuses(h.refresh(a.text("access_token")), "invalid_grant", 400)
	h.refuses(h.refresh(a.text("refresh_token"), "client_id=other"), "invalid_grant", 400)
	h.resolves(a.text("refresh_token"), false)
	h.now = h.now.Add(99 * 24 * time.Hour)
	b := h.refresh(a.text("refresh_token"))
	if b.status != http.StatusOK {
		t.Fatalf("checklist 5.6, after 99 days: %d %v", b.status, b.body)
	}
	h.now = h.now.Add(101 * 24 * time.Hour)
	h.refuses(h.refresh(b.text("refresh_token")), "invalid_grant", 400)
}

func TestChecklist_5_5_ReuseRevokesTheFamily(t *testing.T) {
	h := newHarness(t)
	first := h.tokens()
	second := h.refresh(first.text("refresh_token"))
	h.now = h.now.Add(31 * time.Second)
	h.refuses(h.refresh(first.text("refresh_token")), "invalid_grant", 400)
	h.resolves(second.text("access_token"), false)
	h.refuses(h.refresh(second.text("refresh_token")), "invalid_grant", 400)
}

func TestChecklist_5_5_GraceRepeatsTheAnswer(t *testing.T) {
	h := newHarness(t)
	first := h.tokens()
	second := h.refresh(first.text("refresh_token"))
	h.now = h.now.Add(10 * time.Second)
	again := h.refresh(first.text("refresh_token"))
	if again.text("access_token") != second.text("access_token") || again.text("refresh_token") != second.text("refresh_token") ||
		again.body["expires_in"] != 3590.0 {
		t.Fatalf("again: %d %v", again.status, again.body)
	}
	third := h.refresh(second.text("refresh_token"))
	h.refuses(h.refresh(first.text("refresh_token")), "invalid_grant", 400) // its successor is in use: not the same client's retry
	h.resolves(third.text("access_token"), false)
}

func TestChecklist_5_5_ConcurrentRefreshesAgree(t *testing.T) {
	storetest.Each(t, concurrentRefreshesAgree)
}

func concurrentRefreshesAgree(t *testing.T, s store.Store) {
	h := newHarnessOn(t, s)
	token := h.tokens().text("refresh_token")
	answers := make([]answer, 8)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() { answers[i] = h.refresh(token) })
	}
	group.Wait()
	if i := slices.IndexFunc(answers, func(a answer) bool {
		return a.status != http.StatusOK || a.text("access_token") != answers[0].text("access_token")
	}); i >= 0 {
		t.Fatalf("answer %d differs: %d %v", i, answers[i].status, answers[i].body)
	}
	h.resolves(answers[0].text("access_token"), true)
}
