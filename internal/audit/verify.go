package audit

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"math"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
	"tributary/internal/store/tables"
)

// Report is what Verify found.
type Report struct {
	Chains, Seals, Rows int64
	Unsealed            int64 // rows that are too new for a seal, or that wait for another process to seal them
	Gone                int64 // rows that were removed as too old
	Break               *Break
}

// Break is the first place at which the trail is not as it was written.
type Break struct {
	Chain, Seq  int64      // of the seal that does not fit; 0 where it is about none
	First, Last search.Key // of the rows that are in question
	At          time.Time  // of the seal, or of the row
	What        string
}

// String names the place.
func (b *Break) String() string {
	return fmt.Sprintf("chain %d, seal %d, keys %d to %d, %s: %s", b.Chain, b.Seq, b.First, b.Last, b.At.UTC().Format(time.RFC3339), b.What)
}

// broken is a Break on its way up.
type broken struct{ Break }

func (b *broken) Error() string { return b.String() }

// Verifier goes over the whole trail; a server may write beside it.
type Verifier struct {
	DB    store.DB
	Key   []byte    // of the seals' MACs
	Now   time.Time // rows from before a while ago must be sealed
	Since time.Time // seals from before are believed; zero: none are
	Heads []Head    // that somebody kept: these seals must be there
}

// Verify reads every row and every seal, in pages: what it remembers grows with the
// number of processes that ever ran, not with what they wrote. The error is of the
// database.
func (v Verifier) Verify(ctx context.Context) (*Report, error) {
	w := &walk{Verifier: v, chains: map[int64]*walked{}, from: search.Key(math.MaxInt64)}
	for _, step := range []func(context.Context) error{w.heads, w.begin, w.rows, w.rest} {
		err := step(ctx)
		if b := (*broken)(nil); errors.As(err, &b) {
			w.report.Break = &b.Break
			return &w.report, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return &w.report, nil
}

// walk is a Verify on its way.
type walk struct {
	Verifier
	report Report
	chains map[int64]*walked
	order  []*walked
	from   search.Key // least key of what is to be verified
}

// walked is how far a chain has been followed.
type walked struct {
	id    int64
	head  head                // the last seal that holds
	begun search.Key          // rows up to here are believed
	end   head                // its newest seal when the walk began: what is sealed later is not looked at
	kind  store.AuditSealKind // of that
	until time.Time
	page  []store.AuditSeal // that follow
	count int64             // rows since the head
	sum   hash.Hash         // over their digests
	key   search.Key        // of the last of them
}

const pageOfChains = 1000

// begin holds the chains against each other, and notes how far each goes.
func (w *walk) begin(ctx context.Context) error {
	var n int64
	var before []byte
	for {
		page, err := tables.AuditChains{}.Onwards(ctx, w.DB, n-1, pageOfChains)
		if err != nil {
			return err
		}
		for _, c := range page {
			if c.N != n {
				return &broken{Break{Chain: c.ID, At: c.Began, What: fmt.Sprintf("chain number %d is missing", n)}}
			}
			if c.N > 0 && !hmac.Equal(c.MAC, chainMAC(w.Key, c, before)) {
				return &broken{Break{Chain: c.ID, At: c.Began, What: "the entry of the chain, or of the one before it, was changed"}}
			}
			if err := w.enter(ctx, c); err != nil {
				return err
			}
			n, before = n+1, c.MAC
		}
		if len(page) < pageOfChains {
			return nil
		}
	}
}

// enter notes where a chain is to be followed from, and how far.
func (w *walk) enter(ctx context.Context, c store.AuditChain) error {
	newest, err := tables.AuditSeals{}.Head(ctx, w.DB, c.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	o := &walked{id: c.ID, end: headOf(newest), kind: newest.Kind, until: c.Until, sum: sha256.New()}
	if newest.Seq == 0 {
		o.end = head{}
	}
	if c.N > 0 && c.Until.IsZero() && (newest.Seq == 0 || newest.Kind == store.SealOwn) {
		return &broken{Break{Chain: c.ID, Seq: newest.Seq + 1, First: newest.Last, Last: newest.Last, At: newest.At, What: "the chain has ended, and its last seal is missing"}}
	}
	w.chains[c.ID], w.order = o, append(w.order, o)
	first := search.Key(0)
	if !w.Since.IsZero() {
		if first, err = w.skip(ctx, o); err != nil {
			return err
		}
	}
	w.from = min(w.from, first)
	return nil
}

// skip believes what was sealed before the time from which to verify.
func (w *walk) skip(ctx context.Context, o *walked) (search.Key, error) {
	s, err := tables.AuditSeals{}.Since(ctx, w.DB, o.id, w.Since)
	if errors.Is(err, store.ErrNotFound) {
		o.head, o.begun = o.end, o.end.last
		return max(o.end.last, search.KeyAt(w.Since)), nil
	}
	if err != nil || s.Seq == 1 {
		return s.First, err
	}
	before, err := tables.AuditSeals{}.One(ctx, w.DB, o.id, s.Seq-1)
	if errors.Is(err, store.ErrNotFound) {
		return 0, &broken{Break{Chain: o.id, Seq: s.Seq - 1, At: s.At, What: "the seal is missing"}}
	}
	o.head, o.begun = headOf(before), before.Last
	if err == nil && !hmac.Equal(before.MAC, mac(w.Key, "seal", before.Hash)) {
		err = &broken{Break{Chain: o.id, Seq: before.Seq, First: before.First, Last: before.Last, At: before.At, What: "the seal was changed"}}
	}
	return s.First, err
}

const pageOfRows = 2000

// rows goes over the rows, in the order of their keys.
func (w *walk) rows(ctx context.Context) error {
	w.report.Chains = int64(len(w.order))
	from := w.from - 1
	if w.Since.IsZero() {
		from = math.MinInt64
	}
	for {
		page, err := tables.Audit{}.Onwards(ctx, w.DB, from, math.MaxInt64, nil, pageOfRows)
		if err != nil {
			return err
		}
		for i, l := range linksOf(page) {
			if err := w.row(ctx, page[i], l); err != nil {
				return err
			}
			from = l.key
		}
		if len(page) < pageOfRows {
			return nil
		}
	}
}

// unsealedFor is how long a row of a living process may be without a seal: as long
// as the longest transaction may take, and more.
const unsealedFor = 10 * time.Minute

func (w *walk) row(ctx context.Context, r store.AuditRow, l link) error {
	o := w.chains[r.Chain]
	if o == nil && l.key.MintedAt().After(w.Now.Add(-unsealedFor)) { // its process has come since the walk began
		w.report.Unsealed++
		return nil
	}
	if o == nil {
		return &broken{Break{Chain: r.Chain, First: l.key, Last: l.key, At: r.At, What: "the row is in a chain that does not exist: it was added or changed"}}
	}
	if l.key > o.end.last {
		return w.unsealed(o, r, l)
	}
	if l.key <= o.begun {
		return nil
	}
	w.report.Rows++
	for {
		s, err := w.next(ctx, o)
		if err != nil {
			return err
		}
		if l.key <= s.Last {
			break
		}
		if err := w.close(ctx, o); err != nil {
			return err
		}
	}
	o.sum.Write(l.digest[:])
	o.count, o.key = o.count+1, l.key
	return nil
}

// unsealed is a row after the newest seal of its chain.
func (w *walk) unsealed(o *walked, r store.AuditRow, l link) error {
	w.report.Unsealed++
	old := l.key.MintedAt().Before(w.Now.Add(-unsealedFor))
	waits := !o.until.IsZero() && o.until.Before(w.Now) // for another process to seal it
	if o.kind == store.SealLast && o.end.seq > 0 || old && !waits {
		return &broken{Break{Chain: o.id, First: l.key, Last: l.key, At: r.At, What: "the row stands after the last seal of its chain: it was added, or seals were removed"}}
	}
	return nil
}

const pageOfSeals = 100

// next is the seal that follows the head.
func (w *walk) next(ctx context.Context, o *walked) (s store.AuditSeal, err error) {
	if len(o.page) == 0 {
		if o.page, err = (tables.AuditSeals{}).Onwards(ctx, w.DB, o.id, o.head.seq, pageOfSeals); err != nil {
			return s, err
		}
	}
	if len(o.page) == 0 || o.page[0].Seq != o.head.seq+1 {
		return s, &broken{Break{Chain: o.id, Seq: o.head.seq + 1, First: o.head.last, Last: o.end.last, What: "the seal is missing"}}
	}
	return o.page[0], nil
}

// close holds the next seal against the rows since the head.
func (w *walk) close(ctx context.Context, o *walked) error {
	s, err := w.next(ctx, o)
	if err != nil {
		return err
	}
	gone, fault := w.compare(o, s)
	if fault != "" && len(s.Gone) == 0 { // its rows may have been removed since it was read
		if s, err = (tables.AuditSeals{}).One(ctx, w.DB, o.id, s.Seq); err == nil && len(s.Gone) > 0 && o.count == 0 {
			gone, fault = w.compare(o, s)
		} else if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if fault != "" {
		return &broken{Break{Chain: o.id, Seq: o.head.seq + 1, First: o.page[0].First, Last: o.page[0].Last, At: o.page[0].At, What: fault}}
	}
	w.report.Seals++
	w.report.Gone += gone
	o.head, o.page, o.count = headOf(s), o.page[1:], 0
	o.sum.Reset()
	return nil
}

// compare says what is wrong with a seal or the rows that it is of.
func (w *walk) compare(o *walked, s store.AuditSeal) (gone int64, fault string) {
	switch {
	case !bytes.Equal(s.Hash, hashOf(s, o.head.hash)) || !hmac.Equal(s.MAC, mac(w.Key, "seal", s.Hash)) || s.First < o.head.last:
		return 0, "the seal was changed, or another was put before it"
	case len(s.Gone) > 0 && !hmac.Equal(s.Gone, mac(w.Key, "gone", s.Hash)):
		return 0, "the seal says that its rows were removed as too old, which was not so"
	case len(s.Gone) > 0 && o.count > 0:
		return 0, "rows are there that were removed as too old: they were added"
	case len(s.Gone) > 0:
		return s.Count, ""
	case o.count < s.Count:
		return 0, fmt.Sprintf("%d of %d rows are missing", s.Count-o.count, s.Count)
	case o.count > s.Count:
		return 0, fmt.Sprintf("%d rows were added to %d", o.count-s.Count, s.Count)
	case !bytes.Equal(s.Content, o.sum.Sum(nil)):
		return 0, "rows were changed, or stand in another order"
	}
	return 0, ""
}

// rest follows each chain to its end: no rows are left.
func (w *walk) rest(ctx context.Context) error {
	for _, o := range w.order {
		for o.head.seq < o.end.seq {
			if err := w.close(ctx, o); err != nil {
				return err
			}
		}
		if o.count > 0 {
			return &broken{Break{Chain: o.id, First: o.key, Last: o.key, What: "rows stand between seals: they were added"}}
		}
	}
	return nil
}
