package consent

import (
	"context"
	"slices"
	"time"

	"tributary/internal/store"
)

// Acting answers until when a delegate may act for a participant, of the permissions
// that were recorded by the time since and are in force now: the latest of their
// ends, zero where one has none. An app that a delegate let in goes by it, so that a
// permission that is given anew brings back nothing that the old one's end ended.
func (s *Service) Acting(ctx context.Context, delegate, patient string, since time.Time) (until time.Time, ok bool, err error) {
	held, err := s.delegations.To(ctx, s.Store, delegate)
	if err != nil {
		return time.Time{}, false, err
	}
	held = slices.DeleteFunc(held, func(d store.Delegation) bool { return d.Created.After(since) })
	until, ok = lasting(held, patient, s.Now())
	return until, ok, nil
}

// lasting is until when permissions let act for a participant now: the latest of
// their ends, zero where one has none.
func lasting(held []store.Delegation, patient string, now time.Time) (until time.Time, ok bool) {
	for _, d := range held {
		switch {
		case d.Patient != patient || d.Begins.After(now):
		case d.Ends.IsZero():
			return time.Time{}, true
		case d.Ends.After(now):
			ok = true
			if d.Ends.After(until) {
				until = d.Ends
			}
		}
	}
	return until, ok
}
