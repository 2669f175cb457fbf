// Package session remembers for a short time: browser sessions, and the state
// that OAuth needs between two requests (codes, assertions already seen).
//
// Store is the contract, kept by internal/session/redis and
// internal/session/embedded, which internal/session/sessiontest holds to the
// same behaviour. Sessions are browser sessions over a Store: the cookie holds
// a random token and nothing else, the store holds the data under the token's
// hash.
//
// A session's life: New at login, Load at each request (which puts off the
// idle timeout), Save when its data change, Renew at each change of privilege
// (a token that an attacker planted before must not become a privileged one),
// Destroy at logout, DestroyAll when an account's password or second factor
// changes or is withdrawn. It ends by itself after the idle timeout without a
// request, and after the absolute timeout in any case.
//
// The sessions of an account are listed (List), so that their owner can end one
// (End), and a provider those that began with it (EndOrigin): in every process, as
// what a session is stands in the store alone.
//
// Neighbours: internal/portal and the sandbox's login use Sessions,
// internal/authserver uses Store. internal/app chooses the implementation.
package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"tributary/internal/errs"
)

// New begins a session and sets its cookie. CreatedAt, Generation and ID are set
// here.
func (s *Sessions) New(ctx context.Context, w http.ResponseWriter, d Data) error {
	generation, err := s.generation(ctx, d.Account)
	if err != nil {
		return err
	}
	d.Generation, d.CreatedAt, d.ID, d.Slot = generation, s.o.Now().UTC(), "", 0
	token, err := NewToken(s.o.Rand)
	if err != nil {
		return err
	}
	if d.Account != "" {
		if err := s.enlist(ctx, &d, Key("session", token)); err != nil {
			return err
		}
	}
	return s.begin(ctx, w, d, token)
}

// Load returns the session of the request, if it has one that is alive, and
// puts off its idle timeout.
func (s *Sessions) Load(r *http.Request) (Data, bool, error) {
	key, ok := s.key(r)
	if !ok {
		return Data{}, false, nil
	}
	d, ok, err := s.read(r.Context(), key)
	if err != nil || !ok {
		return Data{}, false, err
	}
	if err := s.noteUse(r.Context(), d); err != nil {
		return Data{}, false, err
	}
	return d, true, s.store.Touch(r.Context(), key, s.ttl(d))
}

// Save keeps changed data of the request's session. A session that ended
// meanwhile stays ended; that is not an error. For a change of account, role or
// second factor use Renew.
func (s *Sessions) Save(r *http.Request, d Data) error {
	key, ok := s.key(r)
	if !ok || s.ttl(d) <= 0 {
		return nil
	}
	value, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("session: encode: %w", err)
	}
	_, err = s.store.Replace(r.Context(), key, value, s.ttl(d))
	return err
}

// Renew gives the session, with changed data, a new token, and ends the old
// one. It is to be called at each change of privilege. The absolute timeout
// goes on, unless the account changed: then the session is a new one.
func (s *Sessions) Renew(w http.ResponseWriter, r *http.Request, d Data) error {
	ctx := r.Context()
	old, err := s.take(r)
	if err != nil {
		return err
	}
	if old.Account != d.Account || old.CreatedAt.IsZero() {
		if old.ID != "" {
			err = s.store.Delete(ctx, slot(old.Account, old.Slot))
		}
		if err != nil {
			return err
		}
		return s.New(ctx, w, d)
	}
	d.CreatedAt, d.Generation, d.ID, d.Slot = old.CreatedAt, old.Generation, old.ID, old.Slot
	return s.goOn(ctx, w, d)
}

// goOn gives a session a new token, under which it stands in the list. One that
// was ended there meanwhile stays ended.
func (s *Sessions) goOn(ctx context.Context, w http.ResponseWriter, d Data) error {
	token, err := NewToken(s.o.Rand)
	if err != nil {
		return err
	}
	if err := s.begin(ctx, w, d, token); err != nil || d.Account == "" {
		return err
	}
	key := Key("session", token)
	value, err := json.Marshal(Entry{ID: d.ID, Device: d.Device, Since: d.CreatedAt, Origin: d.Origin, Key: key})
	if err != nil {
		return err
	}
	listed, err := s.store.Replace(ctx, slot(d.Account, d.Slot), value, d.CreatedAt.Add(s.o.Absolute+time.Minute).Sub(s.o.Now()))
	if err == nil && !listed {
		err = errs.New(errs.Unauthorized, "this sign-in was ended; please sign in again")
	}
	if err != nil {
		return errors.Join(err, s.store.Delete(ctx, key))
	}
	return nil
}

// Destroy ends the request's session and clears its cookie.
func (s *Sessions) Destroy(w http.ResponseWriter, r *http.Request) error {
	cookie := s.cookie("")
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
	d, err := s.take(r)
	if err != nil || d.ID == "" {
		return err
	}
	return s.store.Delete(r.Context(), slot(d.Account, d.Slot))
}

// DestroyAll ends every session of an account, also one that is just beginning
// in another process.
func (s *Sessions) DestroyAll(ctx context.Context, account string) error {
	generation, err := NewToken(s.o.Rand)
	if err != nil {
		return err
	}
	// Sessions of an earlier generation are over by then of their own accord.
	return s.store.Put(ctx, Key("generation", account), []byte(generation), s.o.Absolute+time.Minute)
}

func (s *Sessions) begin(ctx context.Context, w http.ResponseWriter, d Data, token string) error {
	value, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("session: encode: %w", err)
	}
	if err := s.store.Put(ctx, Key("session", token), value, s.ttl(d)); err != nil {
		return err
	}
	http.SetCookie(w, s.cookie(token))
	return nil
}

func (s *Sessions) read(ctx context.Context, key string) (Data, bool, error) {
	value, ok, err := s.store.Get(ctx, key)
	if err != nil || !ok {
		return Data{}, false, err
	}
	var d Data
	if err := json.Unmarshal(value, &d); err != nil {
		return Data{}, false, fmt.Errorf("session: decode: %w", err)
	}
	generation, err := s.generation(ctx, d.Account)
	if err != nil || generation != d.Generation || s.ttl(d) <= 0 {
		return Data{}, false, err
	}
	return d, true, nil
}

// take ends the request's session and returns what it held, the zero Data if
// there was none alive.
func (s *Sessions) take(r *http.Request) (Data, error) {
	key, ok := s.key(r)
	if !ok {
		return Data{}, nil
	}
	d, _, err := s.read(r.Context(), key)
	if err != nil {
		return Data{}, err
	}
	return d, s.store.Delete(r.Context(), key)
}

func (s *Sessions) generation(ctx context.Context, account string) (string, error) {
	if account == "" {
		return "", nil
	}
	value, _, err := s.store.Get(ctx, Key("generation", account))
	return string(value), err
}

// ttl is how long the session may live from now on: the idle timeout, or what
// is left of the absolute one.
func (s *Sessions) ttl(d Data) time.Duration {
	return min(s.o.Idle, d.CreatedAt.Add(s.o.Absolute).Sub(s.o.Now()))
}

func (s *Sessions) key(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(s.o.Name)
	if err != nil || cookie.Value == "" {
		return "", false
	}
	return Key("session", cookie.Value), true
}

func (s *Sessions) cookie(token string) *http.Cookie {
	return &http.Cookie{
		Name: s.o.Name, Value: token, Path: "/", HttpOnly: true,
		Secure: s.o.Secure, SameSite: http.SameSiteLaxMode,
	}
}
