package parts_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/feed"
	"tributary/internal/parts"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func service(db store.Store, c *clock, owner string) *parts.Service {
	return parts.New(parts.Config{Store: db.(store.Feed), Owner: owner, Now: c.now, Logger: slog.New(slog.DiscardHandler)})
}

type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// follow steps, resting in no time, until nothing is left.
func follow(t *testing.T, s *parts.Service, c *clock) {
	t.Helper()
	for idle := 0; idle < 3; {
		c.at = c.at.Add(time.Second)
		outcome, err := s.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if outcome != feed.Moved {
			idle++
		}
	}
}

// world is a store and the names that its patients have.
type world struct {
	t     *testing.T
	db    store.Store
	names map[string]string
	kept  map[string]store.Resource
}

func newWorld(t *testing.T, db store.Store) *world {
	return &world{t: t, db: db, names: map[string]string{}, kept: map[string]store.Resource{}}
}

// name gives a patient a name, "" takes the patient away.
func (w *world) name(id, name string) {
	w.t.Helper()
	before := w.kept[id]
	r := store.Resource{Type: "Patient", ID: id, Version: before.Version + 1, Method: "PUT", Deleted: name == ""}
	if name != "" {
		family, err := json.Marshal(name)
		if err != nil {
			w.t.Fatal(err)
		}
		r.Body = fmt.Appendf(nil, `{"resourceType":"Patient","id":%q,"name":[{"family":%s}]}`, id, family)
	}
	err := w.db.Update(w.t.Context(), func(ctx context.Context, tx store.Tx) error {
		r.Updated = tx.Now()
		return tx.Put(ctx, []store.Write{{Resource: r, Previous: before.Version, Add: w.entries(r), Drop: w.entries(before)}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.kept[id] = r
	if w.names[id] = search.Fold(name); name == "" {
		delete(w.names, id)
	}
}

func (w *world) entries(r store.Resource) search.Entries {
	if len(r.Body) == 0 {
		return search.Entries{}
	}
	root, err := tree.Parse(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	entries, err := search.Base().Extract("Patient", r.ID, root, "http://example.org")
	if err != nil {
		w.t.Fatal(err)
	}
	return entries
}

// query asks for a part of the family names, three on a page.
func (w *world) query(asked string) search.Query {
	w.t.Helper()
	parsed, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "family:contains", Value: asked}}, search.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	parsed.Query.Total, parsed.Query.Count = search.TotalAccurate, 3
	return parsed.Query
}

// total counts.
func (w *world) total(asked string) int64 {
	w.t.Helper()
	q := w.query(asked)
	q.Count = 0
	page, err := w.db.Search(w.t.Context(), q, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return page.Total
}

// finds asks for a part of the family names, and holds the answer against the names.
func (w *world) finds(asked string) {
	w.t.Helper()
	var want []string
	for id, name := range w.names {
		if strings.Contains(name, search.Fold(asked)) {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	if got := w.search(asked); !slices.Equal(got, want) {
		w.t.Errorf("%.30q is in %v, not %v", asked, want, got)
	}
}

// search returns the ids of a search, page by page.
func (w *world) search(asked string) (ids []string) {
	w.t.Helper()
	var after *store.Cursor
	for {
		page, err := w.db.Search(w.t.Context(), w.query(asked), after)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, r := range page.Resources {
			ids = append(ids, r.ID)
		}
		if after = page.Next; after == nil {
			if page.Total != int64(len(ids)) {
				w.t.Errorf("%.30s: %d in all, %d on pages", asked, page.Total, len(ids))
			}
			slices.Sort(ids)
			return ids
		}
	}
}

// parts counts the rows of the table, of strings that have such a beginning.
func (w *world) parts(beginning string) (n int) {
	w.t.Helper()
	if err := w.db.QueryRow(w.t.Context(), `SELECT count(*) FROM string_part WHERE folded LIKE $1`, beginning+"%").Scan(&n); err != nil {
		w.t.Fatal(err)
	}
	return n
}

// strange are names that a pattern language, a collation or a cut could stumble over.
var strange = []string{
	"Grüßner", "Łódź-Nowak", "O'Brien", "100% sure_thing", `back\slash`, "李小龍", "Ångström", "İstanbul", "ﬁnch", "a", "aa", "aaa", "banana", "a b  c",
	"한국", "😀 smile 😀", strings.Repeat("long ", 9) + "enoug", strings.Repeat("longer ", 12), strings.Repeat("x", 300), "\U0010FFFFz", "Å\U0010FFFF\U0010FFFFq",
}

func TestEveryTextWithinAStringIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		w, c := newWorld(t, db), &clock{time.Now()}
		random := rand.New(rand.NewPCG(1, 2))
		s := service(db, c, "first")
		for i, name := range strange {
			w.name(fmt.Sprint("p", i), name)
			if i == len(strange)/2 { // the other half is looked at
				follow(t, s, c)
			}
		}
		for range 3 {
			for _, name := range strange {
				runes := []rune(name)
				from := random.IntN(len(runes))
				w.finds(string(runes[from : from+1+random.IntN(len(runes)-from)]))
			}
			for _, asked := range []string{"a", "n", "%", "_", `\`, "'", "nothing", "李", "x", "longer longer", "aaaa", "b c", "\U0010FFFF"} {
				w.finds(asked)
			}
			w.name(fmt.Sprint("p", random.IntN(8)), "") // and what changes is looked at, until it is followed
			w.name(fmt.Sprint("q", random.IntN(8)), strange[random.IntN(len(strange))]+"s")
			w.name("r", strange[random.IntN(len(strange))])
			w.finds("s")
			w.finds("an")
			follow(t, s, c)
		}
	})
}

func TestTheWayIsThroughTheParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		w, c := newWorld(t, db), &clock{time.Now()}
		w.name("p", "Montgomery")
		w.name("q", "Montgomery")
		follow(t, service(db, c, "first"), c)
		if n, want := w.parts("montgomery"), len(search.Parts("montgomery")); n%want != 0 || n == 0 || n > 3*want {
			t.Errorf("%d rows of the parts of one name; it has %d under family and name each", n, want)
		}
		w.name("q", "") // so that nothing is as new as the place
		follow(t, service(db, c, "first"), c)
		if _, err := db.Exec(t.Context(), `DELETE FROM string_part`); err != nil {
			t.Fatal(err)
		}
		if n := w.total("gome"); n != 0 {
			t.Errorf("%d are counted without parts", n)
		}
	})
}

func TestWhatNobodyHasIsDropped(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		w, c := newWorld(t, db), &clock{time.Now()}
		s := service(db, c, "first")
		w.name("p", "Montgomery")
		w.name("q", "Okafor")
		follow(t, s, c)
		w.name("p", "")
		walk(t, s)
		if w.parts("montgomery") != 0 || w.parts("okafor") == 0 {
			t.Error("a walk drops the strings that no resource has, and no others")
		}
		w.name("p", "Montgomery")
		w.finds("ontgom")
		follow(t, s, c)
		w.finds("ontgom")
	})
}

func walk(t *testing.T, s *parts.Service) {
	t.Helper()
	for over := false; !over; {
		var err error
		if over, err = s.Tidy(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A name that comes while a walk drops it, and the follower adds it, is never without
// some of its parts once it is followed.
func TestNamesComeAndGoBesideWalks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		w, c := newWorld(t, db), &clock{time.Now()}
		s := service(db, c, "first")
		follow(t, s, c)
		done := make(chan struct{})
		go func() {
			defer close(done)
			walker := service(db, c, "second")
			for range 60 {
				if _, err := walker.Tidy(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}()
		for i := range 20 {
			name := strange[i%len(strange)]
			w.name("p", name)
			w.finds(name)
			follow(t, s, c)
			w.finds(name)
			w.name("p", "")
		}
		<-done
		for i, name := range strange {
			w.name(fmt.Sprint("p", i), name)
		}
		follow(t, s, c)
		for _, name := range strange {
			w.finds(name)
		}
	})
}

func TestRunFollowsAndEnds(t *testing.T) {
	db := storetest.SQLite(t, storetest.Options{})
	w, c := newWorld(t, db), &clock{time.Now()}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		service(db, c, "first").Run(ctx)
	}()
	w.name("p", "Montgomery")
	for w.parts("montgomery") == 0 {
		<-db.Committed()
	}
	cancel()
	<-done
}
