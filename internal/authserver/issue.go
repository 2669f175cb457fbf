package authserver

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/session"
	"tributary/internal/store"
)

// tokenHash is how a token is known after it was issued.
type tokenHash [sha256.Size]byte

func hashToken(token string) tokenHash { return sha256.Sum256([]byte(token)) }

// issue says which tokens to issue.
type issue struct {
	grant   store.OAuthGrant
	scopes  []string // of the access token
	ttl     time.Duration
	refresh bool
	nonce   string

	refreshed bool                                  // for a refresh token
	before    func(context.Context, store.Tx) error // what is recorded with them, first; may be nil
}

// tokenResponse is the answer of the token endpoint (RFC 6749, section 5.1;
// SMART App Launch 2.2, section 2.0.13).
type tokenResponse struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"` // seconds
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token,omitempty"`
	IDToken      string `json:"id_token,omitempty"`
	launched
}

// launched is the launch context, in the answers about a token (SMART App
// Launch 2.2, section 3.0.4).
type launched struct {
	Patient     string        `json:"patient,omitempty"`
	Encounter   string        `json:"encounter,omitempty"`
	NeedBanner  *bool         `json:"need_patient_banner,omitempty"`
	Intent      string        `json:"intent,omitempty"`
	StyleURL    string        `json:"smart_style_url,omitempty"`
	FHIRContext []ContextItem `json:"fhirContext,omitempty"`
}

// respond issues tokens and answers with them.
func (s *Server) respond(ctx context.Context, i issue) (*op.Response, error) {
	answer, err := s.prepare(ctx, i)
	if err == nil {
		err = s.keep(ctx, i, answer)
	}
	if errors.Is(err, store.ErrStale) {
		return nil, invalidGrant("the authorization has been revoked")
	}
	if err != nil {
		return nil, internal(err)
	}
	return op.NewResponse(answer), nil
}

// prepare makes the answer; its tokens are worth nothing until they are kept.
func (s *Server) prepare(ctx context.Context, i issue) (tokenResponse, error) {
	answer := tokenResponse{
		TokenType: "Bearer", ExpiresIn: int64(i.ttl / time.Second), Scope: answerScope(i),
	}
	answer.launched = s.launched(i.grant, i.scopes)
	var err error
	if answer.AccessToken, err = session.NewToken(s.c.Rand); err != nil {
		return tokenResponse{}, err
	}
	if i.refresh {
		if answer.RefreshToken, err = session.NewToken(s.c.Rand); err != nil {
			return tokenResponse{}, err
		}
	}
	if slices.Contains(i.scopes, scopeOpenID) {
		answer.IDToken, err = s.idToken(ctx, i, answer.AccessToken)
	}
	return answer, err
}

// launched is the launch context of a grant, also for the answer to a refresh.
func (s *Server) launched(g store.OAuthGrant, scopes []string) (l launched) {
	launch, opened := launchOf(g)
	if g.Patient != "" && (needsPatient(scopes) || opened) {
		needed := !launch.HasBanner
		l.Patient, l.NeedBanner = g.Patient, &needed
	}
	l.Encounter, l.Intent, l.FHIRContext = launch.Encounter, launch.Intent, launch.FHIRContext
	if opened {
		l.StyleURL = s.style.url
	}
	return l
}

// keep records the tokens of an answer; ErrStale when the grant was revoked.
func (s *Server) keep(ctx context.Context, i issue, answer tokenResponse) error {
	return s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if i.before != nil {
			if err := i.before(ctx, tx); err != nil {
				return err
			}
		}
		if err := s.addTokens(ctx, tx, i, answer); err != nil {
			return err
		}
		return s.record(ctx, tx, issued(i))
	})
}

func (s *Server) addTokens(ctx context.Context, db store.DB, i issue, answer tokenResponse) error {
	now := s.now()
	access := hashToken(answer.AccessToken)
	err := s.tables.AddToken(ctx, db, store.OAuthToken{
		Hash: access[:], Kind: store.TokenAccess, Grant: i.grant.ID, Scopes: answer.Scope,
		IssuedAt: now, ExpiresAt: now.Add(i.ttl),
	})
	if err != nil || answer.RefreshToken == "" {
		return err
	}
	refresh := hashToken(answer.RefreshToken)
	return s.tables.AddToken(ctx, db, store.OAuthToken{
		Hash: refresh[:], Kind: store.TokenRefresh, Grant: i.grant.ID, Scopes: i.grant.Scopes,
		IssuedAt: now, ExpiresAt: now.Add(refreshLifetime(i.grant)),
	})
}

func answerScope(i issue) string { return strings.Join(i.scopes, " ") }

func (s *Server) backendTTL() time.Duration { return min(s.c.BackendTTL(), maxBackendTTL) }

// accessTTL is how long an access token of the grant is good.
func (s *Server) accessTTL(ctx context.Context, g store.OAuthGrant) (time.Duration, error) {
	return s.lasting(ctx, g, min(s.c.AccessTTL(), maxAccessTTL))
}

// refreshes reports whether what was granted comes with a refresh token.
func refreshes(scopes []string) bool {
	return slices.Contains(scopes, scopeOffline) || slices.Contains(scopes, scopeOnline)
}

func refreshLifetime(g store.OAuthGrant) time.Duration {
	if endsWithSession(g) {
		return onlineTTL
	}
	return refreshTTL
}
