package news

import (
	"context"
	"net/url"
	"time"

	"tributary/internal/records"
)

// LeaveIn ends what a participant has with other research, in the transaction of the
// act by which they leave this study (a consent.Hook): who had joined is off it, who
// had said yes has left before joining, and an open invitation is one said no to.
func (s *Service) LeaveIn(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	found, err := s.Records.All(ctx, job("HOPERAT"), "ResearchSubject", url.Values{"individual": {"Patient/" + patient}, "_tag": {originOfStudy}})
	if err != nil {
		return err
	}
	for _, r := range found {
		v, known, err := s.invitation(r)
		if err != nil {
			return err
		}
		ends, open := endings[v.Status]
		if !known || !open {
			continue
		}
		v.Status, v.Later = ends, false
		d, err := subject(v)
		if err != nil {
			return err
		}
		if _, err := tx.Put(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// endings are where leaving the study leads from each status that is not an end.
var endings = map[Status]Status{Candidate: NotRegistered, Eligible: LeftBefore, OnStudy: OffStudy}

// ForgetIn forgets what was read and which mails were wanted, in the transaction of an
// erasure (a consent.Hook).
func (s *Service) ForgetIn(ctx context.Context, tx *records.Tx, patient string, _ time.Time) error {
	return s.marks.Forget(ctx, tx.Store(), patient)
}
