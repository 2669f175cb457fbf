package subscriptions

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

func onEach(b *testing.B, run func(b *testing.B, db store.Store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.SQLite(b, storetest.Options{})) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Postgres(b, storetest.Options{})) })
}

// BenchmarkLatency is from the answer of a write to its notification, over HTTP on
// both sides; p50-ms is the median.
func BenchmarkLatency(b *testing.B) {
	onEach(b, func(b *testing.B, db store.Store) {
		w := start(b, db, func(c *Config) { c.Poll = 250 * time.Millisecond })
		r := receive(b)
		w.subscribe("all", subscription{criteria: "encounter-start", endpoint: r.URL, content: contentID}, r)
		var waits []time.Duration
		for i := 0; b.Loop(); i++ {
			w.encounter(fmt.Sprint("e", i), "in-progress", "p1")
			begun := time.Now()
			r.next(b)
			waits = append(waits, time.Since(begun))
		}
		slices.Sort(waits)
		b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
	})
}

// BenchmarkWrite is what a write costs without subscriptions, beside 10 that look at
// it and want something else, and beside 10 of which each is told of it.
func BenchmarkWrite(b *testing.B) {
	for _, c := range []struct {
		name  string
		n     int
		topic string
	}{{"none", 0, ""}, {"10 looking", 10, "encounter-end"}, {"10 told", 10, "encounter-start"}} {
		b.Run(c.name, func(b *testing.B) {
			onEach(b, func(b *testing.B, db store.Store) {
				w := start(b, db, func(c *Config) { c.Poll = 250 * time.Millisecond })
				r := receive(b)
				r.answers(func(http.ResponseWriter) {
					for len(r.got) > 500 {
						<-r.got
					}
				})
				for range c.n {
					w.subscribe("all", subscription{criteria: c.topic, endpoint: r.URL, content: contentID}, r)
				}
				for i := 0; b.Loop(); i++ {
					w.encounter(fmt.Sprint("e", i), "in-progress", "p1")
				}
			})
		})
	}
}
