package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// points reads single resources by key: what a service does most. It works on
// the driver itself, since database/sql costs more than the look-up, starting a
// goroutine for each query among other things. A look-up is over in
// microseconds, so the caller's context is asked before it alone.
type points struct {
	driver driver.Driver
	dsn    string
	slots  chan struct{} // one for each connection that may be open
	closed chan struct{}

	mu   sync.Mutex
	idle []*point // the last one used is taken first: its page cache is the warmest
}

// point is one connection with its statement.
type point struct {
	conn driver.Conn
	stmt driver.StmtQueryContext
	args [2]driver.NamedValue
	row  [6]driver.Value
}

func newPoints(db *sql.DB, dsn string, connections int) *points {
	return &points{driver: db.Driver(), dsn: dsn, slots: make(chan struct{}, connections), closed: make(chan struct{})}
}

const readPoint = "SELECT id, version, updated, deleted, method, body FROM resource WHERE key = ? AND type = ?"

// Read returns the current version.
func (s *Store) Read(ctx context.Context, typ, id string) (store.Resource, error) {
	number, err := store.TypeNumber(typ)
	if err != nil {
		return store.Resource{}, store.ErrNotFound
	}
	key := search.KeyOf(typ, id)
	r, now, ok := s.recent.find(key)
	if !ok {
		if r, err = s.points.read(ctx, key, number); err != nil {
			return store.Resource{}, err
		}
		r.Type = store.TypeName(number)
		s.recent.keep(key, r, now)
	}
	if r.Type != typ || r.ID != id { // a key that another id has taken
		return store.Resource{}, store.ErrNotFound
	}
	return r, nil
}

func (p *points) read(ctx context.Context, key search.Key, typ int16) (store.Resource, error) {
	if err := p.enter(ctx); err != nil {
		return store.Resource{}, err
	}
	defer func() { <-p.slots }()
	c, err := p.take()
	if err != nil {
		return store.Resource{}, err
	}
	r, err := c.read(key, typ)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return r, errors.Join(fmt.Errorf("sqlite: reading a resource: %w", err), c.close())
	}
	p.mu.Lock()
	p.idle = append(p.idle, c)
	p.mu.Unlock()
	return r, err
}

// enter waits for a slot. A context makes its channel when it is first asked for
// it, so that is left to those who must wait.
func (p *points) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.closed:
		return errClosed
	}
}

// take is an idle connection or a new one.
func (p *points) take() (*point, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	conn, err := p.driver.Open(p.dsn)
	if err != nil {
		return nil, fmt.Errorf("sqlite: opening: %w", err)
	}
	stmt, err := conn.Prepare(readPoint)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("sqlite: preparing: %w", err), conn.Close())
	}
	return &point{conn: conn, stmt: stmt.(driver.StmtQueryContext), args: [2]driver.NamedValue{{Ordinal: 1}, {Ordinal: 2}}}, nil
}

func (c *point) read(key search.Key, typ int16) (r store.Resource, err error) {
	c.args[0].Value, c.args[1].Value = int64(key), int64(typ)
	rows, err := c.stmt.QueryContext(context.Background(), c.args[:])
	if err != nil {
		return r, err
	}
	defer func() {
		if failed := rows.Close(); err == nil {
			err = failed
		}
	}()
	switch err := rows.Next(c.row[:]); {
	case err == io.EOF:
		return r, store.ErrNotFound
	case err != nil:
		return r, err
	}
	return c.resource()
}

// resource takes the row over: the driver has copied it out of the database.
func (c *point) resource() (r store.Resource, err error) {
	var ok [6]bool
	var updated, deleted int64
	r.ID, ok[0] = c.row[0].(string)
	r.Version, ok[1] = c.row[1].(int64)
	updated, ok[2] = c.row[2].(int64)
	deleted, ok[3] = c.row[3].(int64)
	r.Method, ok[4] = c.row[4].(string)
	r.Body, ok[5] = c.row[5].([]byte)
	if ok != [6]bool{true, true, true, true, true, true} {
		return r, errors.New("a column of an unexpected type")
	}
	r.Updated, r.Deleted = store.Time(updated), deleted != 0
	if len(r.Body) == 0 {
		r.Body = nil
	}
	c.row = [6]driver.Value{}
	return r, nil
}

func (c *point) close() error { return errors.Join(c.stmt.(driver.Stmt).Close(), c.conn.Close()) }

// close waits for those who read, and closes the connections.
func (p *points) close() error {
	close(p.closed)
	for range cap(p.slots) {
		p.slots <- struct{}{}
	}
	var all []error
	for _, c := range p.idle {
		all = append(all, c.close())
	}
	return errors.Join(all...)
}
