package tables_test

import (
	"errors"
	"reflect"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestAppListings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var a tables.Apps
		c, _, _ := oauthFixture(t, s)
		if l, err := a.Listing(t.Context(), s, c.ID); err != nil || l.Name != c.Name || l.Shows(store.ForParticipants) {
			t.Errorf("a client that nothing is told of: %+v, %v", l, err)
		}
		if _, err := a.Listing(t.Context(), s, "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody: %v", err)
		}
		want := store.Listing{Client: c.ID, Name: c.Name, Scopes: c.Scopes, Publisher: "River Labs", Description: "Counts steps.", Spanish: "Cuenta pasos.",
			Website: "https://a/", LaunchURL: "https://a/launch", Audience: store.ForStaff, LogoType: "image/png", Changed: oauthDay}
		if err := a.PutListing(t.Context(), s, want, []byte{0, 0xff}); err != nil {
			t.Fatal(err)
		}
		want.Publisher = "River Labs Inc."
		if err := a.PutListing(t.Context(), s, want, nil); err != nil {
			t.Fatal(err)
		}
		if all, err := a.Listings(t.Context(), s); err != nil || !reflect.DeepEqual(all, []store.Listing{want}) || all[0].Shows(store.ForParticipants) || !all[0].Shows(store.ForStaff) {
			t.Errorf("listings %+v, %v", all, err)
		}
		if typ, logo, err := a.Logo(t.Context(), s, c.ID); err != nil || typ != "image/png" || !reflect.DeepEqual(logo, []byte{0, 0xff}) {
			t.Errorf("logo %q %v, %v", typ, logo, err)
		}
		if err := (tables.OAuth{}).SetClientDisabled(t.Context(), s, c.ID, true); err != nil {
			t.Fatal(err)
		}
		if all, err := a.Listings(t.Context(), s); err != nil || len(all) != 0 {
			t.Errorf("a disabled client is shown: %+v, %v", all, err)
		}
		for _, said := range []string{"", `{"client_uri":"https://a/"}`, "{}"} {
			if got, err := a.Said(t.Context(), s, c.ID); err != nil || said == "" && got != "" {
				t.Errorf("before anything was said: %q, %v", got, err)
			}
			if err := a.PutSaid(t.Context(), s, c.ID, said); err != nil {
				t.Fatal(err)
			}
			if got, err := a.Said(t.Context(), s, c.ID); err != nil || got != said {
				t.Errorf("said %q, %v", got, err)
			}
		}
		if _, _, err := a.Logo(t.Context(), s, "nobody"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("nobody's logo: %v", err)
		}
	})
}

func TestAppChoices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var a tables.Apps
		if _, err := a.Choice(t.Context(), s, "s", "app"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("before any: %v", err)
		}
		want := store.Choice{Subject: "s", Client: "app", Asked: "openid patient/*.rs", Granted: "openid", DecidedAt: oauthDay}
		for _, c := range []store.Choice{{Subject: "s", Client: "app", DecidedAt: oauthDay}, want, {Subject: "s", Client: "other", DecidedAt: oauthDay}} {
			if err := a.PutChoice(t.Context(), s, c); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := a.Choice(t.Context(), s, "s", "app"); err != nil || got != want {
			t.Errorf("choice %+v, %v", got, err)
		}
		for _, client := range []string{"app", ""} {
			if err := a.ForgetChoice(t.Context(), s, "s", client); err != nil {
				t.Fatal(err)
			}
			if _, err := a.Choice(t.Context(), s, "s", "app"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("forgotten: %v", err)
			}
		}
		if _, err := a.Choice(t.Context(), s, "s", "other"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("all forgotten: %v", err)
		}
	})
}
