package check

import (
	"context"
	"encoding/binary"
	"hash/maphash"
	"math"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/store"
	"tributary/internal/store/sqlindex"
)

// buckets is a power of two: of a hundred million rows, one has some hundreds.
const buckets = 1 << 17

// sums are what there should be in each bucket, less what there is.
type sums struct {
	seed    maphash.Seed
	buckets []bucket
	batch   sqlindex.Batch // reused
	scratch []byte
	without map[int32]bool // numbers of parameters whose rows come and go now
}

type bucket struct {
	hash uint64 // sum over expected rows less sum over rows
	rows int32  // expected and found, as far as they can be counted
}

func newSums() *sums {
	return &sums{seed: maphash.MakeSeed(), buckets: make([]bucket, buckets), without: map[int32]bool{}}
}

func bucketOf(key int64) int {
	h := uint64(key)
	h ^= h >> 31
	h *= 0x9e3779b97f4a7c15
	return int(h >> (64 - 17))
}

// expect adds the rows of a resource.
func (s *sums) expect(key search.Key, entries *search.Entries) {
	for table := range s.batch {
		s.batch[table] = s.batch[table][:0]
	}
	s.batch.Add(key, entries)
	b := &s.buckets[bucketOf(int64(key))]
	for table, rows := range s.batch {
		for _, row := range rows {
			if !s.without[row[0].(int32)] {
				b.hash += s.hash(table, row)
				b.rows++
			}
		}
	}
}

// found takes a row off that is there.
func (s *sums) found(table int, row []any) {
	b := &s.buckets[bucketOf(row[sqlindex.Tables[table].KeyColumn()].(int64))]
	b.hash -= s.hash(table, row)
	b.rows++
}

func (s *sums) hash(table int, row []any) uint64 {
	b := append(s.scratch[:0], byte(table))
	for _, cell := range row {
		switch v := cell.(type) {
		case int32:
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		case int64:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case float64:
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v+0)) // one zero
		case string:
			b = append(append(b, v...), 0)
		}
	}
	s.scratch = b
	return maphash.Bytes(s.seed, b)
}

// index takes all rows off, and goes through the buckets that are not even then.
func (r *run) index(ctx context.Context) error {
	err := r.rows(ctx, func(table int, row []any) {
		r.sums.found(table, row)
		r.tell("index", r.Rows, r.Rows+1)
		r.Rows++
	})
	if err != nil {
		return err
	}
	uneven := map[int]bool{}
	total := int32(0)
	for i, b := range r.sums.buckets {
		if b.hash == 0 {
			continue
		}
		if total += b.rows; len(uneven) > 0 && total > mostCompared {
			r.More = true
			break
		}
		uneven[i] = true
	}
	if len(uneven) == 0 {
		return nil
	}
	return r.compare(ctx, uneven)
}

// mostCompared bounds the rows that are held in memory to be compared one by one.
const mostCompared = 400_000

// rows visits every index row.
func (r *run) rows(ctx context.Context, visit func(table int, row []any)) error {
	for table := range sqlindex.Tables {
		for after, more := []any(nil), true; more; {
			rows, err := sqlindex.Scan(ctx, r.db, table, 0, after, pageSize)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if after = row; !r.sums.without[row[0].(int32)] {
					visit(table, row)
				}
			}
			more = len(rows) == pageSize
		}
	}
	return nil
}

// expected is a row that there should be, and whose.
type expected struct {
	ref   store.Ref
	table int
	param int32
}

// compare names the rows of uneven buckets that are missing or too many.
func (r *run) compare(ctx context.Context, uneven map[int]bool) error {
	should, names, err := r.expectedIn(ctx, uneven)
	if err != nil {
		return err
	}
	err = r.rows(ctx, func(table int, row []any) {
		key := row[sqlindex.Tables[table].KeyColumn()].(int64)
		if !uneven[bucketOf(key)] {
			return
		}
		id := string(rune('a'+table)) + sqlindex.RowKey(row)
		if _, there := should[id]; there {
			delete(should, id)
			return
		}
		r.extra(table, row, names[key])
	})
	if err != nil {
		return err
	}
	incomplete := map[store.Ref]bool{}
	for _, e := range should {
		r.fault(Fault{Kind: MissingRow, Type: e.ref.Type, ID: e.ref.ID, Param: r.param(e.param), Detail: "a row is missing in " + sqlindex.Tables[e.table].Name})
		if !incomplete[e.ref] {
			incomplete[e.ref] = true
			r.Incomplete = append(r.Incomplete, e.ref)
		}
	}
	return nil
}

func (r *run) extra(table int, row []any, ref store.Ref) {
	detail := "a row is too many in " + sqlindex.Tables[table].Name
	if ref.Type == "" {
		detail = "a row of no resource is in " + sqlindex.Tables[table].Name
	}
	r.fault(Fault{Kind: ExtraRow, Type: ref.Type, ID: ref.ID, Param: r.param(row[0].(int32)), Detail: detail})
	r.Extra = append(r.Extra, sqlindex.Row{Table: table, Cells: row})
}

// param names a parameter by the number of its rows.
func (r *run) param(number int32) string {
	if name, known := r.named[number]; known {
		return name
	}
	name := "a parameter that is no more"
	if p, known := r.Registry.ByNumber(number); known {
		name = p.Type + "." + p.Code
	}
	r.named[number] = name
	return name
}

// expectedIn reads once more the resources in buckets.
func (r *run) expectedIn(ctx context.Context, uneven map[int]bool) (should map[string]expected, names map[int64]store.Ref, err error) {
	should, names = map[string]expected{}, map[int64]store.Ref{}
	for after, first := int64(-1<<63), true; ; first = false {
		page, err := r.page(ctx, after, first)
		if err != nil {
			return nil, nil, err
		}
		for i := range page {
			k := &page[i]
			if after = k.key; uneven[bucketOf(k.key)] {
				names[k.key] = store.Ref{Type: k.res.Type, ID: k.res.ID}
				r.expectOf(k, should)
			}
		}
		if len(page) < pageSize {
			return should, names, nil
		}
	}
}

func (r *run) expectOf(k *kept, should map[string]expected) {
	if k.res.Deleted {
		return
	}
	root, err := tree.Parse(k.res.Body)
	if err != nil {
		return // told already
	}
	entries, err := r.Registry.Extract(k.res.Type, k.res.ID, root, r.Base)
	if err != nil {
		return
	}
	var batch sqlindex.Batch
	batch.Add(search.Key(k.key), &entries)
	for table, rows := range batch {
		for _, row := range rows {
			if r.sums.without[row[0].(int32)] {
				continue
			}
			should[string(rune('a'+table))+sqlindex.RowKey(row)] = expected{store.Ref{Type: k.res.Type, ID: k.res.ID}, table, row[0].(int32)}
		}
	}
}
