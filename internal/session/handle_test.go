package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"tributary/internal/session"
)

func TestHandleLivesWithItsSession(t *testing.T) {
	s, w := newSite(t, session.Options{}), httptest.NewRecorder()
	if err := s.New(t.Context(), w, session.Data{Account: "ada"}); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.AddCookie(w.Result().Cookies()[0])
	handle := s.Handle(r)
	if lives, err := s.Lives(t.Context(), handle); err != nil || !lives {
		t.Fatalf("a session that has begun: %v, %v", lives, err)
	}
	forged := httptest.NewRequest(http.MethodGet, "/", nil)
	forged.AddCookie(&http.Cookie{Name: w.Result().Cookies()[0].Name, Value: handle})
	if _, ok, _ := s.Load(forged); ok {
		t.Error("the handle is the session")
	}
	if err := s.DestroyAll(t.Context(), "ada"); err != nil {
		t.Fatal(err)
	}
	if lives, err := s.Lives(t.Context(), handle); err != nil || lives {
		t.Errorf("after sign-out everywhere: %v, %v", lives, err)
	}
	if handle := s.Handle(httptest.NewRequest(http.MethodGet, "/", nil)); handle != "" {
		t.Errorf("no session has the handle %q", handle)
	}
}
