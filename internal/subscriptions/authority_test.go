package subscriptions

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	"tributary/internal/access"
	"tributary/internal/store/storetest"
)

// What a delegate subscribed to ends with the permission: the authorization server
// answers for it, and nobody where it is not asked.
func TestADelegatesSubscriptionEndsWithThePermission(t *testing.T) {
	w := start(t, storetest.SQLite(t, storetest.Options{}))
	o := owner{Role: access.Delegate, ID: "ben", Client: "diary", Patient: "p1", Scopes: "patient/*.rs", Grant: "grant of app"}
	broken := errors.New("the database is away")
	for name, c := range map[string]struct {
		holds func(context.Context, string) (bool, error)
		want  error
	}{
		"in force":      {func(_ context.Context, grant string) (bool, error) { return grant == o.Grant, nil }, nil},
		"over":          {func(context.Context, string) (bool, error) { return false, nil }, errOver},
		"not known":     {func(context.Context, string) (bool, error) { return true, broken }, broken},
		"nobody to ask": {nil, errOver},
	} {
		w.service.Holds = c.holds
		a, err := w.service.actor(t.Context(), o)
		if !errors.Is(err, c.want) || err == nil && a.Patient != "p1" || c.want == broken && errors.Is(err, errOver) {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

// What was subscribed about one participant is not of the same delegate's client for
// another.
func TestADelegatesSubscriptionsAreApart(t *testing.T) {
	one := owner{Role: access.Delegate, ID: "ben", Client: "diary", Patient: "p1"}
	kept, err := json.Marshal(one)
	ok(t, err)
	other := one
	other.Patient = "p2"
	if !one.same(kept) || other.same(kept) {
		t.Error("owners are told apart wrongly")
	}
	a, b := access.Actor{Role: access.Delegate, ID: "ben", Client: "diary", Patient: "p1"}, access.Actor{Role: access.Delegate, ID: "ben", Client: "diary", Patient: "p2"}
	if access.Owner(a) == access.Owner(b) {
		t.Error("what the client made for p1 is in reach for p2")
	}
}
