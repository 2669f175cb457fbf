package audit

import (
	"context"
	"encoding/json"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Summary is what a client did with a participant's data.
type Summary struct {
	Events int64            // interactions that succeeded
	Last   time.Time        // of the last of these; zero without
	Types  map[string]Usage // by resource type
	// Partial says that there is more than was looked at: the newest
	// summaryEvents events were, whoever made them.
	Partial bool
}

// Usage is what was done with the resources of one type. A resource that was read
// twice counts twice.
type Usage struct {
	Read, Written int64
	Last          time.Time
}

// summaryEvents bounds the events that one summary is made of.
const summaryEvents = 20000

// ByClient sums up what the client did with the data of the Patient with that id
// since a time; the zero time is the beginning. What was refused is not in it.
func (l *Log) ByClient(ctx context.Context, patient, client string, since time.Time) (Summary, error) {
	s := Summary{Types: map[string]Usage{}}
	f := store.AuditFilter{Patient: int64(search.KeyOf("Patient", patient)), Since: since}
	more, err := l.each(ctx, f, summaryEvents, func(at time.Time, f *facts) error {
		if f.Actor.Client == client && f.succeeded() && f.ofData() {
			s.add(at, f)
		}
		return nil
	})
	s.Partial = more
	return s, err
}

func (s *Summary) add(at time.Time, f *facts) {
	s.Events++
	s.Last = later(s.Last, at)
	for _, e := range f.Entities {
		u := s.Types[e.Type]
		if action := e.done(f); action.Writes() {
			u.Written++
		} else {
			u.Read++
		}
		u.Last = later(u.Last, at)
		s.Types[e.Type] = u
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// ofData: not of what leads to data, such as that an app was let in.
func (f *facts) ofData() bool { return len(f.Entities) > 0 || !f.Interaction.Writes() }

func (f *facts) succeeded() bool { return f.Outcome == "" || f.Outcome == Success }

// done is what was done with the entity.
func (e *entityFacts) done(f *facts) access.Interaction {
	if e.Action != "" {
		return e.Action
	}
	return f.Interaction
}

// eachPage is how many rows are read at a time.
const eachPage = 1000

// each hands over the facts of a filter's rows, newest first, at most so many;
// more says that there are further ones.
func (l *Log) each(ctx context.Context, f store.AuditFilter, most int, do func(time.Time, *facts) error) (more bool, err error) {
	for f.Limit = eachPage; ; most -= f.Limit {
		if most <= 0 {
			return true, nil
		}
		rows, err := tables.Audit{}.Find(ctx, l.config.Store, f)
		if err != nil {
			return false, err
		}
		for _, r := range rows {
			var kept facts
			if err := json.Unmarshal(r.Facts, &kept); err != nil {
				return false, errs.Wrap(err, errs.Internal, "an audit event cannot be read back")
			}
			if err := do(r.At, &kept); err != nil {
				return false, err
			}
			f.Under = r.Key
		}
		if len(rows) < f.Limit {
			return false, nil
		}
	}
}
