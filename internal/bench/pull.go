package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tributary/internal/demo"
)

// growth is how many times the people of the first round the second one has, and
// mostGrowth by how much the peak of memory of its export may be higher: what
// differs by chance, and far from what holding the data would take.
const (
	growth     = 4
	mostGrowth = 1.5
)

// measurePull takes people through the portal up to the consent to share their
// records, and measures what the service does from there on: the pull of their
// records, and a research export of what was pulled. It does so twice, as the
// memory of an export must not grow with the data.
func (r *run) measurePull(ctx context.Context) error {
	var peaks []int64
	for _, people := range []int{r.Pulled, growth * r.Pulled} {
		peak, err := r.pullAndExport(ctx, people)
		if err != nil {
			return err
		}
		peaks = append(peaks, peak)
	}
	r.add(Figure{Part: "e", Name: "peak memory of the larger export against the smaller", Value: float64(peaks[1]) / float64(peaks[0]), Unit: "×", Most: mostGrowth})
	return nil
}

func (r *run) pullAndExport(ctx context.Context, people int) (peak int64, err error) {
	in, err := r.install(fmt.Sprintf("pull-%d", people), "")
	if err != nil {
		return 0, err
	}
	defer func() {
		if in.Operator != nil {
			err = errors.Join(err, in.Close(context.WithoutCancel(ctx)))
		}
	}()
	stages, err := r.pullFor(ctx, in, people)
	if err != nil {
		return 0, err
	}
	return r.exportFor(ctx, in, stages, people)
}

// pullFor runs both servers for as long as the pull takes.
func (r *run) pullFor(ctx context.Context, in *installation, people int) (_ *demo.Stages, err error) {
	provider, err := r.provide(ctx, in)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, provider.stop()) }()
	p, err := r.serve(ctx, in)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.stop()) }()
	stages, err := demo.Begin(ctx, in, demo.Options{
		Data: r.Data, Participants: people, Out: filepath.Join(r.dir, "demo"), Seed: r.Seed, Print: r.Print, Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	stopProfile := r.profile(ctx, p, fmt.Sprintf("pull-%d", people))
	n := 0
	took, spent, err := p.spend(func() (err error) { n, err = stages.Pull(ctx); return err })
	if err != nil {
		return nil, err
	}
	name := fmt.Sprintf("pull of %d people's records into SQLite", people)
	price := micros(spent) / float64(n)
	r.add(Figure{Part: "d", Name: name, Value: float64(n) / took.Seconds(), Unit: "resources/s"})
	r.add(Figure{Part: "d", Name: name + ", the service's processor time", Value: price, Unit: "µs/resource"})
	r.add(Figure{Part: "d", Name: name + ", as a multiple of (a)", Value: price / r.limit, Unit: "×"})
	return stages, stopProfile()
}
