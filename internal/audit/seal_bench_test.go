package audit

import (
	"testing"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What rendering an event costs, and what its seal adds.
func BenchmarkRow(b *testing.B) {
	l := New(Config{Store: storetest.SQLite(b, storetest.Options{}), IDs: search.NewIDs(1, clockFrom(firstDay)), Now: clockFrom(firstDay)})
	b.Cleanup(func() { _ = l.Close(b.Context()) }) // nothing was recorded
	e := Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: "p1", Version: 1}}}
	rows := l.rows(nil, eventOf(firstDay, anna, PatientRequest, e))
	b.Run("render", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.rows(nil, eventOf(firstDay, anna, PatientRequest, e))
		}
	})
	b.Run("link", func(b *testing.B) {
		many := make([]store.AuditRow, 0, 1)
		for b.Loop() {
			linksOf(append(many[:0], rows[0]))
		}
	})
}
