package sqlindex

import (
	"tributary/fhir/search"
	"tributary/internal/store"
)

// Table is an index table and its columns, in the order of Batch's rows.
type Table struct {
	Name    string
	Columns []string
}

// Tables are the index tables.
var Tables = [...]Table{
	{"idx_token", []string{"param", "hash", "key"}},
	{"idx_reference", []string{"param", "target", "key"}},
	{"idx_string", []string{"param", "folded", "exact", "key"}},
	{"idx_date", []string{"param", "lo", "hi", "key"}},
	{"idx_quantity", []string{"param", "lo", "hi", "key", "system", "code", "unit"}},
	{"idx_uri", []string{"param", "value", "hash", "key"}},
	{"idx_composite", []string{"param", "first", "key",
		"lo2", "hi2", "a2", "b2", "c2", "lo3", "hi3", "a3", "b3", "c3"}},
	{courseTable, []string{"param", "patient", "hi", "key", "lo", "code"}},
}

// Batch is the rows of each table.
type Batch [len(Tables)][][]any

// Add appends the rows of a resource's entries; an entry that is twice in them
// gives one row.
func (b *Batch) Add(k search.Key, e *search.Entries) {
	key := int64(k)
	for _, t := range store.Distinct(e.Tokens) {
		b.row(0, t.Param, t.Hash, key)
	}
	for _, r := range store.Distinct(e.References) {
		b.row(1, r.Param, r.Target, key)
	}
	for _, s := range store.Distinct(e.Strings) {
		b.row(2, s.Param, s.Folded, search.Hash(s.Exact), key)
	}
	for _, d := range store.Distinct(e.Dates) {
		b.row(3, d.Param, d.Lo, d.Hi, key)
	}
	for _, q := range store.Distinct(e.Quantities) {
		b.row(4, q.Param, q.Lo, q.Hi, key, q.System, q.Code, q.Unit)
	}
	for _, u := range store.Distinct(e.URIs) {
		b.row(5, u.Param, CutURI(u.Value), search.Hash(u.Value), key)
	}
	for _, c := range store.Distinct(e.Composites) {
		b.row(6, c.Param, c.First, key, c.Second.Lo, c.Second.Hi, c.Second.A, c.Second.B, c.Second.C,
			c.Third.Lo, c.Third.Hi, c.Third.A, c.Third.B, c.Third.C)
	}
	for _, c := range store.Distinct(e.Courses) {
		b.row(7, c.Param, c.Patient, c.Hi, key, c.Lo, c.Code)
	}
}

func (b *Batch) row(table int, values ...any) { b[table] = append(b[table], values) }
