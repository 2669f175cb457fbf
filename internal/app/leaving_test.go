package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tributary/internal/store/tables"
)

// Who signs gets the copy by mail, in the language that was signed; the subject says
// nothing of the person.
func TestASignedCopyIsMailed(t *testing.T) {
	s := service(t, t.TempDir())
	ctx, a := t.Context(), member(t, s)
	if err := s.queue.Start(ctx); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for {
		mails, err := tables.Mails{}.Latest(ctx, s.store, "ada@example.org", 5)
		if err != nil {
			t.Fatal(err)
		}
		if mails[0].Subject == "Your signed copy" {
			if !strings.Contains(mails[0].Text, "signed-document.pdf") || strings.Contains(mails[0].Text, a.Patient) {
				t.Errorf("the mail says: %s", mails[0].Text)
			}
			return
		}
		select {
		case <-deadline:
			t.Fatal("no copy was mailed")
		case <-tick.C:
		}
	}
}

// The session of who has died ends, and none begins; who has left sees what is kept.
func TestNobodySignsInAsTheDead(t *testing.T) {
	s := service(t, t.TempDir())
	ctx, a := t.Context(), member(t, s)
	over := func(want bool, when string) {
		t.Helper()
		if got, err := s.ended(ctx, a.Patient); err != nil || got != want {
			t.Errorf("%s: %v, %v", when, got, err)
		}
	}
	over(false, "before")
	if err := s.consent.ReportDeath(ctx, pat, a.Patient, "a call"); err != nil {
		t.Fatal(err)
	}
	over(false, "reported, not decided")
	if err := s.consent.Deceased(ctx, pat, a.Patient, time.Time{}, "a certificate"); err != nil {
		t.Fatal(err)
	}
	over(true, "approved")
	if err := s.consent.DenyDeath(ctx, pat, a.Patient, "a namesake"); err != nil {
		t.Fatal(err)
	}
	over(false, "put right")
	if err := s.consent.Withdraw(ctx, signing(a)); err != nil {
		t.Fatal(err)
	}
	over(false, "left")
	if err := s.consent.Erase(ctx, pat, a.Patient, "a request"); err != nil {
		t.Fatal(err)
	}
	over(true, "erased")
}

// A database that was restored from a backup learns, before the first request, who
// has left since.
func TestARestoredBackupBringsNobodyBack(t *testing.T) {
	dir := t.TempDir()
	s := service(t, dir)
	ctx, a := t.Context(), member(t, s)
	if err := s.replayWithdrawals(ctx); err != nil {
		t.Fatal(err)
	}
	line := `{"patient":"` + a.Patient + `","decision":"withdraw","at":"2026-01-01T00:00:00Z"}` + "\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.config.KeyFile), "withdrawals.jsonl"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s.config.Listen = "127.0.0.1:0"
	if err := s.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if now, err := s.consent.Current(ctx, a.Patient); err != nil || !now.Withdrawn {
		t.Errorf("back in the study: %+v (%v)", now, err)
	}
}
