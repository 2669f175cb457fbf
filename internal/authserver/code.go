package authserver

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/session"
)

// issuedCode is what an authorization code is bound to.
type issuedCode struct {
	Grant       string `json:"grant"`
	Client      string `json:"client"`
	RedirectURI string `json:"redirect"`
	Challenge   string `json:"challenge"`
}

// CodeExchange gives tokens for a code (RFC 6749, section 4.1.3; RFC 7636,
// section 4.6). A code that is presented wrongly is used up, and its grant with
// it: somebody else has it.
func (p protocol) CodeExchange(ctx context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	code, err := p.takeCode(ctx, r.Data.Code)
	if err != nil {
		return nil, internal(err)
	}
	if code.Client != r.Client.GetID() || code.RedirectURI != r.Data.RedirectURI ||
		!verifies(r.Data.CodeVerifier, code.Challenge) {
		if err := p.revoke(ctx, code.Grant, "a code was presented wrongly"); err != nil {
			return nil, internal(err)
		}
		return nil, invalidGrant("the code, its redirect_uri or its code_verifier is not right")
	}
	grant, err := p.tables.Grant(ctx, p.c.Store, code.Grant)
	if err != nil {
		return nil, internal(err)
	}
	ttl, err := p.accessTTL(ctx, grant)
	if err != nil {
		return nil, internal(err)
	}
	scopes := strings.Fields(grant.Scopes)
	return p.respond(ctx, issue{
		grant: grant, scopes: scopes, ttl: ttl, refresh: refreshes(scopes), nonce: grant.Nonce,
	})
}

// takeCode uses a code up. One that was used before revokes what came of it
// (RFC 6749, section 4.1.2).
func (s *Server) takeCode(ctx context.Context, text string) (issuedCode, error) {
	value, found, err := s.c.Sessions.Take(ctx, session.Key("code", text))
	if err != nil {
		return issuedCode{}, err
	}
	if !found {
		return issuedCode{}, s.replayedCode(ctx, text)
	}
	var code issuedCode
	return code, json.Unmarshal(value, &code)
}

func (s *Server) replayedCode(ctx context.Context, text string) error {
	grant, found, err := s.c.Sessions.Get(ctx, session.Key("spent", text))
	if err == nil && found {
		err = s.revoke(ctx, string(grant), "a code was used again")
	}
	if err != nil {
		return err
	}
	return invalidGrant("the code is unknown, used or too old")
}

// verifies checks an S256 code verifier of 43 to 128 unreserved characters.
func verifies(verifier, challenge string) bool {
	if len(verifier) < 43 || len(verifier) > 128 || strings.Trim(verifier, unreserved) != "" {
		return false
	}
	sum := sha256.Sum256([]byte(verifier))
	return subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) == 1
}

const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
