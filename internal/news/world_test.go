package news_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/keys"
	"tributary/internal/news"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

var (
	ctx = context.Background()
	bob = account.Person{Given: "Bob", Family: "Other", Email: "bob@example.org", Born: "1950-01-02", Sex: "male", State: "MA"}
)

// world has a person, Ada, and the service with a queue that a test empties.
type world struct {
	*programtest.World
	*news.Service
	t     *testing.T
	ada   string
	queue *queue
}

// queue keeps what was enqueued.
type queue struct{ jobs []river.JobArgs }

func (q *queue) Enqueue(_ context.Context, _ store.Tx, args river.JobArgs, _ *river.InsertOpts) error {
	q.jobs = append(q.jobs, args)
	return nil
}

// contacts are those who have an account and have not withdrawn.
type contacts struct{ w *programtest.World }

func (c contacts) MayContact(ctx context.Context, db store.DB, patient string) (bool, error) {
	p, err := c.w.Consent.CurrentIn(ctx, db, patient)
	return !p.Withdrawn, err
}

func (c contacts) Reachable(ctx context.Context) ([]string, error) {
	return c.w.Consent.Participants(ctx, c.w.Store, c.w.Clock.Now())
}

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) {
		w := &world{World: programtest.New(t, s, clock), t: t, queue: &queue{}}
		ring, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"), true)
		w.ok(err)
		w.Service = news.New(news.Config{Study: w.Study, Records: w.Records, Store: s, Queue: w.queue, Contacts: contacts{w.World},
			Post: w.Accounts, Sealer: ring, Base: "https://study.example", Now: clock.Now})
		w.ada = w.Join(t, programtest.Ada)
		clock.Advance(time.Hour) // what is mailed from now on is newer than the code
		test(w)
	})
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// work does what is in the queue, and what that brings.
func (w *world) work() {
	w.t.Helper()
	for len(w.queue.jobs) > 0 {
		next := w.queue.jobs[0]
		w.queue.jobs = w.queue.jobs[1:]
		switch a := next.(type) {
		case news.MailArgs:
			w.ok(w.Deliver(ctx, a))
		case news.AnnounceArgs:
			w.ok(w.Spread(ctx, a))
		}
	}
}

// found yields every resource of a type, as our own jobs read it.
func (w *world) found(typ string, see func(store.Resource)) {
	w.t.Helper()
	all, err := w.Records.All(ctx, access.Job("seed", "HOPERAT"), typ, nil)
	w.ok(err)
	for _, r := range all {
		see(r)
	}
}

// mails are how many mails somebody got that are not codes.
func (w *world) mails(to string) (n int) {
	w.t.Helper()
	all, err := w.Mailbox.Latest(ctx, to)
	w.ok(err)
	for _, m := range all {
		if m.Subject != "Your code" {
			n++
		}
	}
	return n
}

func participant(patient string) access.Actor {
	return access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
}

var staff = access.Actor{Role: access.StudyStaff, ID: "sam", Unscoped: true, Purpose: "HRESCH"}

func message(topic string) news.Message {
	return news.Message{Topic: topic, Title: program.Text{"en": "Your visit", "es": "Su visita"}, Text: program.Text{"en": "Bring water.", "es": "Traiga agua."}}
}
