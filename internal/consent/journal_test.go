package consent_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tributary/internal/consent"
	"tributary/internal/program/programtest"
)

// A database that was restored from before a withdrawal learns of it from the
// journal, and a journal that lacks one learns of it from the database.
func TestARestoredDatabaseBringsNobodyBack(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		journal := filepath.Join(t.TempDir(), "withdrawals.jsonl")
		sharing(t, w, patient)
		ok(t, os.WriteFile(journal, []byte(`{"patient":"`+patient+`","decision":"withdraw","at":"2026-03-02T09:00:00Z"}`+"\n"+`{"patient":"joined-later","decision":"withdraw","at":"2026-03-02T09:00:00Z"}`+"\ncut o"), 0o600))
		w.Consent.Journal = journal
		n, err := w.Consent.Replay(ctx)
		if err != nil || n != 1 || !now(t, w, patient).Withdrawn || statuses(t, w, patient)["research"] != "inactive" {
			t.Errorf("%d have left again (%v): %+v", n, err, now(t, w, patient))
		}
		if n, err := w.Consent.Replay(ctx); err != nil || n != 0 {
			t.Errorf("once more: %d (%v)", n, err)
		}
		ok(t, os.Remove(journal))
		if n, err := w.Consent.Replay(ctx); err != nil || n != 0 {
			t.Errorf("without a journal: %d (%v)", n, err)
		}
		kept, err := os.ReadFile(journal)
		if err != nil || strings.Count(string(kept), "\n") != 1 || !strings.Contains(string(kept), patient) {
			t.Errorf("the journal is %q (%v)", kept, err)
		}
	})
}

func TestLeavingIsPutIntoTheJournal(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Consent.Journal = filepath.Join(t.TempDir(), "withdrawals.jsonl")
		sharing(t, w, patient)
		ok(t, w.Consent.RevokeEHR(ctx, patient))
		if _, err := os.Stat(w.Consent.Journal); err == nil {
			t.Error("somebody who has not left is in the journal")
		}
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
		kept, err := os.ReadFile(w.Consent.Journal)
		if err != nil || !strings.Contains(string(kept), patient) || strings.Contains(string(kept), "Ada") {
			t.Errorf("the journal is %q (%v)", kept, err)
		}
	})
}
