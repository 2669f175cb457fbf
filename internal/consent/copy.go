package consent

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	"tributary/internal/errs"
	"tributary/internal/jobs"
	"tributary/internal/mail"
	"tributary/internal/records"
)

// Notifier mails a participant what write makes of their language.
type Notifier interface {
	Notify(ctx context.Context, patient string, write func(lang string) mail.Message) error
}

// CopyArgs asks to mail the signed copy of a document to who signed it.
type CopyArgs struct {
	Patient  string `json:"patient"`
	Binary   string `json:"binary"`
	Language string `json:"language"`
}

// Kind names the work in the queue.
func (CopyArgs) Kind() string { return "consent_copy" }

var _ river.JobArgs = CopyArgs{}

const copyTimeout = time.Minute

// Register gives the queue the work of this package: to mail a copy of what is signed
// from now on, asked for in the transaction of the signature, and to destroy what is
// to be erased.
func (s *Service) Register(q *jobs.Queue, people Notifier) error {
	s.queue = q
	if err := s.registerErasure(q); err != nil {
		return err
	}
	return jobs.Add(q, copyTimeout, func(ctx context.Context, j *river.Job[CopyArgs]) error { return s.sendCopy(ctx, people, j.Args) })
}

// askCopy enqueues the mail.
func (s *Service) askCopy(ctx context.Context, tx *records.Tx, e entry, binary string) error {
	if s.queue == nil {
		return nil
	}
	return s.queue.Enqueue(ctx, tx.Store(), CopyArgs{e.Patient, binary, e.Document.Language}, nil)
}

// sendCopy mails a copy. Who has left in the meantime still gets what they signed;
// a person without an account gets nothing.
func (s *Service) sendCopy(ctx context.Context, people Notifier, a CopyArgs) error {
	pdf, err := s.PDF(ctx, a.Binary)
	if err != nil {
		return err
	}
	err = people.Notify(ctx, a.Patient, func(string) mail.Message { return s.copyMail(a.Language, pdf) })
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	return err
}

// copyTexts are subject and text of the mail by language; nothing in them says what
// was signed, or by whom.
var copyTexts = map[string][2]string{
	"en": {"Your signed copy", "Hello,\n\nthank you. A copy of what you signed is attached. You find it on the website of %s as well, under Consents.\n\nIf you did not sign anything, please write to %s.\n"},
	"es": {"Su copia firmada", "Hola:\n\nGracias. Adjuntamos una copia de lo que firmó. También la encuentra en el sitio web de %s, en Consentimientos.\n\nSi usted no firmó nada, escriba a %s, por favor.\n"},
}

func (s *Service) copyMail(lang string, pdf []byte) mail.Message {
	texts, ok := copyTexts[lang]
	if !ok {
		lang, texts = "en", copyTexts["en"]
	}
	return mail.Message{Subject: texts[0], Text: fmt.Sprintf(texts[1], s.Study.Title.In(lang), s.Study.Contact.Email),
		Attachments: []mail.Attachment{{Name: "signed-document.pdf", Type: "application/pdf", Body: pdf}}}
}
