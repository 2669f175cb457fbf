package export

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
)

// Sizes that bound the memory of a run.
const (
	batchSize = 20 // participants whose consent is looked at together
	pageSize  = 50 // resources read at a time
)

// run is one attempt at a release.
type run struct {
	*Service
	release store.Release
	tier    *tier
	actor   access.Actor
	view    store.Reader // the snapshot
	lines   lines
	parts   int64 // begun so far
	written int64
	total   int64
	buf     []byte
}

func (s *Service) newRun(release store.Release) (*run, error) {
	_, actor, err := readAsker(release.Actor)
	t := tiers[release.Policy]
	if t == nil {
		return nil, fmt.Errorf("export: there is no tier %q", release.Policy)
	}
	return &run{Service: s, release: release, tier: t, actor: actor}, err
}

// prefix is what the keys of all files of this attempt begin with.
func (r *run) prefix() string { return fmt.Sprintf("%s/%d/", r.release.ID, r.release.Attempt) }

// all writes the release, part by part.
func (r *run) all(ctx context.Context) (err error) {
	if err := r.prepare(ctx); err != nil {
		return err
	}
	var p *part
	defer func() { p.abort() }()
	for batch, err := range r.batches(ctx) {
		if err != nil {
			return err
		}
		if p, err = r.add(ctx, p, batch); err != nil {
			return err
		}
		if !p.full() {
			continue
		}
		if err = r.ready(ctx, &p); err != nil {
			return err
		}
	}
	if p == nil {
		return nil
	}
	return r.ready(ctx, &p)
}

// prepare counts the participants and opens the tier.
func (r *run) prepare(ctx context.Context) (err error) {
	for batch, err := range r.batches(ctx) {
		if err != nil {
			return err
		}
		r.total += int64(len(batch))
	}
	r.lines, err = r.tier.open(ctx, r)
	return err
}

// add puts a batch of people into a part, nil for a new one.
func (r *run) add(ctx context.Context, p *part, batch []string) (_ *part, err error) {
	if p == nil {
		if p, err = r.newPart(ctx); err != nil {
			return nil, err
		}
	}
	p.asked = append(p.asked, batch...)
	err = p.take(ctx, batch)
	if errors.Is(err, store.ErrStale) {
		return r.again(ctx, p)
	}
	return p, err
}

// ready closes a part; one that went meanwhile is written again.
func (r *run) ready(ctx context.Context, p **part) (err error) {
	for {
		err := (*p).ready(ctx)
		if err == nil {
			*p = nil
		}
		if !errors.Is(err, store.ErrStale) {
			return err
		}
		if *p, err = r.again(ctx, *p); err != nil {
			return err
		}
	}
}

// again writes a part anew, of those of its people who still permit it.
func (r *run) again(ctx context.Context, old *part) (*part, error) {
	for {
		if err := old.drop(ctx); err != nil {
			return old, err
		}
		p, err := r.newPart(ctx)
		if err != nil {
			return old, err
		}
		p.asked = old.asked
		for batch := range slices.Chunk(p.asked, batchSize) {
			if err = p.take(ctx, batch); err != nil {
				break
			}
		}
		if !errors.Is(err, store.ErrStale) {
			return p, err
		}
		old = p
	}
}

// batches are the ids of the Patients that the release's scope names.
func (r *run) batches(ctx context.Context) iter.Seq2[[]string, error] {
	if group, ok := strings.CutPrefix(r.release.Scope, "Group/"); ok {
		return r.members(ctx, group)
	}
	return r.everyone(ctx)
}

func (r *run) members(ctx context.Context, group string) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		ids, err := r.Groups.Members(ctx, group)
		if err != nil {
			yield(nil, err)
			return
		}
		slices.Sort(ids)
		for batch := range slices.Chunk(slices.Compact(ids), batchSize) {
			if !yield(batch, nil) {
				return
			}
		}
	}
}

func (r *run) everyone(ctx context.Context) iter.Seq2[[]string, error] {
	return func(yield func([]string, error) bool) {
		for page, err := range r.pages(ctx, search.Query{Type: "Patient", Count: batchSize}) {
			ids := make([]string, len(page))
			for i := range page {
				ids[i] = page[i].ID
			}
			if !yield(ids, err) || err != nil {
				return
			}
		}
	}
}

// pages follows a search of the snapshot to its end.
func (r *run) pages(ctx context.Context, q search.Query) iter.Seq2[[]store.Resource, error] {
	return func(yield func([]store.Resource, error) bool) {
		var after *store.Cursor
		for {
			page, err := r.view.Search(ctx, q, after)
			if err != nil {
				yield(nil, err)
				return
			}
			if len(page.Resources) > 0 && !yield(page.Resources, nil) || page.Next == nil {
				return
			}
			after = page.Next
		}
	}
}
