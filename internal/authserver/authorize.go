package authserver

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/session"
)

// request is an authorization request while it waits for its person.
type request struct {
	Client      string   `json:"client"`
	RedirectURI string   `json:"redirect"`
	State       string   `json:"state"`
	Nonce       string   `json:"nonce,omitempty"`
	Challenge   string   `json:"challenge"`
	Scopes      []string `json:"scopes"` // what the client may have of what it asked for
	Launch      *Launch  `json:"launch,omitempty"`

	Asked     time.Time `json:"asked"`
	Prompt    []string  `json:"prompt,omitempty"`
	MaxAge    *uint     `json:"maxAge,omitempty"` // seconds since the person signed in
	LoginHint string    `json:"hint,omitempty"`
}

// asks reports whether the request has a value of prompt (OpenID Connect Core,
// section 3.1.2.1).
func (r *request) asks(prompt string) bool { return slices.Contains(r.Prompt, prompt) }

// maxAge bounds max_age: a session is shorter by far.
const maxAge = 10 * 365 * 24 * 60 * 60

// signInSince is the time at which, or after which, the person must have signed
// in (OpenID Connect Core, section 3.1.2.1: prompt=login, max_age); zero where
// any time will do. Times of sign-in are compared by the second.
func (r *request) signInSince() time.Time {
	switch asked := r.Asked.Truncate(time.Second); {
	case r.asks(oidc.PromptLogin) || r.asks(oidc.PromptSelectAccount):
		return asked
	case r.MaxAge != nil:
		return asked.Add(-time.Duration(min(*r.MaxAge, maxAge)) * time.Second)
	}
	return time.Time{}
}

// VerifyAuthRequest finds the client. What fails here, or at the redirect URI,
// is shown and never redirected (RFC 6749, section 4.1.2.1).
func (p protocol) VerifyAuthRequest(ctx context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	c, err := p.client(ctx, r.Data.ClientID)
	if errors.Is(err, errUnknownClient) {
		return nil, invalidRequest("client_id is not registered")
	}
	if err != nil {
		return nil, internal(err)
	}
	return &op.ClientRequest[oidc.AuthRequest]{Request: r, Client: c}, nil
}

// Authorize checks the request (SMART App Launch 2.2, section 2.0.9), keeps it
// and sends the browser to the login page. Its refusals are redirected, with
// the state.
func (p protocol) Authorize(ctx context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	c, ok := r.Client.(client)
	if !ok {
		return nil, internal(errors.New("authserver: a foreign client"))
	}
	for _, check := range authorizeChecks {
		if err := check(p.Server, r); err != nil {
			return nil, err
		}
	}
	req := request{
		Client: c.ID, RedirectURI: r.Data.RedirectURI, State: r.Data.State, Nonce: r.Data.Nonce,
		Challenge: r.Data.CodeChallenge, Scopes: p.grantable(flowOf(c.Client), r.Data.Scopes, c.Scopes),
		Asked: p.now(), Prompt: r.Data.Prompt, MaxAge: r.Data.MaxAge, LoginHint: r.Data.LoginHint,
	}
	if len(req.Scopes) == 0 {
		return nil, invalidScope("none of the scopes is known here and allowed for this client")
	}
	if err := p.takeLaunch(ctx, r.Form.Get("launch"), &req); err != nil {
		return nil, err
	}
	id, err := p.remember(ctx, req)
	if err != nil {
		return nil, internal(err)
	}
	return op.NewRedirect(p.c.LoginURL(id)), nil
}

// maxState bounds what is kept for a request that nobody may ever answer.
const maxState = 4096

// authorizeChecks are the rules for an authorization request beyond client,
// redirect URI and response type, each with its own refusal.
var authorizeChecks = []func(*Server, *op.ClientRequest[oidc.AuthRequest]) error{
	func(_ *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if r.Data.RequestParam != "" || r.Form.Has("request_uri") {
			return oidc.ErrRequestNotSupported().WithDescription("send the parameters themselves")
		}
		return nil
	},
	func(_ *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if r.Data.ResponseMode != "" && r.Data.ResponseMode != oidc.ResponseModeQuery {
			r.Data.ResponseMode = oidc.ResponseModeQuery // the refusal goes that way too
			return invalidRequest("response_mode must be query")
		}
		return nil
	},
	func(_ *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if r.Data.State == "" || len(r.Data.State) > maxState || len(r.Data.Nonce) > maxState || len(r.Data.LoginHint) > maxState {
			return invalidRequest("state is required; it, nonce and login_hint have a limit of 4096 bytes")
		}
		return nil
	},
	func(s *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if !s.isAudience(r.Form) {
			return invalidRequest("aud must be the base URL of this FHIR server")
		}
		return nil
	},
	func(_ *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if r.Data.CodeChallengeMethod != oidc.CodeChallengeMethodS256 || !isChallenge(r.Data.CodeChallenge) {
			return invalidRequest("PKCE is required: code_challenge with code_challenge_method=S256")
		}
		return nil
	},
	func(_ *Server, r *op.ClientRequest[oidc.AuthRequest]) error {
		if slices.Contains(r.Data.Prompt, oidc.PromptNone) {
			return oidc.ErrInteractionRequired().WithDescription("a person must approve")
		}
		return nil
	},
}

// isAudience compares aud, or its synonym resource, with our FHIR base; one
// trailing slash more does not matter (SMART App Launch 2.2, section 2.0.9).
func (s *Server) isAudience(form url.Values) bool {
	aud := form.Get("aud")
	if aud == "" {
		aud = form.Get("resource")
	}
	return strings.TrimSuffix(aud, "/") == s.c.FHIRBase
}

// isChallenge: an S256 challenge is the base64url of 32 bytes (RFC 7636,
// section 4.2).
func isChallenge(text string) bool {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && len(b) == 32
}

// remember keeps a request under a new random id.
func (s *Server) remember(ctx context.Context, req request) (string, error) {
	id, err := session.NewToken(s.c.Rand)
	if err != nil {
		return "", err
	}
	value, err := json.Marshal(req)
	if err != nil {
		return "", err
	}
	return id, s.c.Sessions.Put(ctx, session.Key("authorize", id), value, requestTTL)
}
