package consent

import (
	"cmp"
	"context"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/internal/records"
)

// leftTexts are what a receipt says: that somebody has left, what that means, and the
// sentence that their signature stands under. %s is the study.
var leftTexts = map[string]program.Document{
	"en": {Title: "Receipt: you left the study", Text: []program.Section{
		{Heading: "What you decided", Paragraphs: []string{"You left %s. You need no reason, and it does not change the care that you get."}},
		{Heading: "What this means", Paragraphs: []string{
			"From this time on your data goes into no new research.",
			"Finished data sets that hold your data are no longer handed out.",
			"The connections to your care providers and apps have ended. Visits are cancelled. We do not write to you any more.",
			"What was learned before cannot be unlearned. We keep what the law makes us keep, such as your signed forms and this receipt.",
			"It cannot be undone.",
		}}},
		Statement: "I leave the study. I have read what this means."},
	"es": {Title: "Comprobante: usted dejó el estudio", Text: []program.Section{
		{Heading: "Lo que usted decidió", Paragraphs: []string{"Usted dejó %s. No necesita dar una razón, y su atención médica no cambia."}},
		{Heading: "Lo que esto significa", Paragraphs: []string{
			"Desde este momento sus datos no van a ninguna investigación nueva.",
			"Los conjuntos de datos terminados que tienen sus datos ya no se entregan.",
			"Terminaron las conexiones con sus centros médicos y sus aplicaciones. Las visitas se cancelan. Ya no le escribimos.",
			"Lo que se aprendió antes no se puede borrar. Guardamos lo que la ley nos pide, como sus documentos firmados y este comprobante.",
			"No se puede deshacer.",
		}}},
		Statement: "Dejo el estudio. He leído lo que esto significa."},
}

// receiptType is the code of a receipt's DocumentReference.
var receiptType = program.Code{System: "https://tributary.example/fhir/CodeSystem/document", Code: "withdrawal-receipt", Display: "Receipt of a withdrawal"}

// leftText is the text of a receipt in a language, or in English where there is none.
func (s *Service) leftText(lang string) *program.Document {
	if _, ok := leftTexts[lang]; !ok {
		lang = "en"
	}
	d := leftTexts[lang]
	d.ID, d.Language = "withdrawal", lang
	d.Text = make([]program.Section, len(leftTexts[lang].Text))
	for i, section := range leftTexts[lang].Text {
		paragraphs := make([]string, len(section.Paragraphs))
		for j, text := range section.Paragraphs {
			paragraphs[j] = strings.ReplaceAll(text, "%s", s.Study.Title.In(lang))
		}
		d.Text[i] = program.Section{Heading: section.Heading, Paragraphs: paragraphs}
	}
	return &d
}

// receipt is what somebody who leaves keeps in hand: when they left, what it means, and
// their signature; sealed as the other copies are. It is in the language of the page, or
// of what they signed last where staff act on evidence.
func (s *Service) receipt(ctx context.Context, g Signing, at time.Time) (entry, error) {
	events, err := s.Events(ctx, g.Patient)
	if err != nil {
		return entry{}, err
	}
	for i := len(events) - 1; i >= 0 && g.Language == ""; i-- {
		g.Language = cmp.Or(g.Language, events[i].Language)
	}
	d := s.leftText(g.Language)
	pdf, err := s.signedPDF(g, d, at)
	return entry{Signing: g, Decision: Withdraw, Document: d, At: at, PDF: pdf}, err
}

// putReceipt keeps a receipt beside the signed copies, and asks for its mail.
func (s *Service) putReceipt(ctx context.Context, tx *records.Tx, receipt entry) error {
	_, err := s.putDocument(ctx, tx, receipt, receiptType)
	return err
}
