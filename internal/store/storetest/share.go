package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// sharing is Share where a store has it.
func sharing(s store.Store) func(context.Context, func(context.Context, store.Tx) error) error {
	if sharer, ok := s.(store.Sharer); ok {
		return sharer.Share
	}
	return s.Update
}

// shareRun is what concurrent updates do in turn, and what is counted of it.
type shareRun struct {
	store.Store
	share            func(context.Context, func(context.Context, store.Tx) error) error
	created, counted atomic.Int64
	ended            [3]atomic.Int64 // by store.Ending
}

var errRefused = errors.New("refused")

// testShare lets many updates share transactions, of which some fail in every way:
// what one does or leaves undone is nobody else's.
func testShare(t *testing.T, s store.Store) {
	run := &shareRun{Store: s, share: sharing(s)}
	put(t, s, patient("counter", "0"), 0, search.Entries{}, search.Entries{})
	kinds := []func(*shareRun, context.Context, string) error{
		(*shareRun).creates, (*shareRun).counts, (*shareRun).fails, (*shareRun).failsLate, (*shareRun).takesTaken,
		(*shareRun).writesTwice, (*shareRun).reads, (*shareRun).panics, (*shareRun).leaves,
	}
	var group sync.WaitGroup
	const writers, turns = 32, 18
	for w := range writers {
		group.Go(func() {
			for i := range turns {
				if err := kinds[(w+i)%len(kinds)](run, t.Context(), fmt.Sprintf("%d-%d", w, i)); err != nil {
					t.Errorf("%d.%d, %d: %v", w, i, (w+i)%len(kinds), err)
				}
			}
		})
	}
	group.Wait()
	run.holds(t)
}

func (r *shareRun) one(ctx context.Context, id string, then func(context.Context, store.Tx) error) error {
	return r.share(ctx, func(ctx context.Context, tx store.Tx) error {
		if e, ok := tx.(store.Ender); ok {
			e.OnEnd(func(how store.Ending) { r.ended[how].Add(1) })
		}
		p := patient(id, `{"id":"`+id+`"}`)
		p.Version, p.Updated = 1, tx.Now()
		err := tx.Put(ctx, []store.Write{{Resource: p, Add: search.Entries{Tokens: []search.TokenEntry{{Param: 7, Hash: 1}, {Param: 7, Hash: 2}}}}})
		if err != nil || then == nil {
			return err
		}
		return then(ctx, tx)
	})
}

func want(err, wanted error) error {
	if errors.Is(err, wanted) {
		return nil
	}
	return fmt.Errorf("got %v, want %v", err, wanted)
}

func (r *shareRun) creates(ctx context.Context, id string) error {
	r.created.Add(1)
	return r.one(ctx, id, nil)
}

// counts tries until its version is the one that follows.
func (r *shareRun) counts(ctx context.Context, _ string) error {
	for {
		current, err := r.Read(ctx, "Patient", "counter")
		if err != nil {
			return err
		}
		if err = r.share(ctx, incrementOf(current)); !errors.Is(err, store.ErrStale) {
			r.counted.Add(1)
			return err
		}
	}
}

func (r *shareRun) fails(ctx context.Context, id string) error {
	return want(r.one(ctx, id, func(context.Context, store.Tx) error { return errRefused }), errRefused)
}

// failsLate fails when its rows are in the database already.
func (r *shareRun) failsLate(ctx context.Context, id string) error {
	return want(r.one(ctx, id, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Read(ctx, "Patient", id); err != nil {
			return err
		}
		return errRefused
	}), errRefused)
}

// takesTaken fails where the rows are written.
func (r *shareRun) takesTaken(ctx context.Context, _ string) error {
	return want(r.one(ctx, "counter", nil), store.ErrStale)
}

func (r *shareRun) writesTwice(ctx context.Context, id string) error {
	r.created.Add(2)
	return r.one(ctx, id, func(ctx context.Context, tx store.Tx) error {
		if _, err := tx.Read(ctx, "Patient", id); err != nil {
			return err
		}
		p := patient(id+"-second", "{}")
		p.Version, p.Updated = 1, tx.Now()
		return tx.Put(ctx, []store.Write{{Resource: p}})
	})
}

// reads sees what it has written.
func (r *shareRun) reads(ctx context.Context, id string) error {
	r.created.Add(1)
	return r.one(ctx, id, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Read(ctx, "Patient", id)
		return err
	})
}

func (r *shareRun) panics(ctx context.Context, id string) (err error) {
	defer func() { err = want(fmt.Errorf("%w", recover().(error)), errRefused) }()
	return r.one(ctx, id, func(context.Context, store.Tx) error { panic(errRefused) })
}

// leaves is of a caller who is gone.
func (r *shareRun) leaves(ctx context.Context, id string) error {
	ctx, cancel := context.WithCancel(ctx)
	cancel()
	if err := r.one(ctx, id, nil); err == nil {
		r.created.Add(1)
	} else if !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// holds tells what is there in the end: what came through, with its rows, and nothing else.
func (r *shareRun) holds(t *testing.T) {
	t.Helper()
	for what, check := range map[string]struct {
		query string
		want  int64
	}{
		"resources":  {"SELECT count(*) FROM resource WHERE id <> 'counter'", r.created.Load()},
		"versions":   {"SELECT count(*) FROM history", r.counted.Load()},
		"index rows": {"SELECT count(*) FROM idx_token", 2 * (r.created.Load() - 64)},
	} {
		var got int64
		if err := r.QueryRow(t.Context(), check.query).Scan(&got); err != nil || got != check.want {
			t.Errorf("%d %s, want %d (%v)", got, what, check.want, err)
		}
	}
	if n := r.ended[store.Unknown].Load(); n > 0 {
		t.Errorf("%d ends were not heard", n)
	}
}
