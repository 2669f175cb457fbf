package authserver

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// userinfo says who signed in, to a token with the scope openid (OpenID Connect
// Core, section 5.3): the same subject and fhirUser as the id_token.
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "GET or POST", http.StatusMethodNotAllowed)
		return
	}
	bearer := bearerOf(r)
	if bearer == "" {
		challenge(w, http.StatusUnauthorized, `Bearer realm="userinfo"`)
		return
	}
	a, err := s.live(r.Context(), bearer)
	scopes := strings.Fields(a.Token.Scopes)
	switch {
	case err == nil && a.Token.Kind == store.TokenAccess && !slices.Contains(scopes, scopeOpenID):
		challenge(w, http.StatusForbidden, `Bearer error="insufficient_scope", scope="openid"`)
		return
	case errors.Is(err, errNotLive) || err == nil && a.Token.Kind != store.TokenAccess:
		challenge(w, http.StatusUnauthorized, `Bearer error="invalid_token"`)
		return
	case err != nil:
		op.WriteError(w, r, internal(err), nil)
		return
	}
	claims := map[string]string{"sub": a.Grant.Subject}
	if a.Grant.FHIRUser != "" && slices.Contains(scopes, scopeUser) {
		claims["fhirUser"] = s.c.FHIRBase + "/" + a.Grant.FHIRUser
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(claims); err != nil {
		s.c.Log.WarnContext(r.Context(), "userinfo: write", "error", err)
	}
}

// challenge refuses a token (RFC 6750, section 3).
func challenge(w http.ResponseWriter, status int, how string) {
	w.Header().Set("WWW-Authenticate", how)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	code := "invalid_token"
	if status == http.StatusForbidden {
		code = "insufficient_scope"
	}
	_, _ = w.Write([]byte(`{"error":"` + code + `"}`)) // whoever asked has gone
}
