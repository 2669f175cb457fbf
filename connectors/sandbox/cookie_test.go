package sandbox

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

// waiting is a backend with one request that waits, and no patients.
type waiting struct{}

func (waiting) Launch(context.Context, string) (Launch, error) { return Launch{Client: "app"}, nil }
func (waiting) Approve(context.Context, string, string, string, []string) (string, error) {
	return "/", nil
}
func (waiting) Deny(context.Context, string) (string, error)        { return "/", nil }
func (waiting) Patients(context.Context, string) ([]Patient, error) { return nil, nil }

func origin(t *testing.T) http.Handler {
	t.Helper()
	h, err := New(Config{Name: "Harbor", FHIR: http.NotFoundHandler(), Auth: http.NotFoundHandler(), Backend: waiting{}, Faults: NewFaults(), Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func signIn(t *testing.T, h http.Handler) *http.Cookie {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader(url.Values{"id": {"1"}, "user": {"Ada"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if cookies := w.Result().Cookies(); len(cookies) == 1 {
		return cookies[0]
	}
	t.Fatalf("no cookie: %d", w.Code)
	return nil
}

// Who is signed in at one provider is so nowhere else.
func TestASignInIsOfOneProvider(t *testing.T) {
	one, other := origin(t), origin(t)
	forged := signIn(t, one)
	forged.Value = "QWRh." + strings.Repeat("A", 43)
	for name, c := range map[string]struct {
		at     http.Handler
		cookie *http.Cookie
		status int
	}{
		"its own": {one, signIn(t, one), http.StatusOK},
		"another": {other, signIn(t, one), http.StatusSeeOther},
		"forged":  {one, forged, http.StatusSeeOther},
	} {
		r, w := httptest.NewRequest(http.MethodGet, "/pick?id=1", nil), httptest.NewRecorder()
		r.AddCookie(c.cookie)
		if c.at.ServeHTTP(w, r); w.Code != c.status {
			t.Errorf("%s: %d, want %d", name, w.Code, c.status)
		}
	}
}

func TestNoKeyNoServer(t *testing.T) {
	failing := errors.New("no randomness")
	if _, err := New(Config{Rand: iotest.ErrReader(failing)}); !errors.Is(err, failing) {
		t.Error(err)
	}
}
