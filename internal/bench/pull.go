package bench

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"tributary/internal/demo"
)

// measurePull takes people through the portal up to the consent to share their
// records, and measures what the service does from there on.
func (r *run) measurePull(ctx context.Context) (err error) {
	in, err := r.install("pull", "")
	if err != nil {
		return err
	}
	provider, err := r.provide(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, provider.stop()) }()
	p, err := r.serve(ctx, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close(context.WithoutCancel(ctx)), p.stop()) }()
	var begun time.Time
	var before time.Duration
	stopProfile := func() error { return nil }
	n, err := demo.Pull(ctx, in, r.drive(), func() (err error) {
		stopProfile = r.profile(ctx, p, "pull")
		begun = time.Now()
		before, err = p.used()
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(begun)
	after, err := p.used()
	if err != nil {
		return err
	}
	price := micros(after-before) / float64(n)
	r.add(Figure{Part: "d", Name: "pull from a provider into SQLite", Value: float64(n) / took.Seconds(), Unit: "resources/s"})
	r.add(Figure{Part: "d", Name: "pull, the service's processor time", Value: price, Unit: "µs/resource"})
	r.add(Figure{Part: "d", Name: "pull, as a multiple of (a)", Value: price / r.limit, Unit: "×"})
	return stopProfile()
}

// drive is how package demo takes people through the portal.
func (r *run) drive() demo.Options {
	return demo.Options{
		Data: r.Data, Participants: r.Pulled, Out: filepath.Join(r.dir, "demo"), Seed: r.Seed, Print: r.Print, Now: time.Now,
	}
}
