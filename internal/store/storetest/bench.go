package storetest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Bench measures a backend: imports in batches of several sizes, reads, searches.
func Bench(b *testing.B, open func(b testing.TB, o Options) store.Store) {
	for _, size := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("put/%d", size), func(b *testing.B) { benchPut(b, open(b, Options{}), size) })
	}
	b.Run("concurrent puts", func(b *testing.B) { benchConcurrent(b, open(b, Options{})) })
	s := open(b, Options{})
	load(b, s, 20000, 1000)
	b.Run("read", func(b *testing.B) {
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Read(b.Context(), "Observation", loaded(rand.IntN(20000))); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
	for _, c := range benchSearches {
		b.Run("search/"+c.name, func(b *testing.B) { benchSearch(b, s, c.query) })
	}
}

func benchSearch(b *testing.B, s store.Store, q search.Query) {
	q.Type, q.Count = "Observation", 20
	for b.Loop() {
		if _, err := s.Search(b.Context(), q, nil); err != nil {
			b.Fatal(err)
		}
	}
}

var observation = params["Observation"]

func is(p *search.Param, v ...search.Value) search.Clause { return search.Clause{Param: p, AnyOf: v} }

var (
	onePatient = is(observation.reference, search.ReferenceValue{Targets: []int64{7}})
	oneCode    = is(observation.token, search.TokenValue{Hash: 3})
	lately     = is(observation.date, search.DateValue{Prefix: search.Ge, Lo: 19000 * day, Hi: 19000*day + day - 1})
	longSince  = is(observation.date, search.DateValue{Prefix: search.Ge, Lo: 100 * day, Hi: 101*day - 1})
	byDate     = []search.Sort{{Param: observation.date, Descending: true}}
)

const day = 86_400_000_000

var benchSearches = []struct {
	name  string
	query search.Query
}{
	{"patient", search.Query{Where: []search.Clause{onePatient}}},
	{"code", search.Query{Where: []search.Clause{oneCode}}},
	{"patient and code", search.Query{Where: []search.Clause{onePatient, oneCode}}},
	{"patient since", search.Query{Where: []search.Clause{onePatient, longSince}}},
	{"patient by date", search.Query{Where: []search.Clause{onePatient}, Sort: byDate}},
	{"narrow range", search.Query{Where: []search.Clause{lately}}},
	{"wide range", search.Query{Where: []search.Clause{longSince}}},
	{"all by date", search.Query{Sort: byDate}},
	{"all by update", search.Query{Sort: []search.Sort{{Param: observation.updated, Descending: true}}}},
	{"code with total", search.Query{Where: []search.Clause{oneCode}, Total: search.TotalAccurate}},
	{"chain", search.Query{Where: []search.Clause{{Param: params["Observation"].reference,
		Chain: &search.Chain{Query: search.Query{Type: "Observation", Where: []search.Clause{oneCode, onePatient}}}}}}},
}

// ids of what load wrote: those that the service mints, in the order of time.
var (
	benchIDs   []string
	benchMints = search.NewIDs(1, time.Now)
)

func loaded(i int) string {
	for len(benchIDs) <= i {
		benchIDs = append(benchIDs, benchMints.New("Observation"))
	}
	return benchIDs[i]
}

var benchBody = bytes.Repeat([]byte(`{"resourceType":"Observation"}`), 40)

// benchWrite is a first version with 18 index rows: of a patient of 500, with
// one code of 200, on a day of 50 years.
func benchWrite(id string, at time.Time) store.Write {
	p := observation
	w := store.Write{Resource: store.Resource{Type: "Observation", ID: id, Version: 1, Updated: at, Method: "POST", Body: benchBody}}
	when := rand.Int64N(20000) * day
	e := &w.Add
	for i := range int32(9) {
		e.Tokens = append(e.Tokens, search.TokenEntry{Param: p.token.Number + 100*min(i, 1)*i, Hash: rand.Int64N(200)})
	}
	for i := range int32(4) {
		e.References = append(e.References, search.ReferenceEntry{Param: p.reference.Number + 100*i, Target: rand.Int64N(500)})
	}
	e.Dates = []search.DateEntry{{Param: p.date.Number, Lo: when, Hi: when}, {Param: p.date.Number + 100, Lo: when, Hi: when + day}}
	e.Quantities = []search.QuantityEntry{{Param: p.quantity.Number, Lo: rand.Float64(), Hi: 2, System: 1, Code: 2}}
	e.Strings = []search.StringEntry{{Param: p.str.Number, Folded: "positive", Exact: "Positive"}}
	e.Composites = []search.CompositeEntry{{Param: p.composite.Number, First: rand.Int64N(200), Second: search.Cell{Lo: 1, Hi: 1}}}
	return w
}

// load writes n resources in batches.
func load(b testing.TB, s store.Store, n, size int) {
	for i := 0; i < n; i += size {
		batch := make([]store.Write, 0, size)
		for j := i; j < min(i+size, n); j++ {
			batch = append(batch, benchWrite(loaded(j), time.UnixMicro(int64(j))))
		}
		if err := s.Update(b.Context(), func(ctx context.Context, tx store.Tx) error { return tx.Put(ctx, batch) }); err != nil {
			b.Fatal(err)
		}
	}
}

func benchPut(b *testing.B, s store.Store, size int) {
	n := 0
	b.ResetTimer()
	for b.Loop() {
		batch := make([]store.Write, size)
		for i := range batch {
			batch[i] = benchWrite(loaded(n), time.UnixMicro(int64(n)))
			n++
		}
		if err := s.Update(b.Context(), func(ctx context.Context, tx store.Tx) error { return tx.Put(ctx, batch) }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "resources/s")
}

// benchConcurrent is many clients that each write one resource at a time.
func benchConcurrent(b *testing.B, s store.Store) {
	ids := search.NewIDs(2, time.Now)
	b.SetParallelism(16)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			w := benchWrite(ids.New("Observation"), time.Now())
			if err := s.Update(b.Context(), func(ctx context.Context, tx store.Tx) error { return tx.Put(ctx, []store.Write{w}) }); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}
