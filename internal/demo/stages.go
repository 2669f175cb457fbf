package demo

import (
	"context"
	"os"
	"path/filepath"
)

// Stages is the main job taken stage by stage, for measuring it.
type Stages struct{ r *run }

// Begin loads the provider and lets people join and decide; the second declines
// to share.
func Begin(ctx context.Context, in Installation, o Options) (*Stages, error) {
	r := &run{Options: o, Installation: in, start: o.Now(), summary: Summary{Seconds: map[string]float64{}}}
	if err := r.loadProvider(ctx); err != nil {
		return nil, err
	}
	return &Stages{r}, r.enroll(ctx)
}

// Pull connects everyone who shares and waits until all is there. It returns how
// many resources came, those of organizations and staff included.
func (s *Stages) Pull(ctx context.Context) (total int, err error) {
	if err := s.r.pull(ctx); err != nil {
		return 0, err
	}
	for _, p := range s.r.summary.Participants {
		pulled, _, err := s.r.Pulled(ctx, p.Participant)
		if err != nil {
			return 0, err
		}
		for _, n := range pulled {
			total += n
		}
	}
	return total, nil
}

// Export lets a warehouse export, from the kick-off to the last byte of the
// files, and returns how many resources and bytes it got.
func (s *Stages) Export(ctx context.Context) (resources int, bytes int64, err error) {
	if s.r.warehouse == nil {
		if s.r.warehouse, err = s.r.newWarehouse(ctx); err != nil {
			return 0, 0, err
		}
	}
	dir := filepath.Join(s.r.Out, "measured")
	m, err := s.r.exportTo(ctx, dir)
	if err != nil {
		return 0, 0, err
	}
	for _, out := range m.Output {
		resources += out.Count
	}
	bytes, err = sizeOf(dir)
	return resources, bytes, err
}

func sizeOf(dir string) (total int64, err error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			return 0, err
		}
		total += info.Size()
	}
	return total, err
}
