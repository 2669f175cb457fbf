package tables_test

import (
	"errors"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestPasskeys(t *testing.T) {
	rows := tables.Passkeys{}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx := t.Context()
		p := store.Passkey{ID: []byte{1}, Realm: "participant", Account: "a", Sealed: []byte("x"), Created: releaseTime}
		if err := rows.Add(ctx, db, p); err != nil {
			t.Fatal(err)
		}
		again := p
		again.Account = "b"
		if err := rows.Add(ctx, db, again); !errors.Is(err, store.ErrStale) {
			t.Errorf("a credential of two accounts: %v", err)
		}
		p.Sealed, p.Used, p.Suspect = []byte("y"), releaseTime.Add(time.Hour), true
		if err := rows.Update(ctx, db, p); err != nil {
			t.Error(err)
		}
		got, err := rows.ByID(ctx, db, p.ID)
		if err != nil || string(got.Sealed) != "y" || !got.Used.Equal(p.Used) || !got.Suspect || got.Account != "a" {
			t.Errorf("%+v, %v", got, err)
		}
		for realm, want := range map[string]int{"participant": 1, "staff": 0} {
			if all, err := rows.Of(ctx, db, realm, "a"); err != nil || len(all) != want {
				t.Errorf("%s has %d, %v", realm, len(all), err)
			}
		}
		for _, owner := range [][2]string{{"staff", "a"}, {"participant", "b"}} {
			if err := rows.Remove(ctx, db, owner[0], owner[1], p.ID); !errors.Is(err, store.ErrStale) {
				t.Errorf("removed by %v: %v", owner, err)
			}
		}
		if err := rows.Remove(ctx, db, "participant", "a", p.ID); err != nil {
			t.Error(err)
		}
	})
}

func TestDevices(t *testing.T) {
	rows := tables.Devices{}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx, at := t.Context(), releaseTime
		for i, want := range []struct {
			account      string
			hash         byte
			fresh, first bool
		}{{"a", 1, true, true}, {"a", 1, false, false}, {"a", 2, true, false}, {"b", 1, true, true}} {
			fresh, first, err := rows.See(ctx, db, want.account, []byte{want.hash}, at.Add(time.Duration(i)*time.Hour))
			if err != nil || fresh != want.fresh || first != want.first {
				t.Errorf("%+v: %v %v %v", want, fresh, first, err)
			}
		}
		if n, err := rows.Forget(ctx, db, at.Add(90*time.Minute)); err != nil || n != 1 {
			t.Errorf("forgot %d, %v", n, err)
		}
		if known, err := rows.Known(ctx, db, "a", []byte{1}); err != nil || known {
			t.Errorf("a forgotten browser is known (%v)", err)
		}
		if known, err := rows.Known(ctx, db, "a", []byte{2}); err != nil || !known {
			t.Errorf("a browser is not known (%v)", err)
		}
	})
}

func TestIdentities(t *testing.T) {
	rows := tables.Identities{}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx, hash := t.Context(), []byte{7}
		if _, err := rows.Account(ctx, db, hash); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody's: %v", err)
		}
		for account, want := range map[string]error{"a": nil} {
			for range 2 {
				if err := rows.Link(ctx, db, hash, account, releaseTime); !errors.Is(err, want) {
					t.Error(err)
				}
			}
		}
		if err := rows.Link(ctx, db, hash, "b", releaseTime); !errors.Is(err, store.ErrStale) {
			t.Errorf("two accounts have one identity: %v", err)
		}
		if a, err := rows.Account(ctx, db, hash); err != nil || a != "a" {
			t.Errorf("%q, %v", a, err)
		}
		if err := rows.Unlink(ctx, db, "a"); err != nil {
			t.Error(err)
		}
		if n, err := rows.Of(ctx, db, "a"); err != nil || n != 0 {
			t.Errorf("%d left, %v", n, err)
		}
	})
}
