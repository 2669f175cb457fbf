package news

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/riverqueue/river"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/mail"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Queue enqueues jobs in a transaction.
type Queue interface {
	Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error
}

// Contacts answers who may be written to.
type Contacts interface {
	// MayContact is asked in the transaction that writes.
	MayContact(ctx context.Context, db store.DB, patient string) (bool, error)
	// Reachable lists all of them.
	Reachable(ctx context.Context) ([]string, error)
}

// Post mails to participants: it knows their addresses and their language, which is
// "" where it is not known.
type Post interface {
	Notify(ctx context.Context, patient string, write func(lang string) mail.Message) error
}

// Sealer makes tokens that nobody else can read or make.
type Sealer interface {
	Seal(plain, aad []byte) ([]byte, error)
	Open(sealed, aad []byte) ([]byte, error)
}

// Config is what the service needs; all of it.
type Config struct {
	Study    *program.Study
	Records  *records.Service
	Store    store.Store
	Queue    Queue
	Contacts Contacts
	Post     Post
	Sealer   Sealer
	Base     string // of the portal, for links in mails
	Now      func() time.Time
}

// Service tells people.
type Service struct {
	Config
	marks tables.News
}

// New returns the service.
func New(c Config) *Service { return &Service{Config: c} }

func job(purpose string) access.Actor { return access.Job("news", purpose) }

// ErrNotContacted: the person has left, closed the account or died, and is not
// written to any more.
var ErrNotContacted = errs.New(errs.Conflict, "this person is not contacted any more")

// Tell writes a message to one participant, with a mark that it is unread, and has
// it mailed that there is something to read if the person wants mails on the topic.
// ErrNotContacted: nobody is told. errs.Invalid: there is no such topic.
func (s *Service) Tell(ctx context.Context, patient string, m Message) error {
	d, err := s.draft(m, patient)
	if err != nil {
		return err
	}
	return s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		return s.tell(ctx, tx, patient, m.Topic, d)
	})
}

// TellIn is Tell within a transaction of the job "news", of which it is a part.
func (s *Service) TellIn(ctx context.Context, tx *records.Tx, patient string, m Message) error {
	d, err := s.draft(m, patient)
	if err != nil {
		return err
	}
	return s.tell(ctx, tx, patient, m.Topic, d)
}

func (s *Service) tell(ctx context.Context, tx *records.Tx, patient, topic string, d records.Draft) error {
	ok, err := s.Contacts.MayContact(ctx, tx.Store(), patient)
	if err != nil {
		return err
	}
	if !ok {
		return ErrNotContacted
	}
	put, err := tx.Put(ctx, d)
	if err != nil {
		return err
	}
	mark := store.NewsMark{Patient: patient, Communication: put[0].Resource.ID, Topic: topic, At: s.Now()}
	if err := s.marks.Add(ctx, tx.Store(), mark); err != nil {
		return err
	}
	return s.enqueue(ctx, tx.Store(), patient, topic, mark.Communication)
}

// Announce writes a message to everybody, and has it mailed to those who want mails
// on the topic. It returns the id of its Communication.
func (s *Service) Announce(ctx context.Context, m Message) (id string, err error) {
	d, err := s.draft(m, "")
	if err != nil {
		return "", err
	}
	err = s.Records.Write(ctx, job("HOPERAT"), func(ctx context.Context, tx *records.Tx) error {
		put, err := tx.Put(ctx, d)
		if err != nil {
			return err
		}
		id = put[0].Resource.ID
		if err := s.marks.Add(ctx, tx.Store(), store.NewsMark{Communication: id, Topic: m.Topic, At: s.Now()}); err != nil {
			return err
		}
		return s.Queue.Enqueue(ctx, tx.Store(), AnnounceArgs{Communication: id, Topic: m.Topic}, nil)
	})
	return id, err
}

// Sizes of a message, in characters.
const (
	longestTitle = 200
	longestText  = 5000
)

// draft checks a message and makes its resource.
func (s *Service) draft(m Message, patient string) (records.Draft, error) {
	if err := s.Check(m); err != nil {
		return records.Draft{}, err
	}
	return m.communication(patient, s.Study.Cohort, s.Now())
}

// Check tells what is wrong with a message: form.Faults at the fields topic,
// title.<language> and text.<language>. English cannot be missing.
func (s *Service) Check(m Message) error {
	var f form.Faults
	_, known := s.Study.Outreach.Topic(m.Topic)
	f.Unless(known, "topic", "Choose one of the topics.")
	for field, text := range map[string]program.Text{"title": m.Title, "text": m.Text} {
		f.Unless(strings.TrimSpace(text["en"]) != "", field+".en", "Write it in English.")
		for lang, t := range text {
			f.Unless(utf8.RuneCountInString(t) <= map[string]int{"title": longestTitle, "text": longestText}[field], field+"."+lang, "Write it shorter.")
			f.Unless(utf8.ValidString(t), field+"."+lang, "Write it without signs that cannot be read.")
		}
	}
	return f.Err()
}
