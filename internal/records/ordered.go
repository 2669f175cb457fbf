package records

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// sortBound is how many resources are read, at most, to sort them by what no
// index has an order of.
const sortBound = 10_000

// answer is a page of a search. What is sorted by tokens or references, of which
// the index has hashes alone, is read and sorted here; all else the store does.
func (s *Service) answer(ctx context.Context, from reader, q search.Query, after *store.Cursor) (store.Page, error) {
	q = s.inCourse(q)
	if q.Count == 0 || !slices.ContainsFunc(q.Sort, unindexed) {
		return from.Search(ctx, q, after)
	}
	if after != nil && len(after.Sort) != len(q.Sort) {
		return store.Page{}, errs.New(errs.Invalid, "the page link does not belong to this search")
	}
	o := ordering{service: s, sorts: q.Sort, of: sortsOf(q), keep: q.Count + 1, after: after}
	total, err := o.readAll(ctx, from, q)
	if err != nil {
		return store.Page{}, err
	}
	page := store.Page{Total: -1}
	if q.Total != search.TotalNone {
		page.Total = total
	}
	for _, r := range o.best[:min(len(o.best), q.Count)] {
		page.Resources = append(page.Resources, r.resource)
	}
	if len(o.best) > q.Count {
		page.Next = o.best[q.Count-1].cursor()
	}
	return page, nil
}

func unindexed(s search.Sort) bool { return s.Param.Code != search.LastUpdated && !s.Param.Indexed() }

// ordering keeps the first of all that matches, in the order that was asked for.
type ordering struct {
	service *Service
	sorts   []search.Sort
	of      map[string][]search.Sort // by type: of several types each has parameters of its own
	after   *store.Cursor
	keep    int
	best    []ordered // in order
}

func sortsOf(q search.Query) map[string][]search.Sort {
	of := map[string][]search.Sort{q.Type: q.Sort}
	for _, one := range q.Each {
		of[one.Type] = one.Sort
	}
	return of
}

// unsorted is the search that finds what is to be sorted.
func unsorted(q search.Query) search.Query {
	q.Sort, q.Count, q.Total, q.Each = nil, 500, search.TotalNone, slices.Clone(q.Each)
	for i := range q.Each {
		q.Each[i].Sort = nil
	}
	return q
}

// ordered is a resource and its sort keys, nil where it has no value.
type ordered struct {
	resource store.Resource
	keys     []any
}

func (o *ordered) cursor() *store.Cursor { return &store.Cursor{Sort: o.keys, Key: o.resource.Key()} }

// readAll goes through what matches, and counts it.
func (o *ordering) readAll(ctx context.Context, from reader, q search.Query) (total int64, err error) {
	q = unsorted(q)
	var at *store.Cursor
	for {
		page, err := from.Search(ctx, q, at)
		if err != nil {
			return 0, err
		}
		for i := range page.Resources {
			if err := o.consider(page.Resources[i]); err != nil {
				return 0, err
			}
		}
		total += int64(len(page.Resources))
		if at = page.Next; at == nil {
			return total, nil
		}
		if total >= sortBound {
			return 0, errs.New(errs.TooCostly,
				"more than %d resources match: too many to sort by a token or reference; ask with a narrower condition, or sort by a date, string, number or uri", sortBound).At("http._sort")
		}
	}
}

// consider takes a resource that comes after the page before, if it is among the
// first of those.
func (o *ordering) consider(r store.Resource) error {
	keys, err := o.keysOf(&r)
	if err != nil {
		return err
	}
	one := ordered{r, keys}
	if o.after != nil && o.compare(one.keys, r.Key(), o.after.Sort, o.after.Key) <= 0 {
		return nil
	}
	i, _ := slices.BinarySearchFunc(o.best, one, func(a, b ordered) int {
		return o.compare(a.keys, a.resource.Key(), b.keys, b.resource.Key())
	})
	if i < o.keep {
		o.best = slices.Insert(o.best, i, one)
		o.best = o.best[:min(len(o.best), o.keep)]
	}
	return nil
}

func (o *ordering) keysOf(r *store.Resource) ([]any, error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", r.Type, r.ID)
	}
	keys := make([]any, len(o.sorts))
	for i, sort := range o.of[r.Type] {
		if sort.Param.Code == search.LastUpdated {
			keys[i] = search.TimeKey(store.Micros(r.Updated))
			continue
		}
		key, ok, err := o.service.registry.SortKey(r.Type, r.ID, sort, root, o.service.base)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be sorted", r.Type, r.ID)
		}
		if ok {
			keys[i] = key
		}
	}
	return keys, nil
}

// compare orders as the store does: missing values last whatever the direction, and
// between equals the resource key, in the direction of the last sort key.
func (o *ordering) compare(a []any, keyA search.Key, b []any, keyB search.Key) int {
	for i, sort := range o.sorts {
		x, hasX := a[i].(string)
		y, hasY := b[i].(string)
		switch {
		case hasX != hasY && hasX:
			return -1
		case hasX != hasY:
			return 1
		}
		if n := turned(strings.Compare(x, y), sort); n != 0 {
			return n
		}
	}
	return turned(cmp.Compare(keyA, keyB), o.sorts[len(o.sorts)-1])
}

func turned(n int, s search.Sort) int {
	if s.Descending {
		return -n
	}
	return n
}
