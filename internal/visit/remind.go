package visit

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"

	study "tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/jobs"
	"tributary/internal/mail"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Queue keeps jobs in the transaction that asks for them.
type Queue interface {
	Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error
}

// Post mails to participants, in their language.
type Post interface {
	Notify(ctx context.Context, patient string, write func(lang string) mail.Message) error
}

// RemindArgs are the arguments of the job that reminds of one visit, as it was when
// the job was made.
type RemindArgs struct {
	Visit string `json:"visit"`
	Start int64  `json:"start"` // unix seconds
	Days  int    `json:"days"`  // before the visit
}

// Kind implements river.JobArgs.
func (RemindArgs) Kind() string { return "visit_reminder" }

// TellArgs are the arguments of the job that tells of a change that the center made.
type TellArgs struct {
	Visit   string `json:"visit"`
	Version int64  `json:"version"`
}

// Kind implements river.JobArgs.
func (TellArgs) Kind() string { return "visit_changed" }

// mailTimeout bounds one mail.
const mailTimeout = time.Minute

// Register gives a queue the work of this package.
func (s *Service) Register(q *jobs.Queue) error {
	if err := jobs.Add(q, mailTimeout, func(ctx context.Context, j *river.Job[TellArgs]) error { return s.TellChanged(ctx, j.Args) }); err != nil {
		return err
	}
	return jobs.Add(q, mailTimeout, func(ctx context.Context, j *river.Job[RemindArgs]) error { return s.Remind(ctx, j.Args) })
}

// remindOf enqueues the reminders of a visit, those whose time is still to come.
// They are never taken back: one whose visit was cancelled or moved does nothing.
func (s *Service) remindOf(ctx context.Context, tx *records.Tx, v Visit) error {
	if s.Queue == nil {
		return nil
	}
	for _, days := range s.Study.Visits.RemindDays {
		at := v.Start.AddDate(0, 0, -days)
		if !at.After(s.Now()) {
			continue
		}
		once := &river.InsertOpts{ScheduledAt: at, UniqueOpts: river.UniqueOpts{ByArgs: true}}
		if err := s.Queue.Enqueue(ctx, tx.Store(), RemindArgs{v.ID, v.Start.Unix(), days}, once); err != nil {
			return err
		}
	}
	return nil
}

// Remind mails the participant that a visit comes, if it still does and still then.
func (s *Service) Remind(ctx context.Context, a RemindArgs) error {
	v, err := s.anyVisit(ctx, a.Visit)
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Gone) {
		return nil
	}
	if err != nil || v.Status != Booked || v.Start.Unix() != a.Start || !v.Start.After(s.Now()) {
		return err
	}
	return s.write(ctx, v, reminder)
}

// TellChanged mails the participant that the center moved or cancelled the visit,
// unless it has changed again since.
func (s *Service) TellChanged(ctx context.Context, a TellArgs) error {
	v, err := s.anyVisit(ctx, a.Visit)
	if err != nil || v.version != a.Version {
		return err
	}
	if v.Status == Cancelled {
		return s.write(ctx, v, cancelled)
	}
	return s.write(ctx, v, moved)
}

func (s *Service) anyVisit(ctx context.Context, id string) (Visit, error) {
	res, err := s.Records.Read(ctx, job("PATRQT"), "Appointment", id)
	if err != nil {
		return Visit{}, err
	}
	return readVisit(res)
}

// letter is a mail about a visit. Its text gets when, where and whom to call; the
// subject says nothing about the person.
type letter struct{ subject, text study.Text }

var (
	reminder = letter{
		subject: study.Text{"en": "A reminder of your appointment", "es": "Recordatorio de su cita"},
		text: study.Text{
			"en": "This is a reminder of an appointment:\n\n%s\n%s\n\nIf you cannot come, sign in and choose another time, or call %s.\n",
			"es": "Le recordamos una cita:\n\n%s\n%s\n\nSi no puede venir, entre en su cuenta y elija otra hora, o llame al %s.\n"},
	}
	moved = letter{
		subject: study.Text{"en": "Your appointment has a new time", "es": "Su cita tiene otra hora"},
		text: study.Text{
			"en": "The center had to move an appointment. It is now:\n\n%s\n%s\n\nIf that does not suit you, sign in and choose another time, or call %s. We are sorry.\n",
			"es": "El centro tuvo que cambiar una cita. Ahora es:\n\n%s\n%s\n\nSi no le conviene, entre en su cuenta y elija otra hora, o llame al %s. Lo sentimos.\n"},
	}
	cancelled = letter{
		subject: study.Text{"en": "Your appointment was cancelled", "es": "Su cita fue cancelada"},
		text: study.Text{
			"en": "The center had to cancel this appointment:\n\n%s\n%s\n\nPlease sign in and choose another time, or call %s. We are sorry.\n",
			"es": "El centro tuvo que cancelar esta cita:\n\n%s\n%s\n\nEntre en su cuenta y elija otra hora, o llame al %s. Lo sentimos.\n"},
	}
)

// write mails in the person's language; one whose language is not known reads both.
func (s *Service) write(ctx context.Context, v Visit, l letter) error {
	if s.Post == nil {
		return nil
	}
	err := s.Post.Notify(ctx, v.Patient, func(lang string) mail.Message {
		if lang != "" {
			return mail.Message{Subject: l.subject.In(lang), Text: s.fill(v, l, lang)}
		}
		return mail.Message{Subject: l.subject.In("en"), Text: s.fill(v, l, "en") + "\n" + s.fill(v, l, "es")}
	})
	if errs.Is(err, errs.NotFound) {
		return nil // the account has gone
	}
	return err
}

func (s *Service) fill(v Visit, l letter, lang string) string {
	site, _ := s.Study.Site(v.Site)
	phone := site.Phone
	if phone == "" {
		phone = s.Study.Contact.Phone
	}
	return fmt.Sprintf(l.text.In(lang), When(v.Start, site, lang), site.Name.In(lang)+", "+site.Address+", "+site.City, phone)
}
