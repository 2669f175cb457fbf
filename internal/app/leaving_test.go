package app

import (
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
