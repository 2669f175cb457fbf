package consent

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/config/program"
)

// signature is what the human-readable copy tells of a signature: who, when and
// what it means (21 CFR 11.50).
type signature struct {
	PrintedName string
	Patient     string
	At          time.Time
	Study       string
}

const (
	margin, line    = 22.0, 5.6 // millimetres
	bodySize, small = 11.0, 9.0 // points
)

// page is a PDF in the making. The core fonts know Latin-1 only: the exact name
// stands in the metadata as well.
type page struct {
	*fpdf.Fpdf
	latin func(string) string
}

// render sets the document as it was shown, with the signature below it.
func render(d *program.Document, s signature) ([]byte, error) {
	p := page{Fpdf: fpdf.New("P", "mm", "A4", "")}
	p.latin = p.UnicodeTranslatorFromDescriptor("")
	p.prepare(d, s)
	p.heading(d.Title, 17)
	p.paragraph(fmt.Sprintf("%s. Version %s (%s). Approved by the %s on %s.", s.Study, d.Version, d.Language, d.Board, d.ApprovedOn), small)
	p.list("Key information", d.Key)
	for _, m := range d.Modules {
		p.section(m.Title, m.Text)
	}
	for _, t := range d.Text {
		p.section(t.Heading, t.Paragraphs)
	}
	p.sign(d, s)
	var out bytes.Buffer
	err := p.Output(&out)
	return out.Bytes(), err
}

func (p page) prepare(d *program.Document, s signature) {
	p.SetCatalogSort(true)
	p.SetCreationDate(s.At)
	p.SetModificationDate(s.At)
	p.SetLang(d.Language)
	p.SetTitle(d.Title, true)
	p.SetAuthor(s.PrintedName, true)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, margin)
	p.AliasNbPages("")
	p.SetFooterFunc(func() {
		p.SetY(-15)
		p.SetFont("Helvetica", "", 8)
		p.CellFormat(0, 6, p.latin(fmt.Sprintf("%s, version %s - page %d of {nb}", d.Title, d.Version, p.PageNo())), "", 0, "C", false, 0, "")
	})
	p.AddPage()
}

func (p page) heading(text string, size float64) {
	p.Ln(2)
	p.SetFont("Helvetica", "B", size)
	p.MultiCell(0, size*0.5, p.latin(text), "", "L", false)
	p.Ln(1)
}

func (p page) paragraph(text string, size float64) {
	p.SetFont("Helvetica", "", size)
	p.MultiCell(0, line, p.latin(text), "", "L", false)
	p.Ln(1.5)
}

func (p page) list(heading string, items []string) {
	p.heading(heading, 13)
	for _, item := range items {
		p.paragraph("• "+item, bodySize)
	}
}

func (p page) section(heading string, paragraphs []string) {
	p.heading(heading, 13)
	for _, text := range paragraphs {
		p.paragraph(text, bodySize)
	}
}

func (p page) sign(d *program.Document, s signature) {
	p.heading("Signature", 13)
	p.paragraph("Meaning of this signature: "+d.Statement, bodySize)
	p.paragraph("Printed name: "+s.PrintedName, bodySize)
	p.paragraph("Signed electronically: "+s.At.UTC().Format("2 January 2006, 15:04:05 MST"), bodySize)
	p.paragraph("Participant: "+s.Patient, small)
	p.paragraph("Document content (SHA-256): "+d.Hash(), small)
}
