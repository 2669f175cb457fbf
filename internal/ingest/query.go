package ingest

import (
	"context"
	"errors"

	"tributary/connectors"
	"tributary/internal/store"
)

// query goes through the pages of the first of the queries from its checkpoint;
// while a page is stored, the one after it is on its way. A type that the
// provider refuses or breaks on is marked failed; the pull goes on.
func (r *run) query(ctx context.Context, queries []store.PullQuery) error {
	q := &queries[0]
	seen := map[string]bool{q.Next: true}
	for q.State == store.QueryPending {
		page, err := r.page(ctx, q)
		if err == nil && page.Next != nil && seen[page.Next.URL] {
			err = &connectors.Error{Failure: connectors.BadAnswer, Detail: "the pages lead in a circle"}
		}
		if err != nil {
			if err := r.failed(ctx, q, err); err != nil {
				return err
			}
			continue
		}
		r.silent = 0
		if q.N == 0 {
			if err := r.identify(ctx, page); err != nil {
				return err
			}
		}
		r.look(ctx, following(queries, page))
		if err := r.keep(ctx, q, page); err != nil {
			return err
		}
		seen[q.Next] = true
	}
	return nil
}

// following is the query, at the page, that comes after a page.
func following(queries []store.PullQuery, page connectors.Page) *store.PullQuery {
	if page.Next != nil {
		next := queries[0]
		next.Next = page.Next.URL
		return &next
	}
	for _, q := range queries[1:] {
		if q.State == store.QueryPending {
			return &q
		}
	}
	return nil
}

// ahead is a page that is fetched while the one before it is stored.
type ahead struct {
	n      int64
	url    string
	cancel context.CancelFunc
	done   chan struct{}
	page   connectors.Page
	err    error
}

// look begins to fetch a page, with a token that still is good.
func (r *run) look(ctx context.Context, q *store.PullQuery) {
	if q == nil || ending(r.creds, r.Now()) {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	a := &ahead{n: q.N, url: q.Next, cancel: cancel, done: make(chan struct{})}
	query, creds := connectors.Query{Type: q.Type, URL: q.Next, Since: r.pull.Since}, r.creds
	go func() {
		defer close(a.done)
		a.page, a.err = r.Connector.Page(ctx, r.provider, creds, query)
	}()
	r.ahead = a
}

// forget waits for a page that nobody will use any more.
func (r *run) forget() {
	if a := r.ahead; a != nil {
		r.ahead = nil
		a.cancel()
		<-a.done
	}
}

// page returns the page at the checkpoint: the one fetched ahead, if it is that
// one and its token was good, or it fetches it.
func (r *run) page(ctx context.Context, q *store.PullQuery) (connectors.Page, error) {
	if a := r.ahead; a != nil && a.n == q.N && a.url == q.Next {
		<-a.done
		r.forget()
		var e *connectors.Error
		if !errors.As(a.err, &e) || e.Failure != connectors.Expired {
			return a.page, errors.Join(r.check(ctx), a.err)
		}
	}
	r.forget()
	return r.fetch(ctx, func() (connectors.Page, error) {
		return r.Connector.Page(ctx, r.provider, r.creds, connectors.Query{Type: q.Type, URL: q.Next, Since: r.pull.Since})
	})
}

func (r *run) fetch(ctx context.Context, call func() (connectors.Page, error)) (page connectors.Page, err error) {
	if err := r.check(ctx); err != nil {
		return page, err
	}
	err = r.authorized(ctx, func() error {
		page, err = call()
		return err
	})
	return page, err
}
