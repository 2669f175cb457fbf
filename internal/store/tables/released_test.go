package tables_test

import (
	"errors"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

// A participant is told of the releases that a part was handed out of with data of
// theirs, also when it is gone; not of one that is still being written.
func TestReleasesOfOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		rows := tables.Releases{}
		for i, id := range []string{"first", "second", "writing", "others"} {
			r := store.Release{ID: id, Client: "w-" + id, Actor: []byte(`{}`), Policy: "registered", Secret: []byte{1}, State: store.ReleaseQueued, Created: releaseTime.Add(time.Duration(i) * time.Hour)}
			if err := rows.Add(t.Context(), db, r); err != nil {
				t.Fatal(err)
			}
		}
		hand := func(id string, part int64, members ...store.ReleaseMember) store.PartRef {
			t.Helper()
			p := store.PartRef{Release: id, Part: part}
			if err := errors.Join(rows.AddPart(t.Context(), db, p), rows.AddMembers(t.Context(), db, p, members)); err != nil {
				t.Fatal(err)
			}
			if id != "writing" {
				if err := rows.Ready(t.Context(), db, p, nil); err != nil {
					t.Fatal(err)
				}
			}
			return p
		}
		gone := hand("first", 1, store.ReleaseMember{Patient: "ada", EHR: true}, store.ReleaseMember{Patient: "bob"})
		hand("second", 1, store.ReleaseMember{Patient: "ada"})
		again := hand("second", 2, store.ReleaseMember{Patient: "ada", EHR: true})
		hand("writing", 1, store.ReleaseMember{Patient: "ada"})
		hand("others", 1, store.ReleaseMember{Patient: "bob"})
		if err := errors.Join(rows.Gone(t.Context(), db, gone, releaseTime), rows.Gone(t.Context(), db, again, releaseTime)); err != nil {
			t.Fatal(err)
		}
		of := func(patient string, limit int) []store.ReleasedOf {
			t.Helper()
			all, err := tables.Released{}.Of(t.Context(), db, patient, limit)
			if err != nil {
				t.Fatal(err)
			}
			return all
		}
		all := of("ada", 10)
		if len(all) != 2 || all[0].ID != "second" || !all[0].EHR || all[0].Gone || all[1].ID != "first" || !all[1].EHR || !all[1].Gone || all[1].Client != "w-first" || !all[1].Created.Equal(releaseTime) {
			t.Errorf("ada's: %+v", all)
		}
		if bobs := of("bob", 10); len(bobs) != 2 || bobs[0].ID != "others" || bobs[0].EHR || bobs[1].EHR || !bobs[1].Gone {
			t.Errorf("bob's: %+v", bobs)
		}
		if n := len(of("ada", 1)) + len(of("nobody", 9)); n != 1 {
			t.Errorf("the bound or the person does not count: %d", n)
		}
	})
}
