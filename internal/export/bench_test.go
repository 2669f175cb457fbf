package export_test

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tributary/fhir/fhirtest"
	"tributary/fhir/tree"
	"tributary/internal/records"
	"tributary/internal/store/storetest"
)

// resources are the record of one public sample patient as the store would have it
// for the patient of that id.
func resources(b *testing.B, file, id string) (all [][]byte) {
	b.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	var bundle struct {
		Entry []struct {
			FullURL  string
			Resource json.RawMessage
		}
	}
	if err := json.Unmarshal(raw, &bundle); err != nil {
		b.Fatal(err)
	}
	var pairs []string
	for i, e := range bundle.Entry {
		v, err := tree.Parse(e.Resource)
		if err != nil {
			b.Fatal(err)
		}
		typ, now := v.Get("resourceType").Text(), fmt.Sprintf("%s-%d", id, i)
		if typ == "Patient" {
			now = id
		}
		pairs = append(pairs, e.FullURL, typ+"/"+now, `"`+v.Get("id").Text()+`"`, `"`+now+`"`)
	}
	names := strings.NewReplacer(pairs...)
	for _, e := range bundle.Entry {
		all = append(all, []byte(names.Replace(string(e.Resource))))
	}
	return all
}

// peak watches how much of the heap is in use until it is told to stop.
func peak() (stop func() uint64) {
	var most atomic.Uint64
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		var m runtime.MemStats
		for {
			runtime.ReadMemStats(&m)
			most.Store(max(most.Load(), m.HeapInuse))
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); <-over; return most.Load() }
}

// BenchmarkExport is a registered release of so many sample records, from the
// kick-off to the manifest; peak-MB must not grow with the participants.
func BenchmarkExport(b *testing.B) {
	files := fhirtest.Files(b, "synthea")[2:5]
	for _, n := range []int{3, 12} {
		b.Run(fmt.Sprintf("participants=%d", n), func(b *testing.B) {
			x := newSite(b, storetest.SQLite(b, storetest.Options{}), nil)
			var bytes int64
			for i := range n {
				id := fmt.Sprintf("p%03d", i)
				x.people.set(id, all)
				record := resources(b, files[i%len(files)], id)
				for _, r := range record {
					bytes += int64(len(r))
				}
				for len(record) > 0 {
					k := min(len(record), 500)
					x.put(records.FromEHR, record[:k]...)
					record = record[k:]
				}
			}
			b.SetBytes(bytes)
			b.ReportAllocs()
			runtime.GC()
			stop := peak()
			b.ResetTimer()
			for range b.N {
				x.start(warehouse, "Group/cohort/$export")
				x.work()
			}
			b.StopTimer()
			b.ReportMetric(float64(stop())/1e6, "peak-MB")
		})
	}
}
