package conformance

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/feed"
	"tributary/internal/fulltext"
	"tributary/internal/parts"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// asks are the questions for each parameter of each type that has a value; with
// TRIBUTARY_BRUTE_FORCE=n there are n, of TRIBUTARY_BRUTE_FORCE_SEED or another
// seed each time.
const asks = 15

// longest is the time for each database, unless n is told.
const longest = 60 * time.Second

// Every search parameter that has a value in HL7's examples or in synthetic
// patients finds what a look through the raw JSON finds: with prefixes at the
// borders of precision, modifiers, alternatives, a second parameter, through one
// reference and two, and from behind.
func TestEverySearchParameterAgreesWithBruteForce(t *testing.T) {
	c := readCorpus(t)
	n, seed, until := asks, uint64(4), longest
	if long, err := strconv.Atoi(os.Getenv("TRIBUTARY_BRUTE_FORCE")); err == nil {
		n, seed, until = long, uint64(time.Now().UnixNano()), 24*time.Hour
	}
	if told, err := strconv.ParseUint(os.Getenv("TRIBUTARY_BRUTE_FORCE_SEED"), 10, 64); err == nil {
		seed = told
	}
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.keepAll(t, c)
		d := draws{c, rand.New(rand.NewPCG(seed, 1)), map[string][]tok{}}
		asked := d.everything(n)
		for some := range slices.Chunk(d.valueSets(), 500) {
			s.stored(t, some)
		}
		fullTextFollows(t, db)
		begun := time.Now()
		t.Logf("%d questions of seed %d", len(asked), seed)
		var done, found atomic.Int64
		inParallel(asked, func(q ask) {
			if time.Since(begun) < until {
				done.Add(1)
				found.Add(int64(min(1, s.agrees(t, c, q))))
			}
		})
		t.Logf("%d asked, %d of them find something, in %s", done.Load(), found.Load(), time.Since(begun).Round(time.Millisecond))
		if least := int64(min(len(asked), 2000)); done.Load() < least/2 || found.Load() < done.Load()/3 {
			t.Errorf("too few for evidence")
		}
	})
}

// ask is a search: one condition or two.
type ask struct {
	typ string
	all []condition
}

// everything forms the searches, in an order of chance so that a run that is out
// of time has left out some of all.
func (d draws) everything(n int) (all []ask) {
	for _, typ := range slices.Sorted(maps.Keys(d.byType)) {
		for _, p := range d.params[typ] {
			for range n {
				if one, ok := d.condition(typ, p); ok {
					all = append(all, ask{typ, d.more(typ, p, one)})
				}
			}
		}
	}
	d.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// more adds a second condition, or puts the one behind a reference or before one.
func (d draws) more(typ string, p parameter, one condition) []condition {
	switch d.IntN(6) {
	case 0:
		if other, ok := d.condition(typ, pick(d.Rand, d.params[typ]...)); ok {
			return []condition{one, other}
		}
	case 1:
		if far, ok := d.through(typ); ok {
			return []condition{far}
		}
	case 2:
		if far, ok := d.behind(typ); ok {
			return []condition{far}
		}
	}
	return []condition{one}
}

func (s *site) agrees(t *testing.T, c *corpus, q ask) int {
	pairs := []search.Pair{{Name: "_count", Value: "1000"}, {Name: "_elements", Value: "id"}}
	for _, one := range q.all {
		pairs = append(pairs, search.Pair{Name: one.name, Value: one.value})
	}
	got := map[string]bool{}
	for _, id := range s.find(t, q.typ, pairs) {
		got[id] = true
	}
	var wrong []string
	for _, o := range c.byType[q.typ] {
		holds := yes
		for _, one := range q.all {
			holds = min(holds, one.holds(o))
		}
		if holds == yes && !got[o.id] {
			wrong = append(wrong, "misses "+o.id)
		}
		if holds == no && got[o.id] {
			wrong = append(wrong, "has "+o.id)
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%s?%s %.300v", q.typ, unescaped(fmt.Sprint(pairs[2:])), wrong)
	}
	return len(got)
}

// fullTextFollows lets the full text and the parts of strings come after the writes.
func fullTextFollows(t *testing.T, db store.Store) {
	t.Helper()
	at := time.Now()
	now := func() time.Time { return at }
	words := fulltext.New(fulltext.Config{Store: db.(store.Feed), Registry: search.Base(), Owner: "test", Now: now, Logger: slog.New(slog.DiscardHandler)})
	cut := parts.New(parts.Config{Store: db.(store.Feed), Owner: "test", Now: now, Logger: slog.New(slog.DiscardHandler)})
	for _, step := range []func(context.Context) (feed.Outcome, error){words.Step, cut.Follow} {
		for idle := 0; idle < 3; {
			at = at.Add(time.Second)
			outcome, err := step(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if outcome != feed.Moved {
				idle++
			}
		}
	}
}
