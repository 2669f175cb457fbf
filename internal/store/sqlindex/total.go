package sqlindex

import (
	"context"
	"math"

	"tributary/fhir/search"
)

// exactTo is up to where an estimated total is the exact one.
const exactTo = 10_000

// Total counts what q matches. An estimate of more than exactTo goes by how far,
// in key order, the first so many reach among all resources of the type; number
// runs a statement that gives one.
func Total(ctx context.Context, d Dialect, q search.Query, drive int, number func(context.Context, Statement) (int64, error)) (int64, error) {
	drive = counts(q, drive)
	if q.Count == 0 || q.Total != search.TotalEstimate || q.Type == "" {
		statement, err := Count(d, q, drive)
		if err != nil {
			return 0, err
		}
		return number(ctx, statement)
	}
	return estimated(ctx, d, q, drive, exactTo, number)
}

func estimated(ctx context.Context, d Dialect, q search.Query, drive, exact int, number func(context.Context, Statement) (int64, error)) (int64, error) {
	ask := func(what string) (int64, error) {
		b := &builder{dialect: d}
		keys, err := b.selectKeys(q, drive, nil)
		if err != nil {
			return 0, err
		}
		return number(ctx, b.statement("SELECT "+what+" FROM ("+keys+" ORDER BY 1 LIMIT "+b.arg(exact+1)+") p"))
	}
	n, err := ask("count(*)")
	if err != nil || n <= int64(exact) {
		return n, err
	}
	last, err := ask("max(p.key)")
	if err != nil {
		return 0, err
	}
	reached, err := listedTo(ctx, d, q.Type, last, number)
	if err != nil {
		return 0, err
	}
	all, err := listedTo(ctx, d, q.Type, math.MaxInt64, number)
	return max(n, int64(float64(n)*float64(all)/float64(max(reached, 1)))), err
}

// listedTo counts the resources of a type up to a key.
func listedTo(ctx context.Context, d Dialect, typ string, key int64, number func(context.Context, Statement) (int64, error)) (int64, error) {
	b := &builder{dialect: d}
	t := b.alias()
	listed, err := b.listed(typ, t)
	if err != nil {
		return 0, err
	}
	return number(ctx, b.statement("SELECT count(*) FROM resource "+t+" WHERE "+listed+" AND "+t+".key <= "+b.arg(key)))
}
