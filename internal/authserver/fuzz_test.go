package authserver_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzToken: whatever comes, the token endpoint neither fails on our side nor
// gives a token.
func FuzzToken(f *testing.F) {
	h := newHarness(f)
	f.Add("/auth/token", exchange("x").Encode(), "")
	f.Add("/auth/token", "grant_type=refresh_token&refresh_token=x&client_id=public", "Basic Og==")
	f.Add("/auth/token", backend("eyJhbGciOiJFUzM4NCIsImtpZCI6ImVjIn0.e30.AAAA").Encode(), "")
	f.Add("/auth/token", backend("eyJhbGciOiJub25lIn0.eyJpc3MiOiJ3YXJlaG91c2UifQ.").Encode(), "Bearer x")
	f.Add("/auth/token", "grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer&assertion=x", "Basic %%%")
	f.Add("/auth/token", "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&client_id=public&scope=%ff", "")
	f.Add("/auth/revoke", "token=x&client_id=public", "")
	f.Add("/auth/introspect", "token=x", "Bearer ")
	f.Add("/auth/authorize", h.authorization("public").Encode()+"&max_age=-1&ui_locales=%00", "")
	f.Fuzz(func(t *testing.T, path, body, authorization string) {
		if !strings.HasPrefix(path, "/auth/") || strings.ContainsAny(path, " \x00?#%") {
			t.Skip()
		}
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.URL.Path = path
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		h.Handler().ServeHTTP(w, r)
		if w.Code >= 500 || strings.Contains(w.Body.String(), `"access_token"`) {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	})
}
