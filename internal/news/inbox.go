package news

import (
	"context"
	"slices"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// What is shown of either kind, the newest first, and how long a message to
// everybody counts as unread.
const (
	shown    = 100
	newsLife = 90 * 24 * time.Hour
)

// Inbox lists what a participant was told, the newest first: what is theirs, read as
// that actor, and what is for everybody.
func (s *Service) Inbox(ctx context.Context, a access.Actor) ([]Item, error) {
	own, err := s.list(ctx, a, search.Pair{Name: "patient", Value: "Patient/" + a.Patient})
	if err != nil {
		return nil, err
	}
	common, err := s.Common(ctx)
	if err != nil {
		return nil, err
	}
	unread, err := s.marks.Unread(ctx, s.Store, a.Patient, s.Now().Add(-newsLife))
	all := append(own, common...)
	for i := range all {
		all[i].Unread = slices.Contains(unread, all[i].ID)
	}
	slices.SortStableFunc(all, func(x, y Item) int { return y.Sent.Compare(x.Sent) })
	return all, err
}

// Common lists what everybody was told, the newest first.
func (s *Service) Common(ctx context.Context) ([]Item, error) {
	return s.list(ctx, job("HOPERAT"), search.Pair{Name: "recipient", Value: "Group/" + s.Study.Cohort})
}

// Told lists what a participant was told, read by a member of staff.
func (s *Service) Told(ctx context.Context, staff access.Actor, patient string) ([]Item, error) {
	return s.list(ctx, staff, search.Pair{Name: "patient", Value: "Patient/" + patient})
}

// list reads messages; what care sent from an EHR is no message of the study.
func (s *Service) list(ctx context.Context, a access.Actor, of search.Pair) ([]Item, error) {
	page, err := s.Records.Search(ctx, a, records.Search{Type: "Communication", Query: []search.Pair{
		of, {Name: "category", Value: TopicSystem + "|"}, {Name: "_sort", Value: "-sent"}, {Name: "_count", Value: "100"}}})
	if err != nil {
		return nil, err
	}
	return items(page.Resources[:min(shown, len(page.Resources))])
}

func items(found []store.Resource) ([]Item, error) {
	out := make([]Item, len(found))
	for i, r := range found {
		var err error
		if out[i], err = item(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Open reads one message of a participant and marks it as read. What is somebody
// else's is not found.
func (s *Service) Open(ctx context.Context, a access.Actor, id string) (Item, error) {
	r, err := s.Records.Read(ctx, a, "Communication", id)
	if errs.Is(err, errs.NotFound) {
		r, err = s.common(ctx, id)
	}
	if err != nil {
		return Item{}, err
	}
	m, err := item(r)
	if err == nil && m.Topic == "" {
		err = errs.New(errs.NotFound, "there is no such message") // care wrote it, not the study
	}
	if err != nil {
		return Item{}, err
	}
	return m, s.marks.Read(ctx, s.Store, a.Patient, id, s.Now())
}

// common reads a message to everybody.
func (s *Service) common(ctx context.Context, id string) (store.Resource, error) {
	page, err := s.Records.Search(ctx, job("HOPERAT"), records.Search{Type: "Communication", Query: []search.Pair{
		{Name: "recipient", Value: "Group/" + s.Study.Cohort}, {Name: "_id", Value: id}}})
	if err != nil {
		return store.Resource{}, err
	}
	if len(page.Resources) == 0 {
		return store.Resource{}, errs.New(errs.NotFound, "there is no such message")
	}
	return page.Resources[0], nil
}

// Unread counts what a participant has not read.
func (s *Service) Unread(ctx context.Context, patient string) (int, error) {
	ids, err := s.marks.Unread(ctx, s.Store, patient, s.Now().Add(-newsLife))
	return len(ids), err
}
