package tables_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

func TestVersions(t *testing.T) {
	var clock time.Time
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(second int) int64 { return store.Micros(start.Add(time.Duration(second) * time.Second)) }
	const soon = 1000 // times of one transaction differ by microseconds
	storetest.EachWith(t, storetest.Options{Now: func() time.Time { return clock }}, func(t *testing.T, s store.Store) {
		put := func(second int, typ, id string, version int64, deleted bool) {
			clock = start.Add(time.Duration(second) * time.Second)
			w := store.Write{Resource: store.Resource{Type: typ, ID: id, Version: version, Method: "PUT", Deleted: deleted}, Previous: version - 1}
			if !deleted {
				w.Body = []byte(`{}`)
			}
			err := s.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
				w.Updated = tx.Now()
				return tx.Put(ctx, []store.Write{w})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		put(1, "Flag", "a", 1, false)
		put(2, "Goal", "g", 1, false)
		put(3, "Flag", "a", 2, false)
		put(4, "Flag", "b", 1, false)
		put(5, "Flag", "a", 3, true)
		put(6, "Goal", "g", 2, false)
		for _, tt := range []struct {
			name string
			ask  store.Versions
			want string
		}{
			{"a type", store.Versions{Types: []string{"Flag"}}, "a3x b1 a2 a1"},
			{"all", store.Versions{Types: []string{"Goal", "Flag"}}, "g2 a3x b1 a2 g1 a1"},
			{"one", store.Versions{Key: search.KeyOf("Flag", "a")}, "a3x a2 a1"},
			{"nothing", store.Versions{Types: []string{"Basic", "Nothing"}}, ""},
			{"since", store.Versions{Types: []string{"Goal", "Flag"}, Since: at(4)}, "g2 a3x b1"},
			{"at a time", store.Versions{Types: []string{"Goal", "Flag"}, Current: at(4) + soon, Until: at(4) + soon}, "b1 a2 g1"},
			{"in a period", store.Versions{Types: []string{"Goal", "Flag"}, Current: at(2) + soon, Until: at(4) + soon}, "b1 a2 g1 a1"},
			{"one at a time", store.Versions{Key: search.KeyOf("Flag", "a"), Current: at(2) + soon, Until: at(2) + soon}, "a1"},
			{"after all that is deleted", store.Versions{Key: search.KeyOf("Flag", "a"), Current: at(9) + soon, Until: at(9) + soon}, "a3x"},
		} {
			for _, limit := range []int{10, 1} { // at once, and one by one
				if got := versions(t, s, tt.ask, limit); got != tt.want {
					t.Errorf("%s, %d at a time: %s, want %s", tt.name, limit, got, tt.want)
				}
			}
		}
	})
}

// versions are all that is asked for, by pages of limit.
func versions(t *testing.T, s store.Store, ask store.Versions, limit int) string {
	t.Helper()
	var names []string
	for ask.Limit = limit; ; {
		page, err := tables.Versions{}.List(t.Context(), s, ask)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page {
			name := fmt.Sprint(r.ID, r.Version)
			if r.Deleted {
				name += "x"
			}
			if r.Deleted != (r.Body == nil) || r.Method != "PUT" || r.Type == "" {
				t.Errorf("%+v", r)
			}
			names = append(names, name)
			ask.After = &store.VersionCursor{Updated: store.Micros(r.Updated), Key: r.Key(), Version: r.Version}
		}
		if len(page) < limit {
			return strings.Join(names, " ")
		}
	}
}
