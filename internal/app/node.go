package app

import (
	"context"
	"errors"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// nodeLease is how long a process that has died keeps its number.
const nodeLease = 5 * time.Minute

// nodes keeps this process' number among those that mint ids in the database:
// the configured one, or a leased one. Commands beside a running service get one
// of their own.
func (c *core) nodes(ctx context.Context, configured int) (int, error) {
	if configured >= 0 {
		return configured, nil
	}
	n, err := c.leaseNode(ctx)
	if err != nil {
		return 0, err
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.renewNode(renewing, n)
	}()
	c.add(func(context.Context) error {
		stop()
		<-done
		return nil
	})
	return n, nil
}

func (c *core) leaseNode(ctx context.Context) (n int, err error) {
	err = c.store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		n, err = tables.Nodes{}.Lease(ctx, tx, c.Owner, c.Now(), c.Now().Add(nodeLease))
		return err
	})
	return n, err
}

// renewNode renews until ctx ends, and then gives the number up with the delay
// that lets ids minted ahead of the clock be past.
func (c *core) renewNode(ctx context.Context, n int) {
	ticker := time.NewTicker(nodeLease / 5)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			err := tables.Nodes{}.Renew(ctx, c.store, n, c.Owner, c.Now().Add(nodeLease))
			if errors.Is(err, store.ErrStale) { // this process was away for longer than its lease
				if n, err = c.leaseNode(ctx); err == nil {
					c.ids.SetNode(n)
				}
			}
			if err != nil && ctx.Err() == nil {
				c.Logger.Error("the node number could not be renewed", "error", err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := (tables.Nodes{}).Renew(last, c.store, n, c.Owner, c.Now().Add(2*time.Second)); err != nil {
				c.Logger.Warn("the node number could not be given up", "error", err)
			}
			return
		}
	}
}
