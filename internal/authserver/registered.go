package authserver

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"

	"tributary/internal/access"
	"tributary/internal/session"
	"tributary/internal/store"
)

// own is the client whose registration access token the request brings (RFC 7592,
// section 2). The token is the client's id, sealed: nobody else can make it.
func (s *Server) own(ctx context.Context, r *http.Request) (client, error) {
	id := r.PathValue("client")
	sealed, err := base64.RawURLEncoding.DecodeString(bearerOf(r))
	if err != nil || len(sealed) == 0 {
		return client{}, errNotRegistered
	}
	plain, err := s.c.Sealer.Open(sealed, []byte(registrationUse))
	if err != nil || string(plain) != id {
		return client{}, errNotRegistered
	}
	c, err := s.client(ctx, id)
	if errors.Is(err, errUnknownClient) {
		return client{}, errNotRegistered
	}
	return c, err
}

const registrationUse = "client registration"

func (s *Server) readClient(ctx context.Context, r *http.Request) (*registered, error) {
	c, err := s.own(ctx, r)
	if err != nil {
		return nil, err
	}
	says, err := s.saidBy(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	return s.registered(c.Client, says, "")
}

// setClient replaces what an app is registered with (RFC 7592, section 2.2). What
// people granted it ends where it asks for other scopes.
func (s *Server) setClient(ctx context.Context, r *http.Request) (*registered, error) {
	old, err := s.own(ctx, r)
	if err != nil {
		return nil, err
	}
	m, err := readMetadata(r.Body)
	if err != nil {
		return nil, err
	}
	if m.ClientID != old.ID || m.Statement != "" ||
		m.ClientSecret != "" && subtle.ConstantTimeCompare([]byte(hashSecret(m.ClientSecret)), []byte(old.SecretHash)) != 1 {
		return nil, invalidMetadata("client_id must be the client's own, client_secret its present one; a software_statement is for registering")
	}
	c, err := s.described(m, store.Client{ID: old.ID, CreatedAt: old.CreatedAt})
	if err != nil {
		return nil, err
	}
	return s.replaceClient(ctx, old.Client, c, m.said)
}

func (s *Server) replaceClient(ctx context.Context, old, c store.Client, says said) (*registered, error) {
	if err := errors.Join(checkClient(c)...); err != nil {
		return nil, faultOf(c, err)
	}
	secret := ""
	switch {
	case c.SecretHash == MakeSecret && old.SecretHash != "":
		c.SecretHash = old.SecretHash
	case c.SecretHash == MakeSecret:
		var err error
		if secret, err = session.NewToken(s.c.Rand); err != nil {
			return nil, err
		}
		c.SecretHash = hashSecret(secret)
	}
	err := s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if c.Scopes != old.Scopes {
			if err := s.tables.RevokeClient(ctx, tx, c.ID, s.now()); err != nil {
				return err
			}
		}
		if err := s.tables.SetClient(ctx, tx, c); err != nil {
			return err
		}
		if err := says.keep(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, clientEvent(c, access.Update))
	})
	s.known.forget()
	if err != nil {
		return nil, err
	}
	return s.registered(c, says, secret)
}

// endClient ends an app and all that people granted it (RFC 7592, section 2.3).
func (s *Server) endClient(ctx context.Context, r *http.Request) (*registered, error) {
	c, err := s.own(ctx, r)
	if err != nil {
		return nil, err
	}
	defer s.known.forget()
	return nil, s.c.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
		if err := s.tables.RevokeClient(ctx, tx, c.ID, s.now()); err != nil {
			return err
		}
		if err := s.tables.SetClientDisabled(ctx, tx, c.ID, true); err != nil {
			return err
		}
		return s.record(ctx, tx, clientEvent(c.Client, access.Delete))
	})
}
