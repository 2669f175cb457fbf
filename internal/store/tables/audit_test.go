package tables

import (
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func TestAuditIsFoundNewestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		keyOf := func(i int64) search.Key { return search.KeyAt(at.Add(time.Duration(i) * time.Second)) }
		var rows []store.AuditRow
		for i := range int64(60) { // more than one statement's
			rows = append(rows, store.AuditRow{
				Key: keyOf(i), At: at.Add(time.Duration(i) * time.Second), Actor: i % 2, Patient: i % 3, Resource: i, Facts: []byte{byte(i)},
			})
		}
		if err := (Audit{}).Append(t.Context(), db, rows); err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			filter store.AuditFilter
			first  byte
			count  int
		}{
			"all":      {store.AuditFilter{Limit: 100}, 59, 60},
			"limit":    {store.AuditFilter{Limit: 7}, 59, 7},
			"actor":    {store.AuditFilter{Actor: 1, Limit: 100}, 59, 30},
			"patient":  {store.AuditFilter{Patient: 2, Limit: 100}, 59, 20},
			"resource": {store.AuditFilter{Resource: 5, Limit: 100}, 5, 1},
			"key":      {store.AuditFilter{Key: keyOf(4), Limit: 100}, 4, 1},
			"under":    {store.AuditFilter{Under: keyOf(10), Limit: 100}, 9, 10},
			"over":     {store.AuditFilter{Over: keyOf(10), Limit: 100, Oldest: true}, 11, 49},
			"since":    {store.AuditFilter{Since: at.Add(50 * time.Second), Limit: 100}, 59, 10},
			"before":   {store.AuditFilter{Before: at.Add(10 * time.Second), Patient: 1, Limit: 100}, 7, 3},
		} {
			found, err := Audit{}.Find(t.Context(), db, c.filter)
			if err != nil {
				t.Fatal(name, err)
			}
			if len(found) != c.count || found[0].Facts[0] != c.first || !found[0].At.Equal(at.Add(time.Duration(c.first)*time.Second)) {
				t.Errorf("%s: %d rows, first %v", name, len(found), found[0])
			}
		}
		if err := (Audit{}).Append(t.Context(), db, rows[:1]); err == nil {
			t.Error("a key was written twice")
		}
	})
}
