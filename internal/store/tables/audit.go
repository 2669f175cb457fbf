package tables

import (
	"context"
	"strconv"
	"strings"

	"tributary/internal/store"
)

// Audit is the append-only trail of accesses. There is no update and no delete.
type Audit struct{}

// auditSizes are how many rows one statement adds: each size is prepared once.
var auditSizes = [...]int{100, 10, 1}

var auditInserts = func() (inserts [len(auditSizes)]string) {
	for i, size := range auditSizes {
		inserts[i] = "INSERT INTO audit_event (key, at, actor, patient, resource, facts) VALUES " + tuples(size, 6)
	}
	return inserts
}()

// Append adds rows, in a transaction together with what it writes next.
func (Audit) Append(ctx context.Context, db store.DB, rows []store.AuditRow) error {
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
	args := make([]any, 0, 6*len(rows))
	for _, r := range rows {
		args = append(args, int64(r.Key), store.Micros(r.At), r.Actor, r.Patient, r.Resource, r.Facts)
	}
	if tx, ok := db.(store.Later); ok {
		tx.Later(insert, args...)
		return nil
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

// Find returns the rows of a filter, newest first.
func (Audit) Find(ctx context.Context, db store.DB, f store.AuditFilter) ([]store.AuditRow, error) {
	where, args := auditWhere(f)
	rows, err := db.Query(ctx, "SELECT key, at, actor, patient, resource, facts FROM audit_event"+where+
		" ORDER BY key DESC LIMIT "+strconv.Itoa(min(max(f.Limit, 1), 1000)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []store.AuditRow
	for rows.Next() {
		var r store.AuditRow
		var at int64
		if err := rows.Scan((*int64)(&r.Key), &at, &r.Actor, &r.Patient, &r.Resource, &r.Facts); err != nil {
			return nil, err
		}
		r.At = store.Time(at)
		found = append(found, r)
	}
	return found, rows.Err()
}

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
	if len(where) == 0 {
		return "", nil
	}
	return " WHERE " + strings.Join(where, " AND "), args
}
