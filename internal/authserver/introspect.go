package authserver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/store"
)

// scopeIntrospect lets a resource server ask about the tokens of others.
const scopeIntrospect = "introspect"

// introspection is the answer about a token (RFC 7662, section 2.2; SMART App
// Launch 2.2, "Token Introspection"). Nothing but active is said about one
// that is not.
type introspection struct {
	Active   bool   `json:"active"`
	Scope    string `json:"scope,omitempty"`
	ClientID string `json:"client_id,omitempty"`
	Expires  int64  `json:"exp,omitempty"`
	IssuedAt int64  `json:"iat,omitempty"`
	Type     string `json:"token_type,omitempty"`
	Issuer   string `json:"iss,omitempty"`
	Subject  string `json:"sub,omitempty"`
	FHIRUser string `json:"fhirUser,omitempty"`
	launched
}

// introspect serves the introspection endpoint. zitadel/oidc would not take a
// bearer token as authorization, as SMART asks.
func (s *Server) introspect(w http.ResponseWriter, r *http.Request) {
	asker, err := s.asker(r)
	if err != nil {
		op.WriteError(w, r, err, nil)
		return
	}
	token := r.PostForm.Get("token")
	if token == "" {
		op.WriteError(w, r, invalidRequest("token is required"), nil)
		return
	}
	answer, err := s.about(r.Context(), token, asker)
	if err != nil {
		op.WriteError(w, r, internal(err), nil)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		s.c.Log.WarnContext(r.Context(), "introspection: write", "error", err)
	}
}

// asker is the client that asks: by its own authentication, or by an access
// token that it holds. A public client's name alone is no authentication.
func (s *Server) asker(r *http.Request) (store.Client, error) {
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		a, err := s.live(r.Context(), bearer)
		if err == nil && a.Token.Kind == store.TokenAccess {
			return a.Client, nil
		}
		return store.Client{}, invalidClient(err)
	}
	c, err := s.authenticate(r.Context(), formCredentials(r))
	if err != nil {
		return store.Client{}, err
	}
	if !c.asymmetric() && c.SecretHash == "" {
		return store.Client{}, invalidClient(errRefused)
	}
	return c.Client, nil
}

func formCredentials(r *http.Request) credentials {
	f := r.PostForm
	cred := credentials{
		id: f.Get("client_id"), secret: f.Get("client_secret"), inBody: f.Has("client_secret"),
		assertion: f.Get("client_assertion"), assertionType: f.Get("client_assertion_type"),
	}
	if id, secret, ok := r.BasicAuth(); ok {
		id, idErr := url.QueryUnescape(id)
		secret, secretErr := url.QueryUnescape(secret)
		if idErr == nil && secretErr == nil && (cred.id == "" || cred.id == id) {
			cred.id, cred.secret = id, secret
		}
	}
	return cred
}

// about answers for a client's own tokens, and for all to a resource server.
func (s *Server) about(ctx context.Context, token string, asker store.Client) (introspection, error) {
	a, err := s.live(ctx, token)
	if errors.Is(err, errNotLive) {
		return introspection{}, nil
	}
	if err != nil {
		return introspection{}, err
	}
	if a.Client.ID != asker.ID && !slices.Contains(strings.Fields(asker.Scopes), scopeIntrospect) {
		return introspection{}, nil
	}
	return s.describe(a), nil
}

func (s *Server) describe(a store.OAuthAccess) introspection {
	scopes := strings.Fields(a.Token.Scopes)
	answer := introspection{
		Active: true, Scope: a.Token.Scopes, ClientID: a.Client.ID, Type: "Bearer",
		Expires: a.Token.ExpiresAt.Unix(), IssuedAt: a.Token.IssuedAt.Unix(),
		Issuer: s.c.Issuer, Subject: a.Grant.Subject,
	}
	answer.launched = s.launched(a.Grant, scopes)
	if a.Grant.FHIRUser != "" && slices.Contains(scopes, scopeUser) {
		answer.FHIRUser = s.c.FHIRBase + "/" + a.Grant.FHIRUser
	}
	return answer
}
