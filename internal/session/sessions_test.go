package session_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/internal/session"
	"tributary/internal/session/embedded"
)

// site is a site with sessions, its clock and one browser's cookies.
type site struct {
	*session.Sessions
	t       *testing.T
	now     time.Time
	cookies map[string]string
}

func newSite(t *testing.T, o session.Options) *site {
	s := &site{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), cookies: map[string]string{}}
	o.Now = func() time.Time { return s.now }
	store, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), o.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	s.Sessions = session.NewSessions(store, o)
	return s
}

// do runs f as one request of the browser.
func (s *site) do(f func(w http.ResponseWriter, r *http.Request) error) *http.Response {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for name, value := range s.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	if err := f(w, r); err != nil {
		s.t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		s.cookies[c.Name] = c.Value
	}
	return w.Result()
}

func (s *site) login(account string) *http.Response {
	return s.do(func(w http.ResponseWriter, r *http.Request) error {
		return s.New(r.Context(), w, session.Data{Account: account})
	})
}

func (s *site) load() (d session.Data, ok bool) {
	s.do(func(_ http.ResponseWriter, r *http.Request) (err error) {
		d, ok, err = s.Load(r)
		return err
	})
	return d, ok
}

func (s *site) alive(want bool, when string) {
	s.t.Helper()
	if _, ok := s.load(); ok != want {
		s.t.Fatalf("%s: session alive = %v, want %v", when, ok, want)
	}
}

func TestCookie(t *testing.T) {
	for name, o := range map[string]session.Options{"tributary": {}, "__Host-x": {Name: "x", Secure: true}} {
		s := newSite(t, o)
		cookie := s.login("ada@example.org").Cookies()[0]
		if cookie.Name != name || !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode ||
			cookie.Path != "/" || cookie.Domain != "" || cookie.Secure != o.Secure {
			t.Errorf("cookie %+v", cookie)
		}
		if len(cookie.Value) != 43 || strings.Contains(cookie.Value, "ada") {
			t.Errorf("cookie value is not a bare token of 256 bits: %d characters", len(cookie.Value))
		}
	}
}

func TestLifecycle(t *testing.T) {
	s := newSite(t, session.Options{})
	s.alive(false, "before login")
	s.login("a")
	d, ok := s.load()
	if !ok || d.Account != "a" || !d.CreatedAt.Equal(s.now) {
		t.Fatalf("loaded %+v, %v", d, ok)
	}
	stale := maps.Clone(s.cookies)
	response := s.do(s.Destroy)
	if response.Cookies()[0].MaxAge >= 0 {
		t.Error("cookie not cleared")
	}
	s.cookies = stale
	s.alive(false, "after logout, with the old cookie")
}

func TestSaveKeepsValuesButDoesNotRevive(t *testing.T) {
	s := newSite(t, session.Options{})
	s.login("a")
	d, _ := s.load()
	d.Values = map[string]string{"step": "2"}
	save := func(_ http.ResponseWriter, r *http.Request) error { return s.Save(r, d) }
	s.do(save)
	if got, _ := s.load(); got.Values["step"] != "2" {
		t.Fatalf("values %v", got.Values)
	}
	cookie := maps.Clone(s.cookies)
	s.do(s.Destroy)
	s.cookies = cookie
	s.do(save)
	s.alive(false, "saved after logout")
}

func TestTimeouts(t *testing.T) {
	s := newSite(t, session.Options{Idle: 10 * time.Minute, Absolute: time.Hour})
	s.login("a")
	for range 6 {
		s.alive(true, "active")
		s.now = s.now.Add(9 * time.Minute)
	}
	s.alive(true, "at 54 minutes, always active")
	s.now = s.now.Add(7 * time.Minute)
	s.alive(false, "after the absolute timeout")
	s.login("a")
	s.now = s.now.Add(11 * time.Minute)
	s.alive(false, "after the idle timeout")
}

func TestRenewEndsTheOldToken(t *testing.T) {
	s := newSite(t, session.Options{Absolute: time.Hour})
	s.login("")
	planted := maps.Clone(s.cookies)
	created := s.now
	s.now = s.now.Add(time.Minute)
	s.renew(session.Data{Account: "a"})
	d, ok := s.load()
	if !ok || d.Account != "a" || d.CreatedAt.Equal(created) {
		t.Fatalf("a login is a new session: %+v, %v", d, ok)
	}
	began := d.CreatedAt
	s.now = s.now.Add(time.Minute)
	d.SecondFactorAt = s.now
	s.renew(d)
	if d, ok = s.load(); !ok || !d.SecondFactorAt.Equal(s.now) || !d.CreatedAt.Equal(began) {
		t.Fatalf("a second factor goes on with the session: %+v, %v", d, ok)
	}
	s.cookies = planted
	s.alive(false, "with the token from before login")
}

func (s *site) renew(d session.Data) {
	s.do(func(w http.ResponseWriter, r *http.Request) error { return s.Renew(w, r, d) })
}

func TestDestroyAll(t *testing.T) {
	s := newSite(t, session.Options{})
	s.login("b")
	other := maps.Clone(s.cookies)
	s.login("a")
	first := maps.Clone(s.cookies)
	s.login("a")
	if err := s.DestroyAll(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	s.alive(false, "second session of the account")
	s.cookies = first
	s.alive(false, "first session of the account")
	s.renew(session.Data{Account: "a"})
	s.alive(true, "after logging in again")
	s.cookies = other
	s.alive(true, "another account's")
}
