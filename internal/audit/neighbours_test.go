package audit

import (
	"fmt"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Of many events at once, those of one patient follow each other, in the order of their
// times, and none is left out.
func TestManyAtOnce(t *testing.T) {
	const events, patients = 3 * many, 5
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := logOver(t, db, Config{})
		for i := range events {
			p := fmt.Sprint("p", i%patients)
			if err := l.Record(t.Context(), anna, Operations, Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: p, Version: int64(i + 1)}}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := l.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		rows, err := l.Find(t.Context(), db, store.AuditFilter{Limit: 1000})
		if err != nil || len(rows) != events {
			t.Fatal(len(rows), err)
		}
		last := map[string]store.Resource{}
		changes, before := 0, ""
		for i := len(rows) - 1; i >= 0; i-- { // the oldest first
			who := PatientsNamed(rows[i].Body)[0]
			if who != before {
				changes, before = changes+1, who
			}
			if earlier, seen := last[who]; seen && rows[i].Updated.Before(earlier.Updated) {
				t.Errorf("an event of %s is out of order", who)
			}
			last[who] = rows[i]
		}
		if len(last) != patients || changes > 3*patients { // in at most three batches
			t.Errorf("%d patients, %d runs", len(last), changes)
		}
	})
}
