package authserver

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/op"

	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/store"
)

// pathRegister is where apps register themselves, and below it each one's own.
const pathRegister = "/auth/register"

const maxRegistration = 64 << 10 // bytes

// Registration lets apps register themselves (RFC 7591), with an initial access
// token or a statement of an issuer that is trusted. In its zero value nobody does.
// Only apps that act for people: a backend service is entered by the operator.
type Registration struct {
	Token   string            // initial access token; "" for none
	Issuers []StatementIssuer // of software statements
	Scopes  string            // the most that a registered app can be granted
}

// StatementIssuer vouches for software (RFC 7591, section 2.3).
type StatementIssuer struct {
	Issuer  string // claim iss
	KeysURL string // its key set
}

func (r *Registration) on() bool { return r.Token != "" || len(r.Issuers) > 0 }

// RegistrationEndpoint is where apps register themselves; "" where they do not.
func (s *Server) RegistrationEndpoint() string {
	if !s.c.Registration.on() {
		return ""
	}
	return s.c.Issuer + pathRegister
}

// registrationError is a refusal (RFC 7591, section 3.2.2).
type registrationError struct{ code, text string }

func (e *registrationError) Error() string { return e.code + ": " + e.text }

func invalidMetadata(text string) error {
	return &registrationError{"invalid_client_metadata", text}
}

// errNotRegistered answers whoever may not register, or not this client.
var errNotRegistered = errors.New("authserver: no right to register")

// registration serves the endpoint; each kind of request answers what it registered.
func (s *Server) registration(status int, serve func(context.Context, *http.Request) (*registered, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRegistration)
		answer, err := serve(r.Context(), r)
		var refusal *registrationError
		switch {
		case errors.Is(err, errNotRegistered):
			challenge(w, http.StatusUnauthorized, `Bearer error="invalid_token"`)
		case errors.As(err, &refusal):
			s.json(w, http.StatusBadRequest, map[string]string{"error": refusal.code, "error_description": refusal.text})
		case err != nil:
			op.WriteError(w, r, internal(err), nil)
		case answer == nil:
			w.WriteHeader(http.StatusNoContent)
		default:
			s.json(w, status, answer)
		}
	})
}

func (s *Server) json(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.c.Log.Warn("registration: write", "error", err)
	}
}

// addClient registers an app (RFC 7591, section 3).
func (s *Server) addClient(ctx context.Context, r *http.Request) (*registered, error) {
	m, err := readMetadata(r.Body)
	if err != nil {
		return nil, err
	}
	if err := s.mayRegister(ctx, r, &m); err != nil {
		return nil, err
	}
	id, err := session.NewToken(s.c.Rand)
	if err != nil {
		return nil, err
	}
	c, err := s.described(m, store.Client{ID: "app-" + id, CreatedAt: s.now()})
	if err != nil {
		return nil, err
	}
	var secret string
	err = s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if secret, err = Register(ctx, tx, c); err != nil {
			return err
		}
		if err := m.keep(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, clientEvent(c, access.Create))
	})
	if errs.Is(err, errs.Invalid) {
		return nil, faultOf(c, err)
	}
	if err != nil {
		return nil, err
	}
	if c.SecretHash != "" {
		c.SecretHash = hashSecret(secret)
	}
	return s.registered(c, m.said, secret)
}

// mayRegister wants the initial access token or a statement; a statement's values
// go before those of the request (RFC 7591, section 2.3).
func (s *Server) mayRegister(ctx context.Context, r *http.Request, m *metadata) error {
	if m.Statement != "" {
		return s.stated(ctx, m)
	}
	token := bearerOf(r)
	if s.c.Registration.Token == "" || token == "" ||
		subtle.ConstantTimeCompare([]byte(hashSecret(token)), []byte(hashSecret(s.c.Registration.Token))) != 1 {
		return errNotRegistered
	}
	return nil
}

func bearerOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return token
}

func clientEvent(c store.Client, action access.Interaction) event {
	return event{actor: access.Actor{Client: c.ID}, what: "client", action: action, outcome: audit.Success,
		details: url.Values{"id": {c.ID}, "purpose": {c.Purpose}, "scope": {c.Scopes}}}
}

func readMetadata(body io.Reader) (m metadata, err error) {
	if err := json.NewDecoder(body).Decode(&m); err != nil {
		return m, invalidMetadata("the body must be a JSON object of client metadata, of 64 KB at most")
	}
	return m, nil
}
