package consent

import (
	"context"

	"tributary/internal/store"
)

// Everyone are the decisions of everybody, by Patient, oldest first: for counts of
// the whole cohort.
func (s *Service) Everyone(ctx context.Context, db store.DB) (map[string][]Event, error) {
	rows, err := s.rows.All(ctx, db)
	if err != nil {
		return nil, err
	}
	out := map[string][]Event{}
	for _, e := range s.events(rows) {
		out[e.Patient] = append(out[e.Patient], e)
	}
	return out, nil
}
