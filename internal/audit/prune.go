package audit

import (
	"context"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// sealsAtOnce is how many seals' rows go in one transaction.
const sealsAtOnce = 20

// Prune removes the rows that were sealed before a time, by whole seals. The seals
// stay, and say so: the chains go on to hold. It returns how many rows went.
func (l *Log) Prune(ctx context.Context, before time.Time) (gone int64, err error) {
	for {
		seals, err := tables.AuditSeals{}.Kept(ctx, l.config.Store, before, sealsAtOnce)
		if err != nil || len(seals) == 0 {
			return gone, err
		}
		var now int64
		err = l.config.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error {
			now = 0
			for _, s := range seals {
				n, err := tables.AuditSeals{}.Empty(ctx, tx, s, mac(l.chain.key, "gone", s.Hash))
				if err != nil {
					return err
				}
				now += n
			}
			return nil
		})
		if err != nil {
			return gone, err
		}
		gone += now
	}
}
