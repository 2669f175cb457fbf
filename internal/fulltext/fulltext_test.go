package fulltext_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/feed"
	"tributary/internal/fulltext"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func service(db store.Store, c *clock, owner string) *fulltext.Service {
	return fulltext.New(fulltext.Config{Store: db.(store.Feed), Registry: search.Base(), Owner: owner, Now: c.now, Logger: slog.New(slog.DiscardHandler)})
}

// follow steps, resting in no time, until nothing is left.
func follow(t *testing.T, s *fulltext.Service, c *clock) {
	t.Helper()
	for idle := 0; idle < 3; {
		c.at = c.at.Add(time.Second)
		outcome, err := s.Step(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if outcome != feed.Moved {
			idle++
		}
	}
}

func put(t *testing.T, db store.Store, r store.Resource) {
	t.Helper()
	err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		r.Updated = tx.Now()
		return tx.Put(ctx, []store.Write{{Resource: r, Previous: r.Version - 1}})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// found counts what a text search finds.
func found(t *testing.T, db store.Store, query string) int64 {
	t.Helper()
	parsed, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "_content", Value: query}}, search.Options{FullText: true})
	if err != nil {
		t.Fatal(err)
	}
	parsed.Query.Total = search.TotalAccurate
	page, err := db.Search(t.Context(), parsed.Query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return page.Total
}

func patient(version int64, body string) store.Resource {
	return store.Resource{Type: "Patient", ID: "p", Version: version, Method: "PUT", Body: []byte(body)}
}

func TestTheTextFollowsTheVersions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		c := &clock{time.Now()}
		first, second := service(db, c, "first"), service(db, c, "second")
		put(t, db, patient(1, `{"resourceType":"Patient","id":"p","name":[{"family":"Grüßner"}]}`))
		if n := found(t, db, "grussner"); n != 0 {
			t.Errorf("found before it was followed: %d", n)
		}
		c.at = time.Now().Add(30 * time.Second)
		if behind, err := second.Behind(t.Context()); err != nil || behind < 29*time.Second || behind > 40*time.Second {
			t.Errorf("behind by %v, %v", behind, err)
		}
		follow(t, first, c)
		if behind, err := second.Behind(t.Context()); err != nil || behind != 0 {
			t.Errorf("behind by %v when all is there, %v", behind, err)
		}
		if n := found(t, db, "Grüssner"); n != 1 {
			t.Errorf("the first version: %d", n)
		}
		put(t, db, patient(2, `{"resourceType":"Patient","id":"p","name":[{"family":"Okafor"}]}`))
		put(t, db, patient(3, `{"resourceType":"Patient","id":"p","name":[{"family":"Adeyemi"}]}`))
		follow(t, second, c) // another process: the lease is not its own
		if n := found(t, db, "adeyemi"); n != 0 {
			t.Errorf("followed by two: %d", n)
		}
		c.at = c.at.Add(time.Minute) // the first was killed
		follow(t, second, c)
		for query, want := range map[string]int64{"adeyemi": 1, "okafor": 0, "grussner": 0, "adey*": 1} {
			if n := found(t, db, query); n != want {
				t.Errorf("%s: %d, want %d", query, n, want)
			}
		}
		put(t, db, store.Resource{Type: "Patient", ID: "p", Version: 4, Method: "DELETE", Deleted: true})
		if n := found(t, db, "adeyemi"); n != 0 {
			t.Errorf("a deleted one is found: %d", n)
		}
		follow(t, second, c)
		if n := rows(t, db); n != 0 {
			t.Errorf("%d rows are left of what was deleted", n)
		}
	})
}

func rows(t *testing.T, db store.Store) (n int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM fulltext").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// The work rests long while others write, less when the text is far behind.
func TestTheWorkYields(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		written := time.Now()
		put(t, db, patient(1, `{"resourceType":"Patient","id":"p"}`))
		for name, c := range map[string]struct {
			now    time.Time
			behind time.Duration
			want   time.Duration
		}{
			"others write":                       {written, time.Minute, 190 * time.Millisecond},
			"others write, and it is far behind": {written, time.Hour, 30 * time.Millisecond},
			"nobody has written for a while":     {written.Add(time.Minute), time.Hour, 10 * time.Millisecond},
		} {
			s := service(db, &clock{c.now}, "one")
			if rest := s.Rest(t.Context(), 10*time.Millisecond, c.now.Add(-c.behind)); rest != c.want {
				t.Errorf("%s: it rests %s, want %s", name, rest, c.want)
			}
			if rest := s.Rest(t.Context(), time.Minute, c.now); rest > 5*time.Second {
				t.Errorf("%s: it rests %s, longer than its lease bears", name, rest)
			}
		}
	})
}
