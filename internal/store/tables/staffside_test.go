package tables_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestDecisionsOfTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var d tables.Decisions
		want := store.StaffDecision{ID: "d1", Kind: "withdraw", Patient: "ada", Detail: []byte{0, 1}, AskedBy: "sam", Asked: oauthDay, State: "pending"}
		if err := d.Add(t.Context(), s, want); err != nil {
			t.Fatal(err)
		}
		again := want
		again.ID = "d2"
		if err := d.Add(t.Context(), s, again); !errors.Is(err, store.ErrStale) {
			t.Errorf("asked twice: %v", err)
		}
		settled := want
		settled.State, settled.By, settled.Reason, settled.Decided = "denied", "kim", []byte{2}, oauthDay.Add(time.Hour)
		for i, wanted := range []error{nil, store.ErrStale} {
			if err := d.Settle(t.Context(), s, settled); !errors.Is(err, wanted) {
				t.Errorf("settled, time %d: %v", i+1, err)
			}
		}
		if got, err := d.ByID(t.Context(), s, "d1"); err != nil || !reflect.DeepEqual(got, settled) {
			t.Errorf("kept %+v, %v", got, err)
		}
		if err := d.Reopen(t.Context(), s, "d1", "somebody"); !errors.Is(err, store.ErrStale) {
			t.Errorf("reopened by another: %v", err)
		}
		if err := d.Reopen(t.Context(), s, "d1", "kim"); err != nil {
			t.Fatal(err)
		}
		if all, err := d.Latest(t.Context(), s, "pending", 9); err != nil || len(all) != 1 || all[0].By != "" || all[0].Reason != nil {
			t.Errorf("pending again: %+v, %v", all, err)
		}
		if all, err := d.Of(t.Context(), s, "bob"); err != nil || len(all) != 0 {
			t.Errorf("of another: %+v, %v", all, err)
		}
	})
}

func TestApprovalsListed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var a tables.Approvals
		first := store.Approval{ID: "a1", Researcher: "r", Group: "cohort", Project: "p", Begins: oauthDay, Ends: oauthDay.AddDate(1, 0, 0),
			Agreed: oauthDay.AddDate(1, 0, 0), Trained: oauthDay.AddDate(2, 0, 0), Created: oauthDay}
		second := first
		second.ID, second.Created = "a2", oauthDay.Add(time.Hour)
		for _, one := range []store.Approval{first, second} {
			if err := a.Add(t.Context(), s, one); err != nil {
				t.Fatal(err)
			}
		}
		if all, err := a.Latest(t.Context(), s, 9); err != nil || !reflect.DeepEqual(all, []store.Approval{second, first}) {
			t.Errorf("listed %+v, %v", all, err)
		}
	})
}
