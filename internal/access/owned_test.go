package access

import (
	"testing"

	"tributary/fhir/search"
	"tributary/internal/errs"
)

// A Subscription is its maker's alone: not another client's for the same person,
// nor the same client's for another.
func TestOwned(t *testing.T) {
	p := policyOf(world{})
	maker := Actor{Role: Participant, ID: "ada", Client: "app", Patient: "p1", Scopes: parse(t, "patient/*.cruds")}
	tag, ok := search.Base().Lookup("Subscription", "_tag")
	if !ok {
		t.Fatal("Subscriptions have no tags")
	}
	made := search.Entries{Tokens: []search.TokenEntry{{Param: tag.Rows().Number, Hash: search.TokenHash(OwnerSystem, Owner(maker))}}}
	other, another := maker, maker
	other.Client, another.ID = "other", "bob"
	ehr := Actor{Role: EHR, ID: "app", Client: "app", Scopes: parse(t, "system/*.cruds")}
	repair := Actor{Role: Maintenance, ID: "repair", Client: "repair", Scopes: parse(t, "system/*.cruds")}
	for _, c := range []struct {
		actor Actor
		sees  bool
	}{{maker, true}, {other, false}, {another, false}, {ehr, false}, {repair, true}} {
		for _, i := range []Interaction{Read, Update, Delete} {
			d, err := p.Decide(t.Context(), c.actor, Request{Interaction: i, Type: "Subscription", ID: "1"})
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Check("1", made); (err == nil) != c.sees || err != nil && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s of %s for %s: %v", i, c.actor.Client, c.actor.ID, err)
			}
		}
	}
	ehr.Client = ""
	if _, err := p.Decide(t.Context(), ehr, Request{Interaction: Create, Type: "Subscription"}); err == nil {
		t.Error("nobody's client owns something")
	}
}
