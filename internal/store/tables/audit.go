package tables

import (
	"context"
	"strconv"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Audit is the append-only trail of accesses. Rows go by whole seals only (AuditSeals.Empty).
type Audit struct{}

// auditSizes are how many rows one statement adds: each size is prepared once.
var auditSizes = [...]int{100, 10, 1}

var auditInserts = func() (inserts [len(auditSizes)]string) {
	for i, size := range auditSizes {
		inserts[i] = "INSERT INTO audit_event (key, at, actor, patient, resource, chain, facts) VALUES " + tuples(size, 7)
	}
	return inserts
}()

// Append adds rows, in a transaction together with what it writes next.
func (Audit) Append(ctx context.Context, db store.DB, rows []store.AuditRow) error {
	if tx, ok := db.(store.AuditTx); ok {
		return tx.AppendAudit(rows)
	}
	for i, size := range auditSizes {
		for ; len(rows) >= size; rows = rows[size:] {
			if err := appendAudit(ctx, db, auditInserts[i], rows[:size]); err != nil {
				return err
			}
		}
	}
	return nil
}

func appendAudit(ctx context.Context, db store.DB, insert string, rows []store.AuditRow) error {
	args := make([]any, 0, 7*len(rows))
	for _, r := range rows {
		args = append(args, int64(r.Key), store.Micros(r.At), r.Actor, r.Patient, r.Resource, r.Chain, r.Facts)
	}
	_, err := db.Exec(ctx, insert, args...)
	return err
}

// tuples is ($1,$2,…),(…) for rows of that many columns.
func tuples(rows, columns int) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("($")
		case i%columns == 0:
			b.WriteString("),($")
		default:
			b.WriteString(",$")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// Find returns the rows of a filter in the order of their keys, newest first.
func (Audit) Find(ctx context.Context, db store.DB, f store.AuditFilter) ([]store.AuditRow, error) {
	where, args := auditWhere(f)
	order := "DESC"
	if f.Oldest {
		order = "ASC"
	}
	return collect(scanAudit)(db.Query(ctx, "SELECT "+auditColumns+" FROM audit_event"+where+
		" ORDER BY key "+order+" LIMIT "+strconv.Itoa(min(max(f.Limit, 1), 1000)), args...))
}

// Onwards returns rows after a key up to another, in the order of their keys: those
// of one chain, or with nil of all.
func (Audit) Onwards(ctx context.Context, db store.DB, after, upTo search.Key, chain *int64, limit int) ([]store.AuditRow, error) {
	where, args := "key > $1 AND key <= $2", []any{int64(after), int64(upTo)}
	if chain != nil {
		where, args = where+" AND chain = $3", append(args, *chain)
	}
	return collect(scanAudit)(db.Query(ctx, "SELECT "+auditColumns+" FROM audit_event WHERE "+where+" ORDER BY key LIMIT "+strconv.Itoa(limit), args...))
}

const auditColumns = "key, at, actor, patient, resource, chain, facts"

func scanAudit(row store.Row) (r store.AuditRow, err error) {
	var at int64
	err = row.Scan((*int64)(&r.Key), &at, &r.Actor, &r.Patient, &r.Resource, &r.Chain, &r.Facts)
	r.At = store.Time(at)
	return r, err
}

// A row's key is minted when it is written: that is a little later than what it tells
// of, and much later when the database could not be reached; clocks are set back at times.
const (
	clockSlack = time.Minute
	waitSlack  = 24 * time.Hour
)

func auditWhere(f store.AuditFilter) (string, []any) {
	var where []string
	var args []any
	add := func(condition string, value int64) {
		if value != 0 {
			args = append(args, value)
			where = append(where, condition+"$"+strconv.Itoa(len(args)))
		}
	}
	add("key = ", int64(f.Key))
	add("actor = ", f.Actor)
	add("patient <> 0 AND patient = ", f.Patient) // so that the partial index is seen to hold them all
	add("resource = ", f.Resource)
	add("at >= ", store.Micros(f.Since))
	add("at < ", store.Micros(f.Before))
	add("key < ", int64(f.Under))
	add("key > ", int64(f.Over))
	if !f.Since.IsZero() {
		add("key >= ", int64(search.KeyAt(f.Since.Add(-clockSlack))))
	}
	if !f.Before.IsZero() {
		add("key < ", int64(search.KeyAt(f.Before.Add(waitSlack))))
	}
	if len(where) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(where, " AND "), args
}
