package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Head names a seal. Whoever keeps heads elsewhere finds out when rows were cut off
// together with their seals (Verifier.Heads).
type Head struct {
	Chain, Seq int64
	Hash       []byte
}

// String is a line of text that ReadHeads understands.
func (h Head) String() string { return fmt.Sprintf("%d %d %x", h.Chain, h.Seq, h.Hash) }

// Heads hands over the newest seal of every chain that has one from a time on, in
// the order in which the chains began.
func Heads(ctx context.Context, db store.DB, since time.Time, each func(Head, time.Time) error) error {
	for n := int64(-1); ; {
		page, err := tables.AuditChains{}.Onwards(ctx, db, n, pageOfChains)
		if err != nil {
			return err
		}
		for _, c := range page {
			n = c.N
			s, err := tables.AuditSeals{}.Head(ctx, db, c.ID)
			if errors.Is(err, store.ErrNotFound) || err == nil && s.At.Before(since) {
				continue
			}
			if err == nil {
				err = each(Head{s.Chain, s.Seq, s.Hash}, s.At)
			}
			if err != nil {
				return err
			}
		}
		if len(page) < pageOfChains {
			return nil
		}
	}
}

// ReadHeads reads heads, one a line: chain, number, hash in hexadecimal digits. What
// follows on the line is not looked at.
func ReadHeads(r io.Reader) (heads []Head, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var h Head
		var text string
		if _, err := fmt.Sscan(lines.Text(), &h.Chain, &h.Seq, &text); err != nil {
			return nil, fmt.Errorf("line %d: a head is a chain, a number and a hash: %w", n, err)
		}
		if h.Hash, err = hex.DecodeString(text); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		heads = append(heads, h)
	}
	return heads, lines.Err()
}

// heads looks for the seals that somebody kept the hashes of.
func (w *walk) heads(ctx context.Context) error {
	for _, h := range w.Heads {
		s, err := tables.AuditSeals{}.One(ctx, w.DB, h.Chain, h.Seq)
		switch {
		case errors.Is(err, store.ErrNotFound):
			return &broken{Break{Chain: h.Chain, Seq: h.Seq, What: "a seal of the kept heads is missing: it was cut off"}}
		case err != nil:
			return err
		case !bytes.Equal(s.Hash, h.Hash):
			return &broken{Break{Chain: h.Chain, Seq: h.Seq, First: s.First, Last: s.Last, At: s.At, What: "the seal is another than that of the kept heads"}}
		}
	}
	return nil
}
