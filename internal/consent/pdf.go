package consent

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"tributary/config/program"
	"tributary/internal/typeface"
)

// signature is what the human-readable copy tells of a signature: who, when and
// what it means (21 CFR 11.50).
type signature struct {
	PrintedName string // "" where staff recorded what the participant decided
	Represented bool   // by a representative of the participant
	Patient     string
	At          time.Time
	Study       string
	Drawn       *Drawing
	Providers   []string // names of those that an authorization is limited to
	Present     string   // where staff were present; "" nowhere
}

const (
	margin, line    = 22.0, 5.6 // millimetres
	bodySize, small = 11.0, 9.0 // points
)

// page is a PDF in the making. Letters that its fonts lack are told of, and the exact
// name stands in the metadata.
type page struct{ *fpdf.Fpdf }

// render sets the document as it was shown, with the signature below it.
func render(d *program.Document, s signature) ([]byte, error) {
	p := page{fpdf.New("P", "mm", "A4", "")}
	typeface.Use(p.Fpdf)
	p.prepare(d, s)
	p.heading(d.Title, 17)
	say := wordsIn(d.Language)
	if d.Board != "" {
		p.paragraph(fmt.Sprintf(say("version"), s.Study, d.Version, d.Language, d.Board, d.ApprovedOn), small)
		p.list(say("key"), d.Key)
	}
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
		p.SetFont(typeface.Family, "", 8)
		p.CellFormat(0, 6, letters(strings.TrimSpace(d.Title+" "+d.Version)+fmt.Sprintf(" - %d / {nb}", p.PageNo())), "", 0, "C", false, 0, "")
	})
	p.AddPage()
}

// letters are a text as the fonts show it.
func letters(text string) string {
	set, _ := typeface.Text(text)
	return set
}

func (p page) heading(text string, size float64) {
	p.Ln(2)
	p.SetFont(typeface.Family, "B", size)
	p.MultiCell(0, size*0.5, letters(text), "", "L", false)
	p.Ln(1)
}

func (p page) paragraph(text string, size float64) {
	p.SetFont(typeface.Family, "", size)
	p.MultiCell(0, line, letters(text), "", "L", false)
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

// sign sets the signature: printed name, date and time, and meaning (21 CFR
// 11.50), with the drawing of it where there is one.
func (p page) sign(d *program.Document, s signature) {
	say := wordsIn(d.Language)
	p.heading(say("signature"), 13)
	if s.PrintedName == "" {
		p.paragraph(say("unsigned")+" "+s.At.UTC().Format(stamp), bodySize)
	} else {
		p.signedBy(d, s)
	}
	p.paragraph(say("participant")+" "+s.Patient, small)
	p.paragraph(say("content")+" "+d.Hash(), small)
}

// stamp is date and time as a signature shows them.
const stamp = "2006-01-02 15:04:05 MST"

func (p page) signedBy(d *program.Document, s signature) {
	say := wordsIn(d.Language)
	p.paragraph(say("meaning")+" "+d.Statement, bodySize)
	if len(s.Providers) > 0 {
		p.paragraph(say("providers")+" "+strings.Join(s.Providers, "; "), bodySize)
	}
	p.paragraph(say("name")+" "+s.PrintedName, bodySize)
	if _, whole := typeface.Text(s.PrintedName); !whole {
		p.paragraph(say("letters"), small)
	}
	if s.Represented {
		p.paragraph(say("represented"), bodySize)
	}
	p.paragraph(say("signed")+" "+s.At.UTC().Format(stamp), bodySize)
	p.draw(s.Drawn)
	if s.Present != "" {
		p.paragraph(fmt.Sprintf(say("present"), s.Present), bodySize)
	}
}

// drawnWidth is how wide a signature by hand is set, in millimetres.
const drawnWidth = 75.0

// draw sets the strokes of a signature by hand.
func (p page) draw(d *Drawing) {
	if d == nil {
		return
	}
	const scale = drawnWidth / fieldWidth
	height := fieldHeight * scale
	if _, bottom := p.GetPageSize(); p.GetY()+height > bottom-margin {
		p.AddPage()
	}
	x, y := p.GetX(), p.GetY()
	p.SetLineWidth(0.5)
	p.SetLineCapStyle("round")
	for _, stroke := range d.Strokes {
		for i := 1; i < len(stroke); i++ {
			a, b := stroke[i-1], stroke[i]
			p.Line(x+float64(a[0])*scale, y+float64(a[1])*scale, x+float64(b[0])*scale, y+float64(b[1])*scale)
		}
	}
	p.SetLineWidth(0.2)
	p.Line(x, y+height, x+drawnWidth, y+height)
	p.SetY(y + height + 2)
}

// labels are the words round the text, by language.
var labels = map[string]map[string]string{
	"en": {"version": "%s. Version %s (%s). Approved by the %s on %s.", "key": "Key information", "signature": "Signature",
		"meaning": "Meaning of this signature:", "name": "Printed name:", "represented": "Signed by a representative, for the participant.", "signed": "Signed electronically:", "participant": "Participant:",
		"content": "Document content (SHA-256):", "providers": "For these care providers only:", "edition": ", version ",
		"letters": "Some letters of the name cannot be printed here, and stand as a box. The exact name is the author in the properties of this file.", "unsigned": "Recorded by the staff of the study, on the participant’s wish:", "present": "Signed at %s, with staff of the partner center present."},
	"es": {"version": "%s. Versión %s (%s). Aprobado por: %s, el %s.", "key": "Lo más importante", "signature": "Firma",
		"meaning": "Significado de esta firma:", "name": "Nombre:", "represented": "Firmado por un representante, en nombre del participante.", "signed": "Firmado electrónicamente:", "participant": "Participante:",
		"content": "Contenido del documento (SHA-256):", "providers": "Solo para estos proveedores de salud:", "edition": ", versión ",
		"letters": "Algunas letras del nombre no se pueden imprimir aquí y aparecen como un cuadro. El nombre exacto es el autor en las propiedades de este archivo.", "unsigned": "Registrado por el personal del estudio, según el deseo del participante:", "present": "Firmado en %s, con personal del centro presente."},
}

func wordsIn(lang string) func(string) string {
	words, ok := labels[lang]
	if !ok {
		words = labels["en"]
	}
	return func(key string) string { return words[key] }
}
