package sqlite_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// What a look-up by key costs in processor time, while somebody else commits now
// and then, which empties the readers' page caches.
func BenchmarkPointRead(b *testing.B) {
	const n = 20000
	s := storetest.SQLite(b, storetest.Options{})
	body := []byte(`{"resourceType":"Observation","note":"` + strings.Repeat("x", 1400) + `"}`)
	for i := 0; i < n; i += 1000 {
		err := s.Update(b.Context(), func(ctx context.Context, tx store.Tx) error {
			var writes []store.Write
			for j := i; j < i+1000; j++ {
				writes = append(writes, store.Write{Resource: store.Resource{Type: "Observation", ID: fmt.Sprint("o", j), Version: 1, Updated: tx.Now(), Method: "POST", Body: body}})
			}
			return tx.Put(ctx, writes)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go func() {
		for tick := time.NewTicker(500 * time.Millisecond); ctx.Err() == nil; <-tick.C {
			if _, err := s.Exec(ctx, "UPDATE resource SET method = 'PUT' WHERE id = 'o1'"); err != nil && ctx.Err() == nil {
				b.Error(err)
			}
		}
	}()
	before := processorTime(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Read(ctx, "Observation", fmt.Sprint("o", rand.IntN(2000)*10)); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64(processorTime(b)-before)/float64(b.N)/1e3, "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
