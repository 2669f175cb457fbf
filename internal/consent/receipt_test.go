package consent_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/program/programtest"
)

// receipts are the texts of the receipts of somebody, as pdftotext reads them.
func receipts(t *testing.T, w *programtest.World, patient string) (texts []string) {
	t.Helper()
	for _, r := range found(t, w, "DocumentReference", about(patient)) {
		var body struct {
			Type    struct{ Coding []struct{ Code string } }
			Content []struct{ Attachment struct{ URL string } }
		}
		ok(t, json.Unmarshal(r.Body, &body))
		if body.Type.Coding[0].Code != "withdrawal-receipt" {
			continue
		}
		pdf, err := w.Consent.PDF(ctx, strings.TrimPrefix(body.Content[0].Attachment.URL, "Binary/"))
		ok(t, err)
		texts = append(texts, readable(t, pdf))
	}
	return texts
}

func readable(t *testing.T, pdf []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed")
	}
	file := filepath.Join(t.TempDir(), "receipt.pdf")
	ok(t, os.WriteFile(file, pdf, 0o600))
	out, err := exec.Command("pdftotext", "-layout", file, "-").Output()
	ok(t, err)
	return strings.Join(strings.Fields(string(out)), " ")
}

// Who leaves has it in writing, in the language in which they left.
func TestALeaveHasItsReceipt(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		if n := len(receipts(t, w, patient)); n != 0 {
			t.Fatalf("%d receipts before", n)
		}
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name, Language: "es"}))
		got := receipts(t, w, patient)
		if len(got) != 1 {
			t.Fatalf("%d receipts", len(got))
		}
		for _, want := range []string{"Comprobante", w.Study.Title.In("es"), "Nombre: " + name, "No se puede deshacer", "2026-", patient} {
			if !strings.Contains(got[0], want) {
				t.Errorf("the receipt does not say %q: %s", want, got[0])
			}
		}
	})
}

// What staff recorded bears nobody's signature, and is in the language of what the
// person signed.
func TestAReceiptOfWhatStaffRecorded(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		ok(t, w.Consent.WithdrawOnEvidence(ctx, access.Actor{Role: access.StudyStaff, ID: "sam"}, patient, "A letter of 2 March asks for it."))
		got := receipts(t, w, patient)
		if len(got) != 1 || !strings.Contains(got[0], "Recorded by the staff of the study") || strings.Contains(got[0], name) || strings.Contains(got[0], "letter of 2 March") {
			t.Errorf("receipts: %q", got)
		}
	})
}

// Who has left cannot leave again, and gets nothing more.
func TestOneReceiptOfALeave(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World, patient string) {
		w.Agree(t, patient, consent.Research, name)
		g := consent.Signing{Patient: patient, Name: name, PrintedName: name}
		ok(t, w.Consent.Withdraw(ctx, g))
		if err := w.Consent.Withdraw(ctx, g); err == nil {
			t.Error("somebody left twice")
		}
		if n := len(receipts(t, w, patient)); n != 1 {
			t.Errorf("%d receipts", n)
		}
	})
}
