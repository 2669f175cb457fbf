package access

import "testing"

// The calendar of a center is everybody's to read, and its own staff's to change.
func TestACenterChangesItsOwnCalendar(t *testing.T) {
	p := policyOf(world{})
	slot := func(site string) string {
		return `{"resourceType":"Slot","id":"1","schedule":{"reference":"Schedule/` + site + `"},"status":"free","start":"2026-03-02T09:00:00Z","end":"2026-03-02T10:00:00Z"}`
	}
	schedule := func(site string) string {
		return `{"resourceType":"Schedule","id":"` + site + `","actor":[{"reference":"Location/` + site + `"}]}`
	}
	for _, c := range []struct {
		typ, body string
		own       bool
	}{
		{"Slot", slot("s1"), true}, {"Slot", slot("s2"), false},
		{"Schedule", schedule("s1"), true}, {"Schedule", schedule("s2"), false},
	} {
		staff := Actor{Role: CenterStaff, ID: "kim", Site: "s1", Unscoped: true}
		changes, err := p.Decide(t.Context(), staff, Request{Interaction: Update, Type: c.typ, ID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		if err := changes.CheckWrite("1", entries(t, c.typ, c.body)); (err == nil) != c.own {
			t.Errorf("changing %s: %v", c.body, err)
		}
		reads, err := p.Decide(t.Context(), staff, Request{Interaction: Read, Type: c.typ, ID: "1"})
		if err != nil {
			t.Fatal(err)
		}
		if err := reads.Check("1", entries(t, c.typ, c.body)); err != nil {
			t.Errorf("reading %s: %v", c.body, err)
		}
	}
	if _, err := p.Decide(t.Context(), Actor{Role: CenterStaff, ID: "kim", Unscoped: true}, Request{Interaction: Update, Type: "Slot", ID: "1"}); err == nil {
		t.Error("staff of no site change a calendar")
	}
	app := Actor{Role: CenterStaff, ID: "kim", Client: "app", Site: "s1", Patient: "p1", Scopes: parse(t, "user/*.cruds")}
	if _, err := p.Decide(t.Context(), app, Request{Interaction: Update, Type: "Slot", ID: "1"}); err == nil {
		t.Error("an app about one person changes a calendar")
	}
}

// A Task is in no compartment; a center reaches those about who is there.
func TestACenterReachesTheTasksOfWhoIsThere(t *testing.T) {
	p := policyOf(world{here: map[string][]string{"s1": {"p1"}}})
	staff := Actor{Role: CenterStaff, ID: "kim", Site: "s1", Unscoped: true}
	d, err := p.Decide(t.Context(), staff, Request{Interaction: Read, Type: "Task", ID: "1"})
	if err != nil {
		t.Fatal(err)
	}
	for body, sees := range map[string]bool{
		`{"resourceType":"Task","id":"1","status":"requested","intent":"order","for":{"reference":"Patient/p1"}}`: true,
		`{"resourceType":"Task","id":"1","status":"requested","intent":"order","for":{"reference":"Patient/p2"}}`: false,
		`{"resourceType":"Task","id":"1","status":"requested","intent":"order"}`:                                  false,
	} {
		if err := d.Check("1", entries(t, "Task", body)); (err == nil) != sees {
			t.Errorf("%s: %v", body, err)
		}
	}
	p = policyOf(world{here: map[string][]string{"s1": {"p1", "p2"}}})
	app := Actor{Role: CenterStaff, ID: "kim", Client: "app", Site: "s1", Patient: "p1", Scopes: parse(t, "user/*.cruds")}
	if d, err = p.Decide(t.Context(), app, Request{Interaction: Read, Type: "Task", ID: "1"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Check("1", entries(t, "Task", `{"resourceType":"Task","id":"1","status":"requested","intent":"order","for":{"reference":"Patient/p2"}}`)); err == nil {
		t.Error("an app about one person sees the tasks of another")
	}
}
