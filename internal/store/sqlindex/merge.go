package sqlindex

import (
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// mostStreams bounds how many alternatives are walked beside each other: beyond
// it, it is dearer to begin them all than to sort what one condition selects.
const mostStreams = 16

// Merges says whether a page is taken from the stretches of the index that the
// clause names, each walked in key order and no further than the page is long:
// nothing else drives, and the order is that of the keys.
func Merges(q search.Query, clause int) bool {
	return clause != Listing && len(q.Sort) == 0 && drivers(q) == 1 && len(streams(q.Where[clause])) > 0
}

// drivers is how many clauses could drive.
func drivers(q search.Query) (n int) {
	for _, c := range q.Where {
		if Drives(c) {
			n++
		}
	}
	return n
}

// streams are the alternatives of a clause one by one, where the rows of each
// come in key order: one value under one parameter. nil where they do not, or are
// too many.
func streams(c search.Clause) (out []search.Clause) {
	if c.Chain != nil || c.Any != nil || !Drives(c) || !equality(c) {
		return nil
	}
	for _, p := range rowsOf(c.Param) {
		for _, v := range c.AnyOf {
			for _, one := range apart(v) {
				if out = append(out, search.Clause{Param: p, AnyOf: []search.Value{one}}); len(out) > mostStreams {
					return nil
				}
			}
		}
	}
	return out
}

// rowsOf are the parameters under which the rows of one stand.
func rowsOf(p *search.Param) (all []*search.Param) {
	if len(p.Rows().Union) == 0 {
		return []*search.Param{p}
	}
	for _, member := range p.Rows().Union {
		all = append(all, rowsOf(member)...)
	}
	return all
}

// apart are the single values that a value stands for: a reference without a type
// may be to any of several.
func apart(v search.Value) (values []search.Value) {
	ref, ok := v.(search.ReferenceValue)
	if !ok {
		return []search.Value{v}
	}
	for _, target := range ref.Targets {
		ref.Targets = []int64{target}
		values = append(values, ref)
	}
	return values
}

// mergedPage takes a page from each stream, and of these the first.
func (b *builder) mergedPage(q search.Query, after *store.Cursor, drive int) (Statement, error) {
	var parts []string
	for _, c := range streams(q.Where[drive]) {
		part := q
		part.Where = slices.Clone(q.Where)
		part.Where[drive] = c
		keys, err := b.selectKeys(part, drive, after)
		if err != nil {
			return Statement{}, err
		}
		parts = append(parts, "SELECT key FROM ("+keys+" ORDER BY 1 LIMIT "+b.arg(q.Count+1)+") "+b.alias())
	}
	page := "SELECT key FROM (" + strings.Join(parts, " UNION ") + ") m ORDER BY 1 LIMIT " + b.arg(q.Count+1)
	return b.statement(paged(page)), nil
}
