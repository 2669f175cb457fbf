package audit

import (
	"reflect"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// A client's use of one participant's data is summed up: not that of others, not
// what was refused, not what was before.
func TestByClient(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := logOver(t, db, Config{})
		clock := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		l.config.Now = func() time.Time { return clock }
		other := anna
		other.Client = "app-2"
		add := func(a access.Actor, i access.Interaction, outcome Outcome, entities ...Entity) {
			t.Helper()
			clock = clock.Add(time.Hour)
			if err := l.Append(t.Context(), db, a, PatientRequest, Event{Interaction: i, Outcome: outcome, Entities: entities}); err != nil {
				t.Fatal(err)
			}
		}
		of := func(typ, id, patient string) Entity { return Entity{Type: typ, ID: id, Patients: []string{patient}} }
		add(anna, access.Read, "", of("Observation", "early", "p1"))
		since := clock.Add(time.Minute)
		add(anna, access.Search, "", of("Observation", "a", "p1"), of("Observation", "b", "p1"), of("Encounter", "c", "p1"))
		add(anna, access.Create, "", of("Observation", "d", "p1"))
		last := clock
		add(anna, access.Read, Refused, of("Observation", "x", "p1"))
		add(other, access.Read, "", of("Observation", "x", "p1"))
		add(anna, access.Read, "", of("Observation", "x", "p2"))

		got, err := l.ByClient(t.Context(), "p1", "app-1", since)
		want := Summary{Events: 2, Last: last, Types: map[string]Usage{
			"Observation": {Read: 2, Written: 1, Last: last}, "Encounter": {Read: 1, Last: last.Add(-time.Hour)}}}
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
		all, err := l.ByClient(t.Context(), "p1", "app-1", time.Time{})
		if err != nil || all.Types["Observation"].Read != 3 {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
