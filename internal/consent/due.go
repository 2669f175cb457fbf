package consent

import (
	"context"
	"time"
)

// Due is an agreement that a participant is asked for again.
type Due struct {
	Kind   Kind
	Why    Why
	Before time.Time // when what it permits ends; zero: it has, or does not
}

// Why an agreement is asked for again.
type Why string

// The reasons.
const (
	Changed Why = "changed" // the text had a major change since
	Ending  Why = "ending"  // its term is nearly over
	Ended   Why = "ended"   // its term is over
)

// Due lists the agreements that a participant has given and is asked for again:
// their text had a major change, or their term is over or nearly so. A minor
// change asks nobody.
func (s *Service) Due(ctx context.Context, patient string) ([]Due, error) {
	events, err := s.Events(ctx, patient)
	return s.DueOf(events), err
}

// DueOf is the same of somebody's events.
func (s *Service) DueOf(events []Event) []Due {
	now := s.Now()
	p := Current(events, now)
	if p.Withdrawn || !p.ClosedAt.IsZero() {
		return nil
	}
	var due []Due
	for _, k := range s.kinds() {
		if last, ok := latest(events, k); ok {
			if why := s.due(k, last, now); why != "" {
				due = append(due, Due{Kind: k, Why: why, Before: last.until()})
			}
		}
	}
	return due
}

// due is why the agreement is asked for again; "" when it is not.
func (s *Service) due(k Kind, last Event, now time.Time) Why {
	c, _ := s.Study.Consent(string(k))
	switch {
	case last.Decision != Agree:
		return ""
	case !c.Superseded(last.Version(), now).IsZero():
		return Changed
	case last.Expires.IsZero():
		return ""
	case !now.Before(last.Expires):
		return Ended
	case !now.Before(last.Expires.AddDate(0, 0, -c.RenewDays)):
		return Ending
	}
	return ""
}

// renewable reports whether what is agreed to may be signed anew: it is due.
func (s *Service) renewable(k Kind, p Permissions) bool {
	g, c := p.Given[k], s.kind(k)
	now := s.Now()
	return !c.Superseded(g.Version, now).IsZero() || !g.Until.IsZero() && !now.Before(g.Until.AddDate(0, 0, -c.RenewDays))
}

// latest is the last decision of the kind.
func latest(events []Event, k Kind) (Event, bool) {
	for i := len(events) - 1; i >= 0; i-- {
		if events[i].Kind == k {
			return events[i], true
		}
	}
	return Event{}, false
}
