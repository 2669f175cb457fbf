package authserver

import (
	"net/http"

	"github.com/zitadel/oidc/v3/pkg/oidc"

	"tributary/internal/store"
)

// nameless lets public clients refresh without saying who they are, as npm
// fhirclient does: only confidential clients have to (RFC 6749, section 6). A refresh
// token is bound to its client anyway, so that who brings it is taken to be that one,
// unless it is one that must authenticate.
func (s *Server) nameless(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PostForm.Get("grant_type") == string(oidc.GrantTypeRefreshToken) && unsigned(r) {
			hash := hashToken(r.PostForm.Get("refresh_token"))
			a, err := s.tables.Access(r.Context(), s.c.Store, hash[:])
			if err == nil && a.Token.Kind == store.TokenRefresh && (client{a.Client}).AuthMethod() == oidc.AuthMethodNone {
				r.Form.Set("client_id", a.Client.ID)
				r.PostForm.Set("client_id", a.Client.ID)
			}
		}
		next.ServeHTTP(w, r)
	})
}

// unsigned reports whether a request says nothing of its client.
func unsigned(r *http.Request) bool {
	return r.Header.Get("Authorization") == "" && !r.PostForm.Has("client_id") && !r.PostForm.Has("client_assertion") &&
		!r.PostForm.Has("client_secret")
}
