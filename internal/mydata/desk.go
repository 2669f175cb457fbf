package mydata

import (
	"context"
	"slices"
	"sync"
	"time"

	"tributary/internal/errs"
)

// papersAtOnce bounds the papers in the making: each is whole in memory and can take a
// processor for seconds, which must not stop the rest of the service.
const papersAtOnce = 2

// desk is where papers are made: a few at once, of each person one. Who finds no place
// waits, in the order in which they came; somebody's second paper comes when the first is
// done, behind all who wait then. A third is refused. So nobody makes others wait for
// more than one paper of theirs.
type desk struct {
	mu      sync.Mutex
	free    int
	making  map[string]bool // whose
	waiting []*place
}

// place is somebody's in the line; turn is closed when it is theirs to make a paper.
type place struct {
	person string
	turn   chan struct{}
}

func newDesk(places int) *desk { return &desk{free: places, making: map[string]bool{}} }

// again is when somebody with two papers asked for may ask for another.
const again = 10 * time.Second

// join takes a place in the line, or the first free one.
func (d *desk) join(person string) (*place, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if slices.ContainsFunc(d.waiting, func(p *place) bool { return p.person == person }) {
		refused := errs.New(errs.TooMany, "your PDF is already being made; please wait until it is there")
		refused.RetryAfter = again
		return nil, refused
	}
	p := &place{person, make(chan struct{})}
	d.waiting = append(d.waiting, p)
	d.call()
	return p, nil
}

// leave gives the place back, be it that the turn had come or not.
func (d *desk) leave(p *place) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.waiting, p); i >= 0 {
		d.waiting = slices.Delete(d.waiting, i, i+1)
		return
	}
	d.free++
	delete(d.making, p.person)
	d.toTheEnd(p.person)
	d.call()
}

// toTheEnd puts who has just been served behind the others.
func (d *desk) toTheEnd(person string) {
	i := slices.IndexFunc(d.waiting, func(p *place) bool { return p.person == person })
	if i >= 0 {
		next := d.waiting[i]
		d.waiting = append(slices.Delete(d.waiting, i, i+1), next)
	}
}

// call gives free places to the first in line of whom none is being made.
func (d *desk) call() {
	for d.free > 0 {
		i := slices.IndexFunc(d.waiting, func(p *place) bool { return !d.making[p.person] })
		if i < 0 {
			return
		}
		p := d.waiting[i]
		d.waiting = slices.Delete(d.waiting, i, i+1)
		d.free--
		d.making[p.person] = true
		close(p.turn)
	}
}

// sit waits for the person's turn; the function gives the place back.
func (d *desk) sit(ctx context.Context, person string) (func(), error) {
	p, err := d.join(person)
	if err != nil {
		return nil, err
	}
	select {
	case <-p.turn:
		return func() { d.leave(p) }, nil
	case <-ctx.Done():
		d.leave(p)
		return nil, errs.Wrap(ctx.Err(), errs.Unavailable, "many people take their data along now; please try again in a minute")
	}
}
