package tables_test

import (
	"reflect"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestNewsMarks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var n tables.News
		at := oauthDay
		unread := func(patient string, want ...string) {
			t.Helper()
			if got, err := n.Unread(t.Context(), s, patient, at.Add(-time.Hour)); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s has not read %v, want %v (%v)", patient, got, want, err)
			}
		}
		for _, m := range []store.NewsMark{
			{Patient: "ada", Communication: "mine", Topic: "account", At: at}, {Patient: "ada", Communication: "mine", Topic: "account", At: at},
			{Communication: "common", Topic: "news", At: at}, {Communication: "old", Topic: "news", At: at.Add(-2 * time.Hour)},
		} {
			if err := n.Add(t.Context(), s, m); err != nil {
				t.Fatal(err)
			}
		}
		unread("ada", "mine", "common")
		unread("bob", "common")
		for range 2 {
			for _, c := range []string{"mine", "common", "nothing"} {
				if err := n.Read(t.Context(), s, "ada", c, at); err != nil {
					t.Fatal(err)
				}
			}
		}
		unread("ada")
		unread("bob", "common")
		if err := n.Read(t.Context(), s, "bob", "mine", at); err != nil {
			t.Fatal(err)
		}
		unread("bob", "common")
		if err := n.Forget(t.Context(), s, "ada"); err != nil {
			t.Fatal(err)
		}
		unread("ada", "common")
	})
}

func TestNewsPreferences(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		var n tables.News
		for _, p := range []store.NewsPreference{{Topic: "news", Mail: true}, {Topic: "findings", Mail: true}, {Topic: "news"}} {
			if err := n.Prefer(t.Context(), s, "ada", p); err != nil {
				t.Fatal(err)
			}
		}
		want := []store.NewsPreference{{Topic: "findings", Mail: true}, {Topic: "news"}}
		if got, err := n.Preferences(t.Context(), s, "ada"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("chosen %+v, %v", got, err)
		}
		if err := n.Forget(t.Context(), s, "ada"); err != nil {
			t.Fatal(err)
		}
		if got, err := n.Preferences(t.Context(), s, "ada"); err != nil || got != nil {
			t.Errorf("left %+v, %v", got, err)
		}
	})
}
