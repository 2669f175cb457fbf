package cohort

import (
	"context"
	"maps"
	"slices"
	"time"

	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/store"
)

// Release is data that went to research, and on what consent it stands.
type Release struct {
	store.Release
	Parts, Gone int64 // parts of it, and those that were taken back
	People      Cell  // in it
	Still       Cell  // of whom take part today
	Basis       []Basis
}

// Basis is a version of the research consent that people in a release had signed then.
type Basis struct {
	Version string // "": none is known any more
	People  Cell
	Still   Cell
}

// mostReleases bounds the list.
const mostReleases = 100

// Releases lists what went to research, the newest first. That staff looked is put on
// record.
func (s *Service) Releases(ctx context.Context, staff access.Actor) ([]Release, error) {
	p, err := s.look(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.released.Latest(ctx, s.Store, mostReleases)
	if err != nil {
		return nil, err
	}
	out := make([]Release, len(rows))
	for i, row := range rows {
		if out[i], err = s.release(ctx, p, row); err != nil {
			return nil, err
		}
	}
	return out, s.Witness.Shown(ctx, staff, "the releases")
}

func (s *Service) release(ctx context.Context, p *picture, row store.Release) (r Release, err error) {
	r.Release = row
	if r.Parts, r.Gone, err = s.released.Parts(ctx, s.Store, row.ID); err != nil {
		return r, err
	}
	people, err := s.released.People(ctx, s.Store, row.ID)
	if err != nil {
		return r, err
	}
	counts := map[string][]int64{}
	for _, id := range people {
		version, still := p.basis(id, row.At)
		if counts[version] == nil {
			counts[version] = make([]int64, 2)
		}
		counts[version][still]++
	}
	versions := slices.Sorted(maps.Keys(counts))
	table := [][]int64{{0, 0}}[:0]
	for _, v := range versions {
		table = append(table, counts[v])
	}
	sheet := Suppress(table)
	for i, v := range versions {
		r.Basis = append(r.Basis, Basis{Version: v, People: sheet.Rows[i][0], Still: sheet.Rows[i][1]})
	}
	if len(versions) > 0 {
		r.People, r.Still = sheet.Total[0], sheet.Total[1]
	}
	return r, nil
}

// basis is the version of the research consent that somebody had signed at a time,
// and whether they take part now: 1, or 0.
func (p *picture) basis(patient string, at time.Time) (version string, still int) {
	one := p.people[patient]
	if one == nil {
		return "", 0
	}
	for _, e := range one.history.Consents {
		if e.Kind == consent.Research && e.Decision == consent.Agree && !e.At.After(at) {
			version = e.Version()
		}
	}
	if one.now.Research {
		still = 1
	}
	return version, still
}
