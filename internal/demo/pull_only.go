package demo

import "context"

// Pull drives the main job only up to the pull: the provider is loaded, people
// join and decide (the second declines to share), begin is called, and then
// everyone who shares connects. It returns how many resources were pulled once
// all are there, those of organizations and staff included. It is for measuring.
func Pull(ctx context.Context, in Installation, o Options, begin func() error) (int, error) {
	r := &run{Options: o, Installation: in, start: o.Now(), summary: Summary{Seconds: map[string]float64{}}}
	if err := r.loadProvider(ctx); err != nil {
		return 0, err
	}
	if err := r.enroll(ctx); err != nil {
		return 0, err
	}
	if err := begin(); err != nil {
		return 0, err
	}
	if err := r.pull(ctx); err != nil {
		return 0, err
	}
	return r.stored(ctx)
}

// stored counts what the pulls have brought.
func (r *run) stored(ctx context.Context) (total int, err error) {
	for _, p := range r.summary.Participants {
		pulled, _, err := r.Pulled(ctx, p.Participant)
		if err != nil {
			return 0, err
		}
		for _, n := range pulled {
			total += n
		}
	}
	return total, nil
}
