package access

import (
	"context"
	"slices"
	"testing"
	"time"

	"tributary/fhir/search"
)

// changing counts how often it is asked who is on a Group.
type changing struct {
	world
	asked   int
	changes int64
}

func (c *changing) Changes() int64 { return c.changes }

func (c *changing) Members(ctx context.Context, id string) ([]string, error) {
	c.asked++
	return c.world.Members(ctx, id)
}

// Who shares is asked once a second at most, and anew after each decision of this process.
func TestWhoSharesIsKeptForAMoment(t *testing.T) {
	now := time.Unix(1, 0)
	people := &changing{world: world{people: map[string]Permissions{"p1": {EHR: true}}, members: map[string][]string{"g": {"p1", "p2"}}}}
	p := &Policy{Consents: people, Groups: people, Registry: search.Base(), Now: func() time.Time { return now }}
	ehr := Actor{Role: EHR, Client: "h", Groups: []string{"g"}, Scopes: parse(t, "system/*.rs")}
	reads := func() bool {
		d, err := p.Decide(t.Context(), ehr, Request{Read, "Patient", "p1"})
		return err == nil && d.Check("p1", entries(t, "Patient", own["Patient"])) == nil
	}
	for range 3 {
		if !reads() {
			t.Fatal("who shares is not reached")
		}
	}
	if people.asked != 1 {
		t.Errorf("asked %d times", people.asked)
	}
	people.people["p1"] = Permissions{}
	if people.changes++; reads() {
		t.Error("a revocation of this process does not count at once")
	}
	people.people["p1"] = Permissions{EHR: true} // by another process
	if reads() {
		t.Error("the list was not kept")
	}
	if now = now.Add(sharingLife); !reads() {
		t.Error("the list was kept for too long")
	}
}

func TestResearchersExportWhatIsApproved(t *testing.T) {
	p := policyOf(world{named: map[string][]string{"rae": {"g1"}}})
	for _, c := range []struct {
		id, scopes string
		request    Request
		allowed    bool
	}{
		{"rae", "user/*.rs", Request{Export, "Group", "g1"}, true},
		{"rae", "user/*.rs", Request{Export, "Group", "g2"}, false},
		{"rae", "system/*.rs", Request{Export, "Group", "g1"}, false},
		{"rae", "user/*.c", Request{Export, "Group", "g1"}, false},
		{"rae", "user/*.rs", Request{Export, "Patient", ""}, false},
		{"rae", "user/*.rs", Request{Export, "", ""}, false},
		{"roy", "user/*.rs", Request{Export, "Group", "g1"}, false},
		{"rae", "user/*.rs", Request{Read, "Patient", "p1"}, false},
	} {
		a := Actor{Role: Researcher, ID: c.id, Client: "app", Groups: []string{"g1", "g2"}, Scopes: parse(t, c.scopes)}
		if _, err := p.Decide(t.Context(), a, c.request); c.allowed != (err == nil) {
			t.Errorf("%s, %s: %+v: %v", c.id, c.scopes, c.request, err)
		}
	}
}

// A permission of a delegate narrows by its own scopes, too, and covers no more.
func TestDelegatesStayWithinThePermission(t *testing.T) {
	for covers, c := range map[string]struct{ decided, reached bool }{
		"patient/Observation.rs": {true, true}, "patient/Patient.rs": {false, false},
		"patient/Observation.s": {false, false}, "": {false, false},
		"patient/Observation.rs?category=laboratory":  {true, true},
		"patient/Observation.rs?category=vital-signs": {true, false},
	} {
		p := policyOf(world{acts: map[string]string{"eve p1": covers}})
		eve := Actor{Role: Delegate, ID: "eve", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.rs")}
		d, err := p.Decide(t.Context(), eve, Request{Read, "Observation", "o1"})
		if c.decided != (err == nil) {
			t.Errorf("%q: %v", covers, err)
		}
		if err == nil && c.reached != (d.Check("o1", entries(t, "Observation", own["Observation"])) == nil) {
			t.Errorf("%q: reached %v", covers, !c.reached)
		}
	}
}

// TestAttackWithoutAPermission: a delegate whose permission ended is let do nothing, not
// even read what is about nobody. The line: len(covered.Resource) in permit.go.
func TestAttackWithoutAPermission(t *testing.T) {
	for covers, want := range map[string]bool{"patient/*.rs": true, "": false} {
		p := policyOf(world{acts: map[string]string{"eve p1": covers}})
		eve := Actor{Role: Delegate, ID: "eve", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.rs user/*.rs")}
		for _, typ := range []string{"Questionnaire", "CodeSystem", "Location", "Observation"} {
			if _, err := p.Decide(t.Context(), eve, Request{Read, typ, "x"}); (err == nil) != want {
				t.Errorf("%s with %q: %v", typ, covers, err)
			}
		}
	}
}

// An EHR system reaches who shares with its provider: by name, or with all.
func TestAProviderReachesWhoSharesWithIt(t *testing.T) {
	for shared, reached := range map[string][]string{"": {"a", "b", ""}, "a": {"a"}, "b a": {"a", "b"}, "ab": nil} {
		p := policyOf(world{people: map[string]Permissions{"p1": {EHR: true, Providers: shared}}, members: map[string][]string{"g": {"p1"}}})
		for _, provider := range []string{"a", "b", ""} {
			ehr := Actor{Role: EHR, Client: "h", Groups: []string{"g"}, Provider: provider, Scopes: parse(t, "system/*.crus")}
			for _, i := range []Interaction{Read, Search, Update} {
				d, err := p.Decide(t.Context(), ehr, Request{i, "Observation", "o1"})
				got := err == nil && d.Check("o1", entries(t, "Observation", own["Observation"])) == nil
				if want := slices.Contains(reached, provider); got != want {
					t.Errorf("shared with %q: %s of %q: %v (%v)", shared, i, provider, got, err)
				}
			}
		}
	}
}

// Lists of two providers of one Group are kept apart.
func TestWhoSharesIsKeptByProvider(t *testing.T) {
	people := &changing{world: world{people: map[string]Permissions{"p1": {EHR: true, Providers: "a"}}, members: map[string][]string{"g": {"p1"}}}}
	p := &Policy{Consents: people, Groups: people, Registry: search.Base()}
	for _, provider := range []string{"a", "b", "a"} {
		_, err := p.Decide(t.Context(), Actor{Role: EHR, Groups: []string{"g"}, Provider: provider, Scopes: parse(t, "system/*.rs")}, Request{Read, "Patient", "p1"})
		if (err == nil) != (provider == "a") {
			t.Errorf("%s: %v", provider, err)
		}
	}
}
