package consent

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"

	"tributary/config/program"
)

// The copy is in the language that was signed, and shows where and how.
func TestPDFInTheLanguageThatWasSigned(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	d := study.Document("results", "es", at)
	drawing, err := ReadDrawing(`[[[10,10],[60,90],[110,20],[160,90]],[[300,100],[350,80],[400,120],[450,100]]]`)
	if err != nil {
		t.Fatal(err)
	}
	plain := signature{PrintedName: "José Peña", Patient: "p1", At: at, Study: study.Title.In("es"), Providers: []string{"Clínica Norte"}, Present: "Centro Sur"}
	signed := plain
	signed.Drawn = drawing
	without, err := render(d, plain)
	if err != nil {
		t.Fatal(err)
	}
	with, err := render(d, signed)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(run(t, with, "pdftotext", "-layout", "FILE", "-")), " ")
	for _, want := range []string{"Nombre: José Peña", "Significado de esta firma: He leído", "2026-05-04 12:00:00 UTC", "Clínica Norte", "Firmado en Centro Sur", d.Hash()} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF does not say %q: %s", want, text)
		}
	}
	if len(with) <= len(without) {
		t.Error("the signature by hand is not in the PDF")
	}
}

// Names stand as they are written, and what cannot be shown is told of; the seal holds.
func TestNamesInThePDF(t *testing.T) {
	study, err := program.Default()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)
	d := study.Document(program.ResearchConsent, "en", at)
	for name, shown := range map[string]string{
		"Łukasz Żółw": "Łukasz Żółw", "Jiří Dvořák": "Jiří Dvořák", "Γιώργος Παπάς": "Γιώργος Παπάς", "Наталія Ґалаґан": "Наталія Ґалаґан", "Nguyễn Thị Phượng": "Nguyễn Thị Phượng", "李 Wei": "□ Wei",
	} {
		pdf, err := render(d, signature{PrintedName: name, Patient: "p1", At: at, Study: study.Title.In("en")})
		if err != nil {
			t.Fatal(err)
		}
		pdf, err = testSigner(t).SealPDF(pdf, at)
		if err != nil {
			t.Fatal(err)
		}
		if len(pdf) > 150<<10 {
			t.Errorf("%q: it takes %d bytes", name, len(pdf))
		}
		text := strings.Join(strings.Fields(run(t, pdf, "pdftotext", "-layout", "FILE", "-")), " ")
		if !strings.Contains(text, "Printed name: "+shown+" ") || strings.Contains(text, "stand as a box") != (name != shown) {
			t.Errorf("%q does not stand in it as %q: %s", name, shown, text)
		}
		if out := run(t, pdf, "pdfsig", "-nocert", "FILE"); !strings.Contains(out, "Signature is Valid") || !strings.Contains(out, "Total document signed") {
			t.Errorf("%q: pdfsig says %s", name, out)
		}
		if out := run(t, pdf, "pdfinfo", "FILE"); !strings.Contains(out, name) {
			t.Errorf("%q is not in its properties: %s", name, out)
		}
	}
}

// Every language of the labels says the same things.
func TestLabelsAreComplete(t *testing.T) {
	for key, english := range labels["en"] {
		for lang, words := range labels {
			if words[key] == "" || strings.Count(words[key], "%s") != strings.Count(english, "%s") {
				t.Errorf("%s in %s: %q", key, lang, words[key])
			}
		}
	}
}

// Baseline level B-B: the certificate is among what is signed, the time is not.
func TestSignedAttributes(t *testing.T) {
	der, err := testSigner(t).detached([]byte("content"))
	if err != nil {
		t.Fatal(err)
	}
	message, err := pkcs7.Parse(der)
	if err != nil {
		t.Fatal(err)
	}
	var certificate []byte
	if err := message.UnmarshalSignedAttribute(oidCertificateV2, new(signingCertificate)); err != nil {
		t.Errorf("the certificate is not signed: %v", err)
	}
	if err := message.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &certificate); err == nil {
		t.Error("a signing time stands in the message, not in the PDF alone")
	}
	if !bytes.Contains(der, message.Certificates[0].Raw) {
		t.Error("the certificate is not in the message")
	}
}
