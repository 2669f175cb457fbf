package app

import (
	"context"

	"github.com/riverqueue/river"

	"tributary/internal/consent"
	"tributary/internal/news"
	"tributary/internal/store"
)

// openNews makes what tells people. The queue that mails for it is made later.
func (s *Service) openNews() {
	s.news = news.New(news.Config{Study: s.study, Records: s.records, Store: s.store, Queue: later{s}, Contacts: contacts{s.consent},
		Post: s.accounts, Sealer: s.ring, Base: s.base, Now: s.Now})
}

// later enqueues in the queue that there is when it is asked.
type later struct{ service *Service }

var _ news.Queue = later{}

func (l later) Enqueue(ctx context.Context, tx store.Tx, args river.JobArgs, o *river.InsertOpts) error {
	return l.service.queue.Enqueue(ctx, tx, args, o)
}

// contacts answers who may be written to.
type contacts struct{ consent *consent.Service }

var _ news.Contacts = contacts{}

// MayContact implements news.Contacts.
func (c contacts) MayContact(ctx context.Context, db store.DB, patient string) (bool, error) {
	now, err := c.consent.CurrentIn(ctx, db, patient)
	return now.Contact, err
}

// Reachable implements news.Contacts.
func (c contacts) Reachable(ctx context.Context) ([]string, error) {
	return c.consent.Participants(ctx, c.consent.Store, c.consent.Now())
}
