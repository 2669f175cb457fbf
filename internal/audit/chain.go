package audit

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// chain remembers, in the order of their keys, the rows of this process that have no
// seal yet.
type chain struct {
	id   int64
	key  []byte        // of the MACs
	wake chan struct{} // holds something when there may be something to seal

	opening sync.Mutex
	opened  chan struct{} // closed once the chain is known to the database

	mu    sync.Mutex
	head  head
	parts []*part
	ended bool // it has had its last seal
}

// part is rows of one transaction that follow each other.
type part struct {
	flight *flight
	links  []link // set before the flight ends
}

// flight is a transaction that has rows of the chain.
type flight struct {
	over bool
	how  store.Ending
	at   time.Time        // when it was over
	seal *store.AuditSeal // that it adds, too
}

func (c *chain) begin(key []byte) {
	c.id, c.key = rand.Int64()|1, key // never 0
	c.wake, c.opened = make(chan struct{}, 1), make(chan struct{})
}

// mint adds the rows of events to rows. Their keys are minted while nobody else
// mints, so that the parts are in the order of their keys.
func (l *Log) mint(f *flight, rows []store.AuditRow, events ...queued) ([]store.AuditRow, error) {
	from, p := len(rows), &part{flight: f}
	l.chain.mu.Lock()
	if l.chain.ended {
		l.chain.mu.Unlock()
		return nil, errs.New(errs.Unavailable, "the service is stopping")
	}
	for _, q := range events {
		if q.barrier == nil {
			rows = l.rows(rows, q)
		}
	}
	l.chain.parts = append(l.chain.parts, p)
	l.chain.mu.Unlock()
	p.links = linksOf(rows[from:])
	return rows, nil
}

// settleAfter is how long the database is given to finish a transaction whose end
// could not be heard; then its rows are looked for.
const settleAfter = 2 * time.Second

// end notes how a flight ended.
func (c *chain) end(f *flight, how store.Ending) {
	c.mu.Lock()
	f.over, f.how, f.at = true, how, time.Now()
	if how == store.Committed && f.seal != nil {
		c.goOn(headOf(*f.seal))
	}
	c.mu.Unlock()
	if how == store.Unknown {
		time.AfterFunc(settleAfter, c.stir)
		return
	}
	c.stir()
}

func (c *chain) stir() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// goOn forgets what a seal holds, and goes on after it.
func (c *chain) goOn(h head) {
	c.head = h
	kept := c.parts[:0]
	for _, p := range c.parts {
		if links := after(p.links, h.last); len(links) > 0 || !p.flight.over {
			p.links = links
			kept = append(kept, p)
		}
	}
	clear(c.parts[len(kept):])
	c.parts = kept
}

func after(links []link, last search.Key) []link {
	for len(links) > 0 && links[0].key <= last {
		links = links[1:]
	}
	return links
}

// seal makes the next seal: of the parts whose flights have ended, and of the
// flight that is to add the seal, up to the first that is under way. It is nil when
// there is nothing to seal. Only the background writer calls it, and so does all
// that changes the head.
func (c *chain) seal(own *flight, at time.Time, last bool) *store.AuditSeal {
	links, kind := c.due(own, last)
	if len(links) == 0 && kind == store.SealOwn {
		return nil
	}
	made := c.head.sealed(c.key, c.id, at, kind, links)
	return &made
}

func (c *chain) due(own *flight, last bool) (links []link, kind store.AuditSealKind) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, size := 0, 0
	for ; n < len(c.parts) && c.parts[n].ripe(own); n++ {
		size += len(c.parts[n].links)
	}
	links = make([]link, 0, size)
	for _, p := range c.parts[:n] {
		if p.flight == own || p.flight.how == store.Committed {
			links = append(links, p.links...)
		}
	}
	if last && n == len(c.parts) {
		c.ended = true
		return links, store.SealLast
	}
	if len(links) == 0 {
		c.parts = c.parts[n:] // taken back, all of them
	}
	return links, store.SealOwn
}

// reopen takes it back that there was a last seal.
func (c *chain) reopen() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = false
}

// finish ends a flight that never set off.
func (c *chain) finish(f *flight) {
	c.mu.Lock()
	over := f.over
	c.mu.Unlock()
	if !over {
		c.end(f, store.RolledBack)
	}
}

// idle reports whether the chain need not begin.
func (c *chain) idle() bool {
	select {
	case <-c.opened:
		return false
	default:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.parts) == 0
}

func (p *part) ripe(own *flight) bool {
	return p.flight == own || p.flight.over && p.flight.how != store.Unknown
}

// unheard are the flights whose end was not heard long enough ago, with one of the keys of each.
func (c *chain) unheard(now time.Time) map[*flight]search.Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	var found map[*flight]search.Key
	for _, p := range c.parts {
		if f := p.flight; f.over && f.how == store.Unknown && now.Sub(f.at) >= settleAfter && len(p.links) > 0 {
			if found == nil {
				found = map[*flight]search.Key{}
			}
			found[f] = p.links[0].key
		}
	}
	return found
}

// settle finds out about them.
func (l *Log) settle(ctx context.Context) error {
	for f, key := range l.chain.unheard(time.Now()) {
		there, err := tables.Audit{}.Holds(ctx, l.config.Store, key)
		if err != nil {
			return err
		}
		how := store.RolledBack
		if there {
			how = store.Committed
		}
		l.chain.end(f, how)
	}
	return nil
}

// follow goes on after the chain's newest seal, where that is not the one that was
// known: it was added by a transaction whose end could not be heard, or by another
// process while this one could not be heard of.
func (l *Log) follow(ctx context.Context) error {
	h, err := headIn(tables.AuditSeals{}.Head(ctx, l.config.Store, l.chain.id))
	if err != nil {
		return err
	}
	l.chain.mu.Lock()
	defer l.chain.mu.Unlock()
	if h.seq > l.chain.head.seq {
		l.chain.goOn(h)
	}
	return nil
}

// Open makes the chain of this process known to the database. What is written
// before that is sealed only if the process lives on.
func (l *Log) Open(ctx context.Context) error {
	c := &l.chain
	c.opening.Lock()
	defer c.opening.Unlock()
	select {
	case <-c.opened:
		return nil
	default:
	}
	err := l.config.Store.Update(ctx, l.register)
	if err == nil {
		close(c.opened)
	}
	return err
}

func (l *Log) register(ctx context.Context, tx store.Tx) error {
	if err := tx.Claim(ctx, search.Hash("audit chain")); err != nil {
		return err
	}
	before, err := tables.AuditChains{}.Newest(ctx, tx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	now := store.Time(store.Micros(l.config.Now()))
	own := store.AuditChain{ID: l.chain.id, N: before.N + 1, Began: now, Until: now.Add(lease)}
	own.MAC = chainMAC(l.chain.key, own, before.MAC)
	return tables.AuditChains{}.Add(ctx, tx, own)
}
