package session_test

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"tributary/internal/errs"
	"tributary/internal/session"
	"tributary/internal/session/embedded"
)

// begin signs in and returns the browser's cookies.
func (s *site) begin(d session.Data) map[string]string {
	s.t.Helper()
	s.cookies = map[string]string{}
	s.do(func(w http.ResponseWriter, r *http.Request) error { return s.New(r.Context(), w, d) })
	return maps.Clone(s.cookies)
}

func (s *site) list(account string) []session.Entry {
	s.t.Helper()
	all, err := s.List(s.t.Context(), account)
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

func TestList(t *testing.T) {
	s := newSite(t, session.Options{})
	began := s.now
	phone := s.begin(session.Data{Account: "a", Device: "Phone"})
	s.begin(session.Data{Account: "b"})
	s.now = s.now.Add(5 * time.Minute)
	s.begin(session.Data{Account: "a", Device: "Laptop"})
	s.cookies = phone
	s.alive(true, "the phone")
	all := s.list("a")
	if len(all) != 2 || all[0].Device != "Phone" || !all[0].Since.Equal(began) || !all[0].Used.Equal(s.now) || all[1].Device != "Laptop" {
		t.Fatalf("%+v", all)
	}
	if err := s.End(t.Context(), "b", all[0].ID); err != nil {
		t.Fatal(err)
	}
	s.alive(true, "ended by another account")
	if err := s.End(t.Context(), "a", all[0].ID); err != nil {
		t.Fatal(err)
	}
	s.alive(false, "ended from the list")
	if left := s.list("a"); len(left) != 1 || left[0].Device != "Laptop" {
		t.Errorf("left %+v", left)
	}
}

func TestListFollowsRenewal(t *testing.T) {
	s := newSite(t, session.Options{})
	s.begin(session.Data{Account: "a"})
	d, _ := s.load()
	before := s.list("a")
	s.renew(d)
	after := s.list("a")
	if len(after) != 1 || after[0].ID != before[0].ID {
		t.Fatalf("%+v, then %+v", before, after)
	}
	if err := s.End(t.Context(), "a", after[0].ID); err != nil {
		t.Fatal(err)
	}
	s.alive(false, "renewed, then ended")
	s.begin(session.Data{Account: "a"})
	s.do(s.Destroy)
	if all := s.list("a"); len(all) != 0 {
		t.Errorf("after signing out: %+v", all)
	}
	s.begin(session.Data{Account: "a"})
	if err := s.DestroyAll(t.Context(), "a"); err != nil || len(s.list("a")) != 0 {
		t.Errorf("after the end of all: %v", err)
	}
}

// TestEndedIsNotRenewed: of a renewal and an end at the same moment the end holds.
func TestEndedIsNotRenewed(t *testing.T) {
	s := newSite(t, session.Options{})
	store, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	h := &hooked{Store: store}
	s.Sessions = session.NewSessions(h, session.Options{})
	kept := s.begin(session.Data{Account: "a"})
	d, _ := s.load()
	h.before = func() {
		if err := s.End(t.Context(), "a", d.ID); err != nil {
			t.Error(err)
		}
	}
	s.do(func(w http.ResponseWriter, r *http.Request) error {
		if err := s.Renew(w, r, d); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("renewed: %v", err)
		}
		return nil
	})
	s.alive(false, "with the new token")
	s.cookies = kept
	s.alive(false, "with the old token")
}

// hooked does something before a value is put.
type hooked struct {
	session.Store
	before func()
}

func (h *hooked) Put(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if do := h.before; do != nil {
		h.before = nil
		do()
	}
	return h.Store.Put(ctx, key, value, ttl)
}

func TestTheOldestMakesRoom(t *testing.T) {
	s := newSite(t, session.Options{})
	first := s.begin(session.Data{Account: "a"})
	var second map[string]string
	for i := range 20 {
		s.now = s.now.Add(time.Second)
		if last := s.begin(session.Data{Account: "a"}); i == 0 {
			second = last
		}
	}
	if n := len(s.list("a")); n != 20 {
		t.Errorf("%d sessions", n)
	}
	s.cookies = first
	s.alive(false, "the oldest of 21")
	s.cookies = second
	s.alive(true, "the second")
	if err := s.DestroyAll(t.Context(), "a"); err != nil {
		t.Fatal(err)
	}
	s.begin(session.Data{Account: "a"})
	if n := len(s.list("a")); n != 1 {
		t.Errorf("%d sessions after the end of all", n)
	}
}

func TestEndOrigin(t *testing.T) {
	s := newSite(t, session.Options{})
	one := s.begin(session.Data{Account: "a", Origin: "op/1"})
	again := s.begin(session.Data{Account: "a", Origin: "op/1"})
	other := s.begin(session.Data{Account: "a", Origin: "op/2"})
	for origin, whose := range map[string]string{"op/1": "a", "": "", "op/3": ""} {
		if account, err := s.EndOrigin(t.Context(), origin); err != nil || account != whose {
			t.Fatalf("%s was %q's, %v", origin, account, err)
		}
	}
	for _, c := range []struct {
		cookies map[string]string
		want    bool
	}{{one, false}, {again, false}, {other, true}} {
		s.cookies = c.cookies
		s.alive(c.want, "after the provider ended op/1")
	}
}

func TestEndFrom(t *testing.T) {
	s := newSite(t, session.Options{})
	one, none := s.begin(session.Data{Account: "a", Origin: "op/"}), s.begin(session.Data{Account: "a"})
	other := s.begin(session.Data{Account: "b", Origin: "op/1"})
	if err := s.EndFrom(t.Context(), "a", "op/"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		cookies map[string]string
		want    bool
	}{{one, false}, {none, true}, {other, true}} {
		s.cookies = c.cookies
		s.alive(c.want, "after all of a's that began at op ended")
	}
}
