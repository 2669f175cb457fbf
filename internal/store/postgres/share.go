package postgres

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Updates that share a transaction: each costs a part of its BEGIN, its statements and
// its COMMIT. Nobody waits for company. While transactions are under way, those who come
// queue up, and the next takes all of them in.
//
// What each writes is kept as a part until the last has been run, and then laid together:
// one statement a table. A member that fails is left out, as long as nothing of it was
// sent. When the whole fails, all are run again, each in a transaction of its own, where
// the one whose doing it was meets the failure alone.

// maxMembers bounds how many share a transaction.
const maxMembers = 64

// crowd is from how many waiting a further transaction is begun beside those under way.
const crowd = 8

// shareTimeout ends a shared transaction that the database does not carry out: no single
// caller's context does, since it is not theirs alone.
const shareTimeout = time.Minute

// shares is the queue of those who want to share.
type shares struct {
	mu      sync.Mutex
	waiting []*member
	running int // transactions under way
}

// sharedAtOnce is how many shared transactions are under way at a time.
var sharedAtOnce = max(2, runtime.GOMAXPROCS(0)/2)

// member is one update that shares.
type member struct {
	ctx      context.Context
	fn       func(context.Context, store.Tx) error
	taken    atomic.Bool // into a transaction, or by the caller who gave up waiting
	tx       *Tx
	err      error
	alone    bool // to be run again in a transaction of its own
	panicked any
	done     chan struct{}
}

// part is what a member writes, until it is sent.
type part struct {
	audits []store.AuditRow
	writes []store.Write
	later  []statement
	keys   map[search.Key]bool // of all members' writes
}

type statement struct {
	query string
	args  []any
}

// put keeps writes. One of a resource that another member has written is too late.
func (p *part) put(writes []store.Write) error {
	for i := range writes {
		if _, err := store.TypeNumber(writes[i].Type); err != nil {
			return err
		}
		key := writes[i].Key()
		if p.keys[key] {
			return store.ErrStale
		}
		p.keys[key] = true
	}
	p.writes = append(p.writes, writes...)
	return nil
}

// gather queues what the members have written, in one statement a table.
func (s *session) gather() {
	if len(s.parts) == 0 {
		return
	}
	var audits []store.AuditRow
	var writes []store.Write
	for _, p := range s.parts {
		audits, writes = append(audits, p.audits...), append(writes, p.writes...)
	}
	s.audit(audits)
	if len(writes) > 0 {
		if v, err := versionsOf(writes); err != nil {
			s.err = err
		} else {
			s.write(v, math.MaxInt)
		}
	}
	for _, p := range s.parts {
		for _, l := range p.later {
			s.queue(l.query, l.args...)
		}
		*p = part{keys: p.keys} // its member may go on
	}
}

var errEnded = errors.New("postgres: the update ended without returning")

// Share implements store.Sharer.
func (s *Store) Share(ctx context.Context, fn func(context.Context, store.Tx) error) error {
	m := &member{ctx: ctx, fn: fn, err: errEnded, done: make(chan struct{})}
	s.enter(m)
	select {
	case <-m.done:
	case <-ctx.Done():
		if m.taken.CompareAndSwap(false, true) {
			return ctx.Err()
		}
		<-m.done
	}
	switch {
	case m.panicked != nil:
		panic(m.panicked) // where the caller's own recovery stands
	case m.alone:
		return s.Update(ctx, fn)
	}
	return m.err
}

// enter queues a member, and begins a transaction when none is under way, or too many wait.
func (s *Store) enter(m *member) {
	s.shares.mu.Lock()
	defer s.shares.mu.Unlock()
	s.shares.waiting = append(s.shares.waiting, m)
	if n := s.shares.running; n == 0 || n < sharedAtOnce && len(s.shares.waiting) >= crowd*n {
		s.shares.running++
		go s.carry()
	}
}

// carry carries out shared transactions until nobody waits.
func (s *Store) carry() {
	ended := false
	defer func() {
		if !ended { // a member has ended the goroutine
			go s.carry()
		}
	}()
	for members := s.shares.next(); members != nil; members = s.shares.next() {
		s.shared(members)
	}
	ended = true
}

// next takes those who wait; nil ends who asks.
func (q *shares) next() []*member {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		return nil
	}
	n := min(len(q.waiting), maxMembers)
	members := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	return slices.DeleteFunc(members, func(m *member) bool { return !m.taken.CompareAndSwap(false, true) })
}

// shared carries out one transaction and answers its members.
func (s *Store) shared(members []*member) {
	ctx, cancel := context.WithTimeout(context.Background(), shareTimeout)
	defer cancel()
	how, err := store.RolledBack, errEnded
	defer func() {
		if how == store.Committed {
			s.signal.Notify()
		}
		for _, m := range members {
			m.tell(how, err)
		}
	}()
	if len(members) > 0 {
		how, err = s.attemptShared(ctx, members)
	}
}

// tell answers a member: its own failure, or else how the transaction ended. What was
// taken back for all is run again.
func (m *member) tell(how store.Ending, err error) {
	if m.tx != nil {
		own := how
		if m.err != nil || m.panicked != nil {
			own = store.RolledBack
		}
		m.tx.ended(own)
	}
	switch {
	case err == nil:
	case how == store.RolledBack:
		m.alone = m.panicked == nil
	case m.err == nil:
		m.err = err
	}
	close(m.done)
}

// attemptShared runs the members one after the other in one transaction.
func (s *Store) attemptShared(ctx context.Context, members []*member) (how store.Ending, err error) {
	conn, err := s.writes.Acquire(ctx)
	if err != nil {
		return store.RolledBack, err
	}
	session := &session{conn: conn}
	defer session.end(ctx)
	if err := session.flush(ctx); err != nil {
		return store.RolledBack, err
	}
	keys := map[search.Key]bool{}
	for _, m := range members {
		if err := s.member(ctx, session, m, keys); err != nil {
			return store.RolledBack, err
		}
	}
	err = session.commit(ctx)
	return ending(err), err
}

// member runs one update; the error says that it spoilt the transaction for all.
func (s *Store) member(ctx context.Context, session *session, m *member, keys map[search.Key]bool) error {
	p := &part{keys: keys}
	m.tx = &Tx{reader: reader{session}, session: session, ctx: ctx, clock: s.clock, part: p}
	session.parts, session.used = append(session.parts, p), false
	m.run(ctx)
	if m.err == nil && m.panicked == nil {
		return nil
	}
	if session.used {
		return errors.Join(errSpoilt, m.err)
	}
	session.parts = session.parts[:len(session.parts)-1]
	return nil
}

var errSpoilt = errors.New("postgres: an update failed in a transaction that it shares")

// run runs the update in the context of the transaction, with the values of its own.
func (m *member) run(ctx context.Context) {
	defer func() { m.panicked = recover() }()
	m.err = m.fn(within{ctx, m.ctx}, m.tx)
}

// within ends with the transaction and has the caller's values.
type within struct {
	context.Context
	values context.Context
}

func (w within) Value(key any) any { return w.values.Value(key) }
