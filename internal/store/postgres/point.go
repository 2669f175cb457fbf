package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// points reads single resources by key: what a service does most. Those who ask at
// the same time are answered by one statement, for to be asked over a socket costs
// the database, and us, several times what the look-up does. Nobody waits for others
// to ask: a lane that is free takes what there is, one key or many.
//
// Whoever asks after a commit sees it, since the statement is sent after all were asked
// that it answers.
type points struct {
	pool  *pgxpool.Pool // a connection for each lane
	lanes sync.WaitGroup

	mu      sync.Mutex
	some    sync.Cond // somebody waits, or no one will
	waiting []*point
	closed  bool
}

const (
	laneCount    = 2                // one is read from while the other is written to
	keysAtOnce   = 64               // keys of a statement
	pointTimeout = 20 * time.Second // of a statement; without an answer the connection is given up
)

// point is one look-up.
type point struct {
	key      int64
	typ      int16
	id       string
	resource store.Resource
	err      error
	done     chan struct{} // holds something when it is over
}

// fresh keeps look-ups that are over, for their channels.
var fresh = sync.Pool{New: func() any { return &point{done: make(chan struct{}, 1)} }}

var errClosed = errors.New("postgres: the store is closed")

func newPoints(pool *pgxpool.Pool) *points {
	p := &points{pool: pool}
	p.some.L = &p.mu
	for range laneCount {
		p.lanes.Go(p.lane)
	}
	return p
}

// Read returns the current version.
func (s *Store) Read(ctx context.Context, typ, id string) (store.Resource, error) {
	if err := ctx.Err(); err != nil {
		return store.Resource{}, err
	}
	number, err := store.TypeNumber(typ)
	if err != nil {
		return store.Resource{}, store.ErrNotFound
	}
	one := fresh.Get().(*point)
	one.key, one.typ, one.id, one.err = int64(search.KeyOf(typ, id)), number, id, store.ErrNotFound
	if !s.points.ask(one) {
		return store.Resource{}, errClosed
	}
	<-one.done // not for longer than pointTimeout
	r, err := one.resource, one.err
	one.resource = store.Resource{}
	fresh.Put(one)
	return r, err
}

func (p *points) ask(one *point) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.waiting = append(p.waiting, one)
	p.some.Signal()
	return true
}

// next are those who wait; none when there will be no more.
func (p *points) next(batch []*point) []*point {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.waiting) == 0 && !p.closed {
		p.some.Wait()
	}
	n := min(len(p.waiting), keysAtOnce)
	batch = append(batch[:0], p.waiting[:n]...)
	left := copy(p.waiting, p.waiting[n:])
	clear(p.waiting[left:])
	p.waiting = p.waiting[:left]
	return batch
}

// lane answers until the store is closed.
func (p *points) lane() {
	var batch []*point
	var keys []byte
	for {
		if batch = p.next(batch); len(batch) == 0 {
			return
		}
		keys = keysOf(keys[:0], batch)
		err := p.answer(keys, batch)
		for _, one := range batch {
			if err != nil {
				one.err = fmt.Errorf("postgres: reading a resource: %w", err)
			}
			one.done <- struct{}{}
		}
	}
}

// readPoints gives the columns in the order of the fields below.
const readPoints = "SELECT key, type, id, version, updated, deleted, method, body FROM resource WHERE key = ANY($1::int8[])"

// binaryFormat is that of what is sent and of what comes back.
var binaryFormat = []int16{pgx.BinaryFormatCode}

// answer runs the statement for a batch. After an error nothing is known of the
// connection, and it is closed.
func (p *points) answer(keys []byte, batch []*point) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), pointTimeout)
	defer cancel()
	conn, err := p.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Conn().Close(ctx))
		}
		conn.Release()
	}()
	statement, err := conn.Conn().Prepare(ctx, "points", readPoints)
	if err != nil {
		return err
	}
	rows := conn.Conn().PgConn().ExecStatement(ctx, statement, [][]byte{keys}, binaryFormat, binaryFormat)
	for rows.NextRow() {
		if err := hand(rows.Values(), batch); err != nil {
			_, closing := rows.Close()
			return errors.Join(err, closing)
		}
	}
	_, err = rows.Close()
	return err
}

// keysOf is the keys as an array of int8 in PostgreSQL's binary format.
func keysOf(b []byte, batch []*point) []byte {
	const dimensions, nulls, lower = 1, 0, 1
	for _, n := range [...]uint32{dimensions, nulls, pgtype.Int8OID, uint32(len(batch)), lower} {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for _, one := range batch {
		b = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(b, 8), uint64(one.key))
	}
	return b
}

// hand gives a row to all who asked for it. What was read is the connection's, and each
// gets a copy.
func hand(row [][]byte, batch []*point) error {
	key, typ, ok := nameOf(row)
	if !ok {
		return errors.New("a column of an unexpected type")
	}
	for _, one := range batch {
		if one.key == key && one.typ == typ && one.id == string(row[2]) { // a key that another id has taken is not it
			one.resource, one.err = resourceOf(row), nil
		}
	}
	return nil
}

// nameOf is a row's key and type. It tells whether all numbers have the widths of their
// columns.
func nameOf(row [][]byte) (key int64, typ int16, ok bool) {
	if len(row) != 8 || len(row[0]) != 8 || len(row[1]) != 2 || len(row[3]) != 8 || len(row[4]) != 8 || len(row[5]) != 2 {
		return 0, 0, false
	}
	return long(row[0]), int16(binary.BigEndian.Uint16(row[1])), true
}

func resourceOf(row [][]byte) store.Resource {
	r := store.Resource{
		Type: store.TypeName(int16(binary.BigEndian.Uint16(row[1]))), ID: string(row[2]), Version: long(row[3]),
		Updated: store.Time(long(row[4])), Deleted: row[5][1] != 0, Method: string(row[6]),
	}
	if len(row[7]) > 0 {
		r.Body = bytes.Clone(row[7])
	}
	return r
}

func long(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

// close answers those who wait, and closes the connections.
func (p *points) close() {
	p.mu.Lock()
	p.closed = true
	p.some.Broadcast()
	p.mu.Unlock()
	p.lanes.Wait()
	p.pool.Close()
}
