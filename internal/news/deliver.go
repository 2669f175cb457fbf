package news

import (
	"context"
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/riverqueue/river"

	"tributary/config/program"
	"tributary/internal/errs"
	"tributary/internal/jobs"
	"tributary/internal/mail"
	"tributary/internal/store"
)

// MailArgs are the arguments of the job that mails one person.
type MailArgs struct {
	Patient       string `json:"patient"`
	Topic         string `json:"topic"`
	Communication string `json:"communication"`
}

// Kind implements river.JobArgs.
func (MailArgs) Kind() string { return "news_mail" }

// AnnounceArgs are the arguments of the job that finds whom to mail about a message
// to everybody.
type AnnounceArgs struct {
	Communication string `json:"communication"`
	Topic         string `json:"topic"`
}

// Kind implements river.JobArgs.
func (AnnounceArgs) Kind() string { return "news_announce" }

// Times that one run of a job may take.
const (
	mailTimeout     = time.Minute
	announceTimeout = 30 * time.Minute
)

// Register gives the queue the work of this package.
func (s *Service) Register(q *jobs.Queue) error {
	if err := jobs.Add(q, mailTimeout, func(ctx context.Context, j *river.Job[MailArgs]) error { return s.Deliver(ctx, j.Args) }); err != nil {
		return err
	}
	return jobs.Add(q, announceTimeout, func(ctx context.Context, j *river.Job[AnnounceArgs]) error { return s.Spread(ctx, j.Args) })
}

// once lets a job that is enqueued again with the same arguments do nothing.
var once = &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByPeriod: 24 * time.Hour}}

// enqueue asks for a mail if, as of now, the person wants one.
func (s *Service) enqueue(ctx context.Context, tx store.Tx, patient, topic, communication string) error {
	wanted, err := s.wants(ctx, tx, patient, topic)
	if err != nil || !wanted {
		return err
	}
	return s.Queue.Enqueue(ctx, tx, MailArgs{patient, topic, communication}, once)
}

// chunk is for how many people mails are enqueued in one transaction.
const chunk = 500

// Spread enqueues the mails about a message to everybody, to those who can be
// written to and want them. Enqueued twice, a mail is sent once.
func (s *Service) Spread(ctx context.Context, a AnnounceArgs) error {
	people, err := s.Contacts.Reachable(ctx)
	if err != nil {
		return err
	}
	for len(people) > 0 {
		n := min(chunk, len(people))
		err := s.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			for _, patient := range people[:n] {
				if err := s.enqueue(ctx, tx, patient, a.Topic, a.Communication); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		people = people[n:]
	}
	return nil
}

// Deliver mails one person that there is something to read, unless that has
// changed since: who left, or turned mails off, gets none.
func (s *Service) Deliver(ctx context.Context, a MailArgs) error {
	ok, err := s.Contacts.MayContact(ctx, s.Store, a.Patient)
	if err != nil || !ok {
		return err
	}
	if ok, err = s.wants(ctx, s.Store, a.Patient, a.Topic); err != nil || !ok {
		return err
	}
	stop, err := s.stopLink(a.Patient, a.Topic)
	if err != nil {
		return err
	}
	err = s.Post.Notify(ctx, a.Patient, func(lang string) mail.Message { return s.letter(lang, stop) })
	if errs.Is(err, errs.NotFound) {
		return nil // the account has gone
	}
	return err
}

// The mail's words: the heading, what there is to do, and how to have no more.
var (
	heading = program.Text{"en": "There is something new for you", "es": "Hay algo nuevo para usted"}
	words   = program.Text{
		"en": "There is something new for you to read.\n\nSign in and go to “News”:\n%LINK%\n",
		"es": "Hay algo nuevo que puede leer.\n\nEntre en su cuenta y vaya a «Noticias»:\n%LINK%\n",
	}
	ending = program.Text{
		"en": "\nIf you do not want mails of this kind any more:\n%STOP%\n",
		"es": "\nSi no quiere recibir más correos de este tipo:\n%STOP%\n",
	}
)

// letter is the mail in the person's language, in all of them where it is not known.
func (s *Service) letter(lang, stop string) mail.Message {
	languages := s.Study.Languages
	if lang != "" {
		languages = []string{lang}
	}
	m := mail.Message{Unsubscribe: stop}
	var subjects, texts []string
	for _, l := range languages {
		text := words.In(l)
		if stop != "" {
			text += ending.In(l)
		}
		text += "\n" + s.Study.Title.In(l) + "\n"
		subjects, texts = append(subjects, heading.In(l)), append(texts, text)
	}
	fill := strings.NewReplacer("%LINK%", s.Base+"/news", "%STOP%", stop)
	m.Subject, m.Text = strings.Join(subjects, " · "), fill.Replace(strings.Join(texts, "\n—\n\n"))
	return m
}

// stopLink turns a topic's mails off without signing in; "" where that is not
// possible. Its token is sealed: nobody learns from it who it is about.
func (s *Service) stopLink(patient, topic string) (string, error) {
	if t, _ := s.Study.Outreach.Topic(topic); t.Mail == program.MailAlways {
		return "", nil
	}
	sealed, err := s.Sealer.Seal([]byte(topic+" "+patient), stopping)
	return s.Base + "/news/unsubscribe?t=" + url.QueryEscape(base64.RawURLEncoding.EncodeToString(sealed)), err
}

// stopping is what the tokens are good for: no other sealed value passes for one.
var stopping = []byte("news unsubscribe")

// longestToken bounds what is opened.
const longestToken = 1000

// Stop reads a token of a mail: the topic whose mails it turns off, and whose.
func (s *Service) Stop(token string) (patient string, topic program.Topic, err error) {
	fault := errs.New(errs.Invalid, "this link is not complete; copy all of it from the mail, or sign in and choose your mails there")
	if len(token) > longestToken {
		return "", topic, fault
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return "", topic, fault
	}
	plain, err := s.Sealer.Open(sealed, stopping)
	if err != nil {
		return "", topic, fault
	}
	id, patient, _ := strings.Cut(string(plain), " ")
	topic, known := s.Study.Outreach.Topic(id)
	if !known {
		return "", topic, errs.New(errs.Gone, "there are no mails of this kind any more")
	}
	return patient, topic, nil
}
