package tables_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

var releaseTime = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func newRelease(t *testing.T, db store.DB, id, client string) store.Release {
	t.Helper()
	r := store.Release{ID: id, Client: client, Actor: []byte(`{}`), Policy: "registered", Scope: "Group/cohort",
		Types: []string{"Patient", "Observation"}, Request: "https://x/$export", Secret: []byte{1}, State: store.ReleaseQueued, Created: releaseTime}
	if err := (tables.Releases{}).Add(t.Context(), db, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReleaseLife(t *testing.T) {
	rows := tables.Releases{}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx := t.Context()
		want := newRelease(t, db, "r1", "warehouse")
		got, err := rows.Get(ctx, db, "r1")
		if err != nil || got.Scope != want.Scope || !slices.Equal(got.Types, want.Types) || !got.Created.Equal(want.Created) || !got.Since.IsZero() {
			t.Fatalf("%+v, %v", got, err)
		}
		if n, err := rows.Open(ctx, db, "warehouse"); n != 1 || err != nil {
			t.Errorf("%d open, %v", n, err)
		}
		first, err := rows.Begin(ctx, db, "r1", releaseTime)
		if err != nil {
			t.Fatal(err)
		}
		second, err := rows.Begin(ctx, db, "r1", releaseTime) // another process took it up
		if err != nil || second != first+1 {
			t.Fatalf("attempt %d after %d, %v", second, first, err)
		}
		if err := rows.Progress(ctx, db, "r1", first, 1, 2, releaseTime, releaseTime); !errors.Is(err, store.ErrStale) {
			t.Errorf("the first attempt goes on: %v", err)
		}
		if err := rows.Progress(ctx, db, "r1", second, 1, 2, releaseTime, releaseTime); err != nil {
			t.Error(err)
		}
		later := releaseTime.Add(time.Hour)
		if ids, err := rows.Stalled(ctx, db, later, 10); err != nil || !slices.Equal(ids, []string{"r1"}) {
			t.Errorf("stalled: %v, %v", ids, err)
		}
		if err := rows.Revive(ctx, db, "r1", later, later); err != nil {
			t.Error(err)
		}
		if err := rows.Revive(ctx, db, "r1", later, later); !errors.Is(err, store.ErrStale) {
			t.Errorf("revived twice: %v", err)
		}
		if ids, err := rows.Stalled(ctx, db, later, 10); err != nil || len(ids) != 0 {
			t.Errorf("stalled: %v, %v", ids, err)
		}
		if err := rows.Finish(ctx, db, "r1", second, store.ReleaseDone, "", releaseTime, releaseTime.Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if _, err := rows.Begin(ctx, db, "r1", releaseTime); !errors.Is(err, store.ErrStale) {
			t.Errorf("a finished release begins again: %v", err)
		}
		if n, _ := rows.Open(ctx, db, "warehouse"); n != 0 {
			t.Errorf("%d open", n)
		}
		if ids, err := rows.Expired(ctx, db, releaseTime.Add(time.Hour), 10); err != nil || !slices.Equal(ids, []string{"r1"}) {
			t.Errorf("expired: %v, %v", ids, err)
		}
		if ids, err := rows.Expired(ctx, db, releaseTime.Add(time.Minute), 10); err != nil || len(ids) != 0 {
			t.Errorf("expired early: %v, %v", ids, err)
		}
		if err := rows.Close(ctx, db, "r1", store.ReleaseExpired, releaseTime); err != nil {
			t.Error(err)
		}
		got, err = rows.Get(ctx, db, "r1")
		if err != nil || got.State != store.ReleaseExpired || len(got.Secret) != 0 || got.Written != 1 || got.Total != 2 || !got.At.Equal(releaseTime) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := rows.Close(ctx, db, "r1", store.ReleaseDeleted, releaseTime); !errors.Is(err, store.ErrStale) {
			t.Errorf("closed twice: %v", err)
		}
	})
}

func share(t *testing.T, db store.Store, p store.PartRef, keys []search.Key) (fresh []search.Key, err error) {
	t.Helper()
	err = db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		fresh, err = tables.Releases{}.Share(ctx, tx, p, keys)
		return err
	})
	return fresh, err
}

func TestReleasePartsAndWhoIsInThem(t *testing.T) {
	rows := tables.Releases{}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		ctx := t.Context()
		newRelease(t, db, "r1", "warehouse")
		one, two := store.PartRef{Release: "r1", Part: 1}, store.PartRef{Release: "r1", Part: 2}
		for p, members := range map[store.PartRef][]store.ReleaseMember{one: {{Patient: "a", EHR: true}, {Patient: "b"}}, two: {{Patient: "c"}}} {
			if err := errors.Join(rows.AddPart(ctx, db, p), rows.AddMembers(ctx, db, p, members)); err != nil {
				t.Fatal(err)
			}
		}
		if m, err := rows.Members(ctx, db, one); err != nil || !slices.Equal(m, []store.ReleaseMember{{Patient: "a", EHR: true}, {Patient: "b"}}) {
			t.Errorf("%v, %v", m, err)
		}
		if fresh, err := share(t, db, one, []search.Key{7, 8}); err != nil || len(fresh) != 2 {
			t.Errorf("%v, %v", fresh, err)
		}
		if fresh, err := share(t, db, two, []search.Key{8, 9}); err != nil || !slices.Equal(fresh, []search.Key{9}) {
			t.Errorf("%v, %v", fresh, err)
		}
		files := []store.ReleaseFile{{Type: "Observation", Count: 3, Bytes: 99}, {Type: "Patient", Count: 2, Bytes: 50}}
		if err := rows.Ready(ctx, db, one, files); err != nil {
			t.Fatal(err)
		}
		if f, err := rows.File(ctx, db, one, "Observation"); err != nil || f != (store.ReleaseFile{Part: 1, State: store.PartReady, Type: "Observation", Count: 3, Bytes: 99}) {
			t.Errorf("%+v, %v", f, err)
		}
		if _, err := rows.File(ctx, db, two, "Observation"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a file that is not there: %v", err)
		}
		if held, err := rows.Holding(ctx, db, "b", true); err != nil || len(held) != 0 {
			t.Errorf("b's health records are in %v, %v", held, err)
		}
		held, err := rows.Holding(ctx, db, "b", false)
		if err != nil || !slices.Equal(held, []store.PartRef{one}) {
			t.Errorf("b is in %v, %v", held, err)
		}
		if err := errors.Join(rows.Gone(ctx, db, one, releaseTime), rows.Gone(ctx, db, two, releaseTime)); err != nil {
			t.Fatal(err)
		}
		if held, _ := rows.Holding(ctx, db, "b", false); len(held) != 0 {
			t.Errorf("b is in %v still", held)
		}
		if err := rows.Ready(ctx, db, two, nil); !errors.Is(err, store.ErrStale) {
			t.Errorf("a part that is gone came back: %v", err)
		}
		if err := rows.AddMembers(ctx, db, two, []store.ReleaseMember{{Patient: "d"}}); !errors.Is(err, store.ErrStale) {
			t.Errorf("a part that is gone takes people: %v", err)
		}
		if fresh, err := share(t, db, two, []search.Key{8}); err != nil || len(fresh) != 1 {
			t.Errorf("what a gone part held cannot be claimed again: %v, %v", fresh, err)
		}
		all, err := rows.Files(ctx, db, "r1")
		if err != nil || len(all) != 2 || all[0].State != store.PartGone {
			t.Errorf("%+v, %v", all, err)
		}
	})
}
