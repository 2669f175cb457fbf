package consent

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"tributary/config/program"
)

func testSigner(t *testing.T) Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "The study"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return Signer{certificate, key}
}

func sealed(t *testing.T) []byte {
	t.Helper()
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	pdf, err := render(study.Document("research", "en", at), signature{PrintedName: "Zoë Łukasz", Patient: "p1", At: at, Study: study.Title.String()})
	if err != nil {
		t.Fatal(err)
	}
	out, err := testSigner(t).SealPDF(pdf, at)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run gives the PDF to a tool of poppler-utils; FILE among args stands for it.
func run(t *testing.T, pdf []byte, name string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s (poppler-utils) is not installed", name)
	}
	file := filepath.Join(t.TempDir(), "signed.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	args[slices.Index(args, "FILE")] = file
	out, err := exec.Command(path, args...).CombinedOutput()
	if err != nil {
		t.Logf("%s: %v", name, err) // pdfsig says by its status that a signature is not valid
	}
	return string(out)
}

func TestPDFSignatureIsValidForAReader(t *testing.T) {
	out := run(t, sealed(t), "pdfsig", "-nocert", "FILE")
	if !strings.Contains(out, "Signature is Valid") || !strings.Contains(out, "Total document signed") || !strings.Contains(out, "ETSI.CAdES.detached") {
		t.Errorf("pdfsig says:\n%s", out)
	}
}

func TestChangedPDFIsNoticed(t *testing.T) {
	pdf := sealed(t)
	at := bytes.Index(pdf, []byte("/Producer"))
	pdf[at+1]++
	if out := run(t, pdf, "pdfsig", "-nocert", "FILE"); strings.Contains(out, "Signature is Valid") {
		t.Errorf("a changed byte went unnoticed:\n%s", out)
	}
}

func TestPDFTellsTheSignature(t *testing.T) {
	out := run(t, sealed(t), "pdftotext", "-layout", "FILE", "-")
	for _, want := range []string{"Printed name: Zoë Łukasz", "2026-05-04 12:00:00 UTC", "Meaning of this signature", "Key information", "Leaving the study"} {
		if !strings.Contains(out, want) {
			t.Errorf("the PDF does not say %q", want)
		}
	}
}

func TestDetachedSignatureBindsTheContent(t *testing.T) {
	content := []byte(`{"resourceType":"Consent"}`)
	der, err := testSigner(t).detached(content)
	if err != nil {
		t.Fatal(err)
	}
	check := func(content []byte) error {
		message, err := pkcs7.Parse(der)
		if err != nil {
			t.Fatal(err)
		}
		message.Content = content
		return message.Verify()
	}
	if err := check(content); err != nil {
		t.Errorf("the signature does not verify: %v", err)
	}
	if check(append(content, ' ')) == nil {
		t.Error("it verifies for other content")
	}
}
