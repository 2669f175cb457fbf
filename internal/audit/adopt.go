package audit

import (
	"context"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// lease is how long a process counts as alive after it was heard of; it is heard of
// every fifth of that.
const lease = 5 * time.Minute

// lateness is how long after the end of a process' lease its last rows may still
// have come.
const lateness = 10 * time.Minute

// tend keeps this process' chain alive, and seals what others left.
func (l *Log) tend(ctx context.Context) {
	select {
	case <-l.chain.opened:
	case <-ctx.Done():
		return
	}
	ticker := time.NewTicker(lease / 5)
	defer ticker.Stop()
	for beats := 0; ; beats++ {
		if err := l.beat(ctx, beats); err != nil && ctx.Err() == nil {
			l.config.Logger.Warn("audit chains wait to be sealed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// tellEvery is after how many beats the head is written to the log.
const tellEvery = 60

func (l *Log) beat(ctx context.Context, beats int) error {
	if beats > 0 {
		if err := (tables.AuditChains{}).Live(ctx, l.config.Store, l.chain.id, l.config.Now().Add(lease)); err != nil {
			return err
		}
	}
	if beats%tellEvery == tellEvery-1 {
		l.tell()
	}
	return l.Adopt(ctx)
}

// tell writes the head to the log: whoever keeps the log can say whether the newest
// seals were cut off.
func (l *Log) tell() {
	l.chain.mu.Lock()
	h := l.chain.head
	l.chain.mu.Unlock()
	if h.seq > 0 {
		l.config.Logger.Info("audit head", "head", Head{Chain: l.chain.id, Seq: h.seq, Hash: h.hash}.String())
	}
}

// silentChains bounds how many chains are looked for at a time.
const silentChains = 100

// Adopt seals what processes left unsealed that have not been heard of for a while.
func (l *Log) Adopt(ctx context.Context) error {
	silent, err := tables.AuditChains{}.Silent(ctx, l.config.Store, l.config.Now().Add(-lease), silentChains)
	for _, c := range silent {
		for more := err == nil && c.ID != l.chain.id; more && err == nil; {
			err = l.config.Store.Update(ctx, func(ctx context.Context, tx store.Tx) (err error) {
				more, err = l.adopt(ctx, tx, c)
				return err
			})
		}
	}
	return err
}

// adopt seals the next rows of a chain for its process. The last such seal may have none.
func (l *Log) adopt(ctx context.Context, tx store.Tx, c store.AuditChain) (more bool, err error) {
	if err := tx.Claim(ctx, search.Hash("audit chain")); err != nil {
		return false, err
	}
	h, err := headIn(tables.AuditSeals{}.Head(ctx, tx, c.ID))
	if err != nil {
		return false, err
	}
	rows, err := tables.Audit{}.Onwards(ctx, tx, h.last, search.KeyAt(c.Until.Add(lateness)), &c.ID, batchSize)
	if err != nil {
		return false, err
	}
	if more = len(rows) == batchSize; !more {
		err = tables.AuditChains{}.Live(ctx, tx, c.ID, time.Time{})
	}
	if err != nil {
		return more, err
	}
	s := h.sealed(l.chain.key, c.ID, micros(l.config.Now()), store.SealAdopted, linksOf(rows))
	return more, tables.AuditSeals{}.Add(ctx, tx, s)
}

// micros is a time as the database gives it back.
func micros(t time.Time) time.Time { return store.Time(store.Micros(t)) }
