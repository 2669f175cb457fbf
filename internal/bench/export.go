package bench

import (
	"context"
	"errors"
	"fmt"

	"tributary/internal/demo"
)

// exportFor measures a research export, from the kick-off to the last byte of
// its files, on a service that has just started, so that its peak of memory is
// the export's.
func (r *run) exportFor(ctx context.Context, in *installation, stages *demo.Stages, people int) (peak int64, err error) {
	p, err := r.serve(ctx, in)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	stopProfile := r.profile(ctx, p, fmt.Sprintf("export-%d", people))
	var n int
	var bytes int64
	took, spent, err := p.spend(func() (err error) { n, bytes, err = stages.Export(ctx); return err })
	if err != nil {
		return 0, err
	}
	if peak, err = p.peak(); err != nil {
		return 0, err
	}
	name := fmt.Sprintf("research export of %d people, %.1f MB", people, megabytes(bytes))
	r.add(Figure{Part: "e", Name: name, Value: megabytes(bytes) / took.Seconds(), Unit: "MB/s"})
	r.add(Figure{Part: "e", Name: name + ", processor time", Value: micros(spent) / float64(n), Unit: "µs/resource"})
	r.add(Figure{Part: "e", Name: name + ", peak memory", Value: megabytes(peak), Unit: "MB"})
	return peak, stopProfile()
}

func megabytes(n int64) float64 { return float64(n) / 1e6 }
