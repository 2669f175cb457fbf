package records

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// loaded counts how often it was asked, and gives one term of a size.
type loaded struct {
	times int
	size  int
}

func (l *loaded) load([]*term) ([]*term, error) {
	l.times++
	return []*term{{id: fmt.Sprint(l.times), size: l.size}}, nil
}

func TestTermsAreBelievedForAWhile(t *testing.T) {
	cache, one, now := newTerms(1<<20), &loaded{size: 10}, time.Unix(1000, 0)
	key := termKey{"ValueSet", "url", "a"}
	ask := func(at time.Duration, times int, why string) {
		t.Helper()
		if _, err := cache.get(key, now.Add(at), one.load); err != nil || one.times != times {
			t.Errorf("%s: asked %d times, want %d, %v", why, one.times, times, err)
		}
	}
	ask(0, 1, "at first")
	ask(termsFresh-1, 1, "while it is fresh")
	ask(termsFresh, 2, "when it is no more")
	before := cache.puts.Load()
	cache.changed("Patient")
	cache.settled(before)
	ask(termsFresh, 2, "after a write of something else")
	cache.changed("ValueSet")
	ask(termsFresh, 2, "before the commit")
	cache.settled(before)
	ask(termsFresh, 3, "after the commit")
	ask(0, 4, "when the clock was set back")
}

func TestTermsAreBounded(t *testing.T) {
	cache, now := newTerms(100_000), time.Unix(1000, 0)
	for i := range 1000 {
		one := &loaded{size: 9_000}
		if _, err := cache.get(termKey{"ValueSet", "url", fmt.Sprint(i % 300)}, now, one.load); err != nil {
			t.Fatal(err)
		}
		if cache.size > cache.limit || len(cache.entries) > 12 || cache.order.Len() != len(cache.entries) {
			t.Fatalf("after %d: %d bytes in %d entries", i, cache.size, len(cache.entries))
		}
	}
	huge := &loaded{size: 1 << 20}
	for range 2 {
		if got, err := cache.get(termKey{"CodeSystem", "url", "huge"}, now, huge.load); err != nil || len(got) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
	}
	small := &loaded{size: 10}
	if _, err := cache.get(termKey{"CodeSystem", "url", "small"}, now, small.load); err != nil || cache.size > cache.limit {
		t.Errorf("one over the limit stays: %d, %v", cache.size, err)
	}
}

func TestTermsFailAndRecover(t *testing.T) {
	cache, now, one := newTerms(1<<20), time.Unix(1000, 0), &loaded{size: 1}
	key := termKey{"ValueSet", "url", "a"}
	broken := errors.New("no database")
	if _, err := cache.get(key, now, func([]*term) ([]*term, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := cache.get(key, now, one.load); err != nil || len(got) != 1 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	group.Wait()
	if one.times != 1 {
		t.Errorf("loaded %d times by those who asked together", one.times)
	}
}
