package bench

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/google/fhir/go/fhirversion"
	"github.com/google/fhir/go/jsonformat"
)

// measureLimit reads the resources with google/fhir alone, as nothing that uses
// it to decide what is valid can be faster: on one processor for the price, on
// all of them for the throughput.
func (r *run) measureLimit(ctx context.Context) error {
	u, err := jsonformat.NewUnmarshaller("UTC", fhirversion.R4)
	if err != nil {
		return err
	}
	var all [][]byte
	if err := r.data.each(func(resource []byte) error { all = append(all, resource); return nil }); err != nil {
		return err
	}
	read := func(src []byte) error { _, err := u.Unmarshal(src); return err }
	if _, _, err := readAll(ctx, all[:min(len(all), 500)], 1, 0, read); err != nil { // tables that are made once
		return err
	}
	seconds := time.Duration(r.Seconds * float64(time.Second))
	before, processors := ownTime(), runtime.GOMAXPROCS(1)
	n, _, err := readAll(ctx, all, 1, seconds, read)
	runtime.GOMAXPROCS(processors)
	if err != nil {
		return err
	}
	r.limit = micros(ownTime()-before) / float64(n)
	r.add(Figure{Part: "a", Name: "google/fhir alone, processor time on one core", Value: r.limit, Unit: "µs/resource"})
	n, took, err := readAll(ctx, all, processors, seconds, read)
	r.add(Figure{Part: "a", Name: "google/fhir alone, on all cores", Value: float64(n) / took.Seconds(), Unit: "resources/s"})
	return err
}

// readAll reads the resources whole round by whole round until the time is up,
// so that all count alike.
func readAll(ctx context.Context, all [][]byte, workers int, least time.Duration, read func([]byte) error) (n int, took time.Duration, err error) {
	begun := time.Now()
	for took <= least && err == nil && ctx.Err() == nil {
		err = readOnce(all, workers, read)
		n += len(all)
		took = time.Since(begun)
		if least == 0 {
			break
		}
	}
	return n, took, err
}

func readOnce(all [][]byte, workers int, read func([]byte) error) error {
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(all); i = int(next.Add(1)) - 1 {
				if err := read(all[i]); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	group.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

// ownTime is the processor time of this process: other load does not count.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("bench: " + err.Error()) // no such error for oneself
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
