package audit

import (
	"reflect"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// Reads without number become a line a day for each party and reason; pages follow
// each other without loss.
func TestUses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := logOver(t, db, Config{})
		clock := firstDay
		l.config.Now = func() time.Time { return clock }
		add := func(a access.Actor, i access.Interaction, outcome Outcome, typ string) {
			t.Helper()
			clock = clock.Add(time.Second)
			e := Event{Interaction: i, Outcome: outcome, Entities: []Entity{{Type: typ, ID: "x", Patients: []string{"p1"}}}}
			if err := l.Append(t.Context(), db, a, PurposeOf(a), e); err != nil {
				t.Fatal(err)
			}
		}
		self := access.Actor{Role: access.Participant, ID: "account-1", Patient: "p1"}
		export := access.Job("export", string(Research))
		for range 30 {
			add(anna, access.Read, "", "Observation")
		}
		add(anna, access.Create, "", "Encounter")
		add(anna, access.Read, Refused, "Condition")
		add(self, access.Read, "", "Patient")
		add(export, access.Export, "", "Patient")
		clock = clock.Add(24 * time.Hour)
		add(anna, access.Read, "", "Condition")

		all, err := l.Uses(t.Context(), UsesOf{Patient: "p1"})
		if err != nil || len(all.List) != 4 || all.Next != 0 {
			t.Fatalf("%+v, %v", all, err)
		}
		app := all.List[3]
		if app.Client != "app-1" || app.Events != 32 || app.Refused != 1 || !reflect.DeepEqual(app.Read, []string{"Observation"}) || !reflect.DeepEqual(app.Changed, []string{"Encounter"}) {
			t.Errorf("%+v", app)
		}
		if !all.List[1].Exported || all.List[1].Purpose != Research || !all.List[0].Day.After(all.List[1].Day) {
			t.Errorf("%+v", all.List)
		}
		for name, c := range map[string]struct {
			wants func(role access.Role, id, client string) bool
			want  int
		}{
			"apps":     {func(_ access.Role, _, client string) bool { return client != "" }, 2},
			"oneself":  {func(role access.Role, _, client string) bool { return role == access.Participant && client == "" }, 1},
			"research": {func(role access.Role, id, _ string) bool { return role == access.System && id == "export" }, 1},
			"staff":    {func(role access.Role, _, _ string) bool { return role == access.CenterStaff }, 0},
		} {
			if got, err := l.Uses(t.Context(), UsesOf{Patient: "p1", Wants: c.wants}); err != nil || len(got.List) != c.want {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		for range usesAtOnce + 10 {
			clock = clock.Add(24 * time.Hour)
			add(self, access.Read, "", "Patient")
		}
		first, err := l.Uses(t.Context(), UsesOf{Patient: "p1"})
		if err != nil || len(first.List) != usesAtOnce || first.Next == 0 {
			t.Fatalf("%d uses, %v", len(first.List), err)
		}
		rest, err := l.Uses(t.Context(), UsesOf{Patient: "p1", Under: first.Next})
		if err != nil || len(rest.List) != 14 || rest.Next != 0 {
			t.Errorf("%d uses, %v", len(rest.List), err)
		}
	})
}
