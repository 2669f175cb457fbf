package consent

import (
	"context"

	"tributary/internal/store"
)

// pageOfPeople is how many people's decisions are in memory at a time, with what they
// drew.
const pageOfPeople = 500

// eachPerson hands over the decisions of everybody who ever made one, by Patient,
// oldest first, in pages.
func (s *Service) eachPerson(ctx context.Context, db store.DB, each func(patient string, events []Event)) error {
	for after := ""; ; {
		rows, err := s.rows.Page(ctx, db, after, pageOfPeople)
		if err != nil || len(rows) == 0 {
			return err
		}
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].Patient == rows[0].Patient {
				n++
			}
			after = rows[0].Patient
			each(after, s.events(rows[:n]))
			rows = rows[n:]
		}
	}
}

// Everyone are the decisions of everybody, by Patient, oldest first: for counts of
// the whole cohort.
func (s *Service) Everyone(ctx context.Context, db store.DB) (map[string][]Event, error) {
	out := map[string][]Event{}
	err := s.eachPerson(ctx, db, func(patient string, events []Event) { out[patient] = events })
	return out, err
}
