package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"tributary/config"
	"tributary/internal/account"
	"tributary/internal/authserver"
	"tributary/internal/consent"
	"tributary/internal/session"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// service builds a service on fresh data, which it does not start.
func service(t *testing.T, dir string) *Service {
	t.Helper()
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewService(t.Context(), c, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	return s
}

func TestOnlyTheOwnerReadsTheData(t *testing.T) {
	dir := t.TempDir() // which others may read
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	service(t, dir)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", d.Name(), info.Mode())
		}
		if d.IsDir() && err == nil {
			err = filepath.SkipDir
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// staffSession signs a member of staff in, and answers whether they still are.
func staffSession(t *testing.T, s *Service, login string) (alive func() bool) {
	t.Helper()
	sessions, w := s.browserSessions(staffCookie), httptest.NewRecorder()
	if err := sessions.New(t.Context(), w, session.Data{Account: login, Role: "center"}); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodGet, "/center", nil)
	r.AddCookie(w.Result().Cookies()[0])
	return func() bool {
		_, ok, err := sessions.Load(r)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
}

func TestANewStaffPasswordEndsSessions(t *testing.T) {
	s := service(t, t.TempDir())
	kim, lee := staffSession(t, s, "kim"), staffSession(t, s, "lee")
	if _, err := s.AddStaff(t.Context(), "kim", "center", s.Sites()[0]); err != nil {
		t.Fatal(err)
	}
	if kim() || !lee() {
		t.Errorf("after kim's new password: kim %v, lee %v", kim(), lee())
	}
}

// member signs Ada up, who takes part.
func member(t *testing.T, s *Service) store.Account {
	t.Helper()
	return memberAs(t, s, account.Person{Given: "Ada", Family: "Example", Email: "ada@example.org", Born: "1980-12-31", Sex: "female", State: "MA"})
}

// memberAs signs somebody up who takes part.
func memberAs(t *testing.T, s *Service, person account.Person) store.Account {
	t.Helper()
	ctx := t.Context()
	id, err := s.accounts.SignUp(ctx, person)
	if err != nil {
		t.Fatal(err)
	}
	mails, err := tables.Mails{}.Latest(ctx, s.store, person.Email, 1)
	if err != nil || len(mails) != 1 {
		t.Fatal(mails, err)
	}
	a, err := s.accounts.Confirm(ctx, id, regexp.MustCompile(`\d{6}`).FindString(mails[0].Text))
	if err != nil {
		t.Fatal(err)
	}
	understand(t, s, a.Patient)
	g := signing(a)
	g.Name, g.PrintedName = person.Name(), person.Name()
	if err := s.consent.Sign(ctx, g); err != nil {
		t.Fatal(err)
	}
	return a
}

// understand goes through the text of the research consent.
func understand(t *testing.T, s *Service, patient string) {
	t.Helper()
	ctx, answers := t.Context(), map[string]string{}
	document := s.consent.Document(consent.Research, "en")
	for _, q := range document.Questions {
		answers[q.ID] = q.Answer
	}
	for _, m := range document.Modules {
		if err := s.consent.View(ctx, patient, consent.Research, "en", m.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.consent.Answer(ctx, patient, consent.Research, "en", answers); err != nil {
		t.Fatal(err)
	}
}

func signing(a store.Account) consent.Signing {
	return consent.Signing{Patient: a.Patient, Kind: consent.Research, Name: "Ada Example", PrintedName: "Ada Example", Language: "en"}
}

func TestLeavingEndsWhatAppsMayDo(t *testing.T) {
	s := service(t, t.TempDir())
	ctx, a := t.Context(), member(t, s)
	for _, subject := range []string{a.ID, "somebody else"} {
		_, err := authserver.Register(ctx, s.store, store.Client{ID: "app", Name: "App", Purpose: store.PurposeApp,
			RedirectURIs: []string{"https://app.example/"}, Scopes: "patient/*.rs", CreatedAt: s.Now()})
		if err != nil && subject == a.ID {
			t.Fatal(err)
		}
		grant := store.OAuthGrant{ID: subject, Client: "app", Subject: subject, Role: "participant", Patient: a.Patient, Scopes: "patient/*.rs", CreatedAt: s.Now(), AuthTime: s.Now()}
		if err := (tables.OAuth{}).AddGrant(ctx, s.store, grant); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.consent.Withdraw(ctx, signing(a)); err != nil {
		t.Fatal(err)
	}
	for subject, want := range map[string]int{a.ID: 0, "somebody else": 1} {
		if left, err := s.auth.Authorizations(ctx, subject); err != nil || len(left) != want {
			t.Errorf("%d authorizations of %s are left (%v)", len(left), subject, err)
		}
	}
}

func TestUnconfirmedSignUpsAreForgotten(t *testing.T) {
	dir := t.TempDir()
	c, err := config.Load("", []string{"TRIBUTARY_DATA_DIR=" + dir})
	if err != nil {
		t.Fatal(err)
	}
	late := time.Now()
	s, err := NewService(t.Context(), c, Options{Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return late }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop(context.Background()) })
	id, err := s.accounts.SignUp(t.Context(), account.Person{Given: "Ada", Family: "Example", Email: "ada@example.org", Born: "1980-12-31", Sex: "female", State: "MA"})
	if err != nil {
		t.Fatal(err)
	}
	late = late.Add(s.config.Retention.Unconfirmed + time.Minute)
	s.tidyOnce(t.Context())
	if _, err := s.accounts.Get(t.Context(), id); err == nil {
		t.Error("somebody who never confirmed the address is kept for good")
	}
}
