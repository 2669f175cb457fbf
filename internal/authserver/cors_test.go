package authserver_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestChecklist_11_RegisteredOriginsReadTheTokenEndpoint(t *testing.T) {
	h := newHarness(t)
	for origin, want := range map[string]string{
		"https://app.example.org": "https://app.example.org", "http://127.0.0.1:9999": "http://127.0.0.1:9999",
		"https://evil.example.org": "", "http://app.example.org": "", "null": "", "": "",
	} {
		r, err := http.NewRequest(http.MethodPost, h.base+"/auth/token", strings.NewReader(exchange("x").Encode()))
		h.must(err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", origin)
		a := h.send(r)
		if got := a.header.Get("Access-Control-Allow-Origin"); got != want || a.header.Get("Vary") != "Origin" || a.status != 400 {
			t.Errorf("%q: allowed %q, status %d", origin, got, a.status)
		}
		if a.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%q: cookies are let through", origin)
		}
	}
}

func TestChecklist_11_Preflight(t *testing.T) {
	h := newHarness(t)
	for origin, status := range map[string]int{"https://app.example.org": 204, "https://evil.example.org": 405} {
		r, err := http.NewRequest(http.MethodOptions, h.base+"/auth/token", nil)
		h.must(err)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		response, err := h.http.Do(r)
		h.must(err)
		defer response.Body.Close()
		allowed := strings.Contains(response.Header.Get("Access-Control-Allow-Headers"), "Authorization")
		if response.StatusCode != status || allowed != (status == 204) {
			t.Errorf("%s: %d %v", origin, response.StatusCode, response.Header)
		}
	}
}

func TestChecklist_11_DisabledAppsOriginIsOut(t *testing.T) {
	h := newHarness(t)
	for _, client := range []string{"public", "symmetric", "asymmetric"} {
		h.disable(client)
	}
	r := httpGet(t, h.base+"/auth/token")
	r.Header.Set("Origin", "https://app.example.org")
	response, err := h.http.Do(r)
	h.must(err)
	defer response.Body.Close()
	if response.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("let in")
	}
}
