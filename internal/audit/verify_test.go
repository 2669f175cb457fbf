package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

var sealKey = []byte("a key that the database does not have")

// clockFrom runs on by a millisecond each time that it is asked.
func clockFrom(at time.Time) func() time.Time {
	var mu sync.Mutex
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		at = at.Add(time.Millisecond)
		return at
	}
}

var firstDay = time.Date(2026, 4, 1, 8, 0, 0, 0, time.UTC)

func chained(db store.Store, node int, begins time.Time) *Log {
	now := clockFrom(begins)
	return New(Config{Store: db, IDs: search.NewIDs(node, now), Now: now, Every: time.Millisecond, Key: sealKey, Logger: slog.New(slog.DiscardHandler)})
}

func reads(t *testing.T, l *Log, n int) {
	t.Helper()
	for i := range n {
		e := Event{Interaction: access.Read, Entities: []Entity{{Type: "Patient", ID: fmt.Sprintf("p%d", i%3), Version: 1}}}
		if err := l.Record(t.Context(), anna, PatientRequest, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// writes appends events in transactions of their own; every third is given up.
func writes(t *testing.T, l *Log, db store.Store, n int) {
	t.Helper()
	givenUp := errors.New("given up")
	for i := range n {
		err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
			e := Event{Interaction: access.Create, Entities: []Entity{{Type: "Patient", ID: fmt.Sprintf("w%d", i), Version: 1}}}
			if err := l.Append(ctx, tx, anna, PatientRequest, e); err != nil || i%3 != 2 {
				return err
			}
			return givenUp
		})
		if err != nil && !errors.Is(err, givenUp) {
			t.Fatal(err)
		}
	}
}

func closed(t *testing.T, l *Log) {
	t.Helper()
	if err := l.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func verified(t *testing.T, v Verifier) *Report {
	t.Helper()
	v.Key = sealKey
	if v.Now.IsZero() {
		v.Now = firstDay.AddDate(0, 0, 2)
	}
	r, err := v.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// trail is what two processes write beside each other, and end.
func trail(t *testing.T, db store.Store) {
	t.Helper()
	one, two := chained(db, 1, firstDay), chained(db, 2, firstDay.Add(30*time.Second))
	for range 4 {
		reads(t, one, 7)
		writes(t, two, db, 4)
		reads(t, two, 3)
		writes(t, one, db, 5)
	}
	closed(t, one)
	closed(t, two)
}

// A trail that nobody touched is whole: each row has a seal, from a time on as well.
func TestAnUntouchedTrailHolds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		trail(t, db)
		r := verified(t, Verifier{DB: db})
		if r.Break != nil || r.Rows != 4*(7+3+3+4) || r.Chains != 3 || r.Seals < 6 || r.Unsealed != 0 { // the chain of older rows is one
			t.Errorf("%+v", r)
		}
		var last []Head
		if err := Heads(t.Context(), db, time.Time{}, func(h Head, _ time.Time) error { last = append(last, h); return nil }); err != nil || len(last) != 2 {
			t.Fatal(last, err)
		}
		kept, err := ReadHeads(strings.NewReader(last[0].String() + " and more\n\n" + last[1].String()))
		if err != nil {
			t.Fatal(err)
		}
		for _, since := range []time.Time{firstDay, firstDay.Add(40 * time.Millisecond), firstDay.Add(30 * time.Second), firstDay.AddDate(0, 0, 1)} {
			if r := verified(t, Verifier{DB: db, Since: since, Heads: kept}); r.Break != nil {
				t.Errorf("since %s: %s", since, r.Break)
			}
		}
	})
}

// deeds are what somebody with the database, but without the key, may do to it.
var deeds = map[string]func(rows []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement{
	"a row's facts": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		r := rows[pick(len(rows))]
		return []statement{{`UPDATE audit_event SET facts = $2 WHERE key = $1`, []any{int64(r.Key), append(r.Facts[:len(r.Facts)-1:len(r.Facts)-1], `,"x":1}`...)}}}
	},
	"a row's columns": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		column := []string{"at", "actor", "patient", "resource", "chain"}[pick(5)]
		return []statement{{`UPDATE audit_event SET ` + column + ` = ` + column + ` + 1 WHERE key = $1`, []any{int64(rows[pick(len(rows))].Key)}}}
	},
	"a row's key": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		return []statement{{`UPDATE audit_event SET key = key + 1 WHERE key = $1`, []any{int64(rows[pick(len(rows))].Key)}}}
	},
	"a row is gone": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		return []statement{{`DELETE FROM audit_event WHERE key = $1`, []any{int64(rows[pick(len(rows))].Key)}}}
	},
	"a row too many": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		r := rows[pick(len(rows))]
		return []statement{{`INSERT INTO audit_event (key, at, actor, patient, resource, chain, facts) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			[]any{int64(r.Key) + 1, store.Micros(r.At), r.Actor, r.Patient, r.Resource, []int64{r.Chain, 0, 99}[pick(3)], r.Facts}}}
	},
	"two rows swapped": func(rows []store.AuditRow, _ []store.AuditSeal, pick func(int) int) []statement {
		i := pick(len(rows) - 1)
		a, b := rows[i], rows[i+1]
		set := `UPDATE audit_event SET at = $2, patient = $3, resource = $4, facts = $5 WHERE key = $1`
		return []statement{{set, []any{int64(a.Key), store.Micros(b.At), b.Patient, b.Resource, b.Facts}}, {set, []any{int64(b.Key), store.Micros(a.At), a.Patient, a.Resource, a.Facts}}}
	},
	"a seal's columns": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s, column := seals[pick(len(seals))], []string{"first", "last", "count", "at", "kind"}[pick(5)]
		return []statement{{`UPDATE audit_seal SET ` + column + ` = ` + column + ` + 1 WHERE chain = $1 AND seq = $2`, []any{s.Chain, s.Seq}}}
	},
	"a seal's hashes": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s, column := seals[pick(len(seals))], []string{"content", "hash", "mac", "gone"}[pick(4)]
		return []statement{{`UPDATE audit_seal SET ` + column + ` = $3 WHERE chain = $1 AND seq = $2`, []any{s.Chain, s.Seq, []byte("something else")}}}
	},
	"a seal is gone": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s := seals[pick(len(seals))]
		return []statement{{`DELETE FROM audit_seal WHERE chain = $1 AND seq = $2`, []any{s.Chain, s.Seq}}}
	},
	"two seals swapped": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s := seals[pick(len(seals))]
		for s.Seq == 1 {
			s = seals[pick(len(seals))]
		}
		move := `UPDATE audit_seal SET seq = $3 WHERE chain = $1 AND seq = $2`
		return []statement{{move, []any{s.Chain, s.Seq, int64(-1)}}, {move, []any{s.Chain, s.Seq - 1, s.Seq}}, {move, []any{s.Chain, int64(-1), s.Seq - 1}}}
	},
	"a seal too many": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s := seals[pick(len(seals))]
		forged := headOf(s).sealed([]byte("another key"), s.Chain, s.At, store.SealOwn, nil)
		return []statement{{`UPDATE audit_seal SET seq = seq + 1000000 WHERE chain = $1 AND seq > $2`, []any{s.Chain, s.Seq}},
			{`INSERT INTO audit_seal (chain, seq, first, last, count, at, kind, content, hash, mac, gone) VALUES ($1, $2, $3, $4, 0, $5, 0, $6, $7, $8, $9)`,
				[]any{s.Chain, forged.Seq, int64(forged.First), int64(forged.Last), store.Micros(forged.At), forged.Content, forged.Hash, forged.MAC, []byte{}}},
			{`UPDATE audit_seal SET seq = seq - 999999 WHERE chain = $1 AND seq > 1000000`, []any{s.Chain}}}
	},
	"a chain is gone": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		return []statement{{`DELETE FROM audit_chain WHERE id = $1`, []any{seals[pick(len(seals))].Chain}}}
	},
	"a chain's entry": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		return []statement{{`UPDATE audit_chain SET began = began + 1 WHERE id = $1`, []any{seals[pick(len(seals))].Chain}}}
	},
	"the tail, as a crash would": func(_ []store.AuditRow, seals []store.AuditSeal, pick func(int) int) []statement {
		s := seals[pick(len(seals))]
		for s.Count == 0 {
			s = seals[pick(len(seals))]
		}
		return []statement{{`DELETE FROM audit_seal WHERE chain = $1 AND seq >= $2`, []any{s.Chain, s.Seq}}}
	},
}

type statement struct {
	sql  string
	args []any
}

// Whatever is done to one row, seal or chain is found.
func TestTamperingIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		trail(t, db)
		rows, err := tables.Audit{}.Onwards(t.Context(), db, 0, 1<<62, nil, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var seals []store.AuditSeal
		for _, r := range rows {
			if len(seals) == 0 || seals[len(seals)-1].Chain != r.Chain {
				of, err := tables.AuditSeals{}.Onwards(t.Context(), db, r.Chain, 0, 1000)
				if err != nil {
					t.Fatal(err)
				}
				if seals = append(seals, of...); len(seals) > 1 && r.Chain != rows[0].Chain {
					break
				}
			}
		}
		source := rand.New(rand.NewPCG(1, 2))
		for name, deed := range deeds {
			for range 12 {
				tampered(t, db, name, deed(rows, seals, source.IntN))
			}
		}
	})
}

var errUndone = errors.New("to be undone")

func tampered(t *testing.T, db store.Store, name string, done []statement) {
	t.Helper()
	err := db.Update(t.Context(), func(ctx context.Context, tx store.Tx) error {
		for _, s := range done {
			if _, err := tx.Exec(ctx, s.sql, s.args...); err != nil {
				return err
			}
		}
		r, err := Verifier{DB: tx, Key: sealKey, Now: firstDay.AddDate(0, 0, 2)}.Verify(ctx)
		if err != nil {
			return err
		}
		if r.Break == nil {
			t.Errorf("%s: not found after %v", name, done)
		}
		return errUndone
	})
	if !errors.Is(err, errUndone) {
		t.Fatal(name, err)
	}
}

// Rows that were cut off together with their seals and their chain are found by a
// head that somebody kept.
func TestACutTailIsFoundByAHead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		trail(t, db)
		var heads []Head
		if err := Heads(t.Context(), db, time.Time{}, func(h Head, _ time.Time) error { heads = append(heads, h); return nil }); err != nil {
			t.Fatal(err)
		}
		last := heads[len(heads)-1]
		for _, sql := range []string{`DELETE FROM audit_event WHERE chain = $1`, `DELETE FROM audit_seal WHERE chain = $1`, `DELETE FROM audit_chain WHERE id = $1`} {
			if _, err := db.Exec(t.Context(), sql, last.Chain); err != nil {
				t.Fatal(err)
			}
		}
		if r := verified(t, Verifier{DB: db}); r.Break != nil {
			t.Errorf("the chains alone cannot tell: %s", r.Break)
		}
		if r := verified(t, Verifier{DB: db, Heads: heads}); r.Break == nil || r.Break.Chain != last.Chain {
			t.Errorf("%+v", r.Break)
		}
	})
}

// What a process left that was killed is sealed by another, and so are the rows from
// before there were chains.
func TestAnotherProcessSealsWhatIsLeft(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		killed := chained(db, 1, firstDay)
		reads(t, killed, 5)
		ctx, kill := context.WithCancel(t.Context())
		kill()
		f := &flight{}
		rows, err := killed.mint(f, nil, eventOf(firstDay, anna, "", Event{Interaction: access.Read}), eventOf(firstDay, anna, "", Event{Interaction: access.Read}))
		if err != nil {
			t.Fatal(err)
		}
		rows[1].Chain = 0
		if err := (tables.Audit{}).Append(t.Context(), db, rows); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE audit_chain SET until = $1 WHERE id = 0`, store.Micros(firstDay.Add(time.Minute))); err != nil {
			t.Fatal(err)
		}
		if err := killed.Close(ctx); err == nil && ctx.Err() == nil {
			t.Fatal("it lives")
		}
		early := verified(t, Verifier{DB: db, Now: firstDay.Add(time.Hour)})
		if early.Break != nil || early.Unsealed != 2 {
			t.Fatalf("before: %+v", early)
		}
		later := chained(db, 1, firstDay.Add(time.Hour))
		if err := later.Adopt(t.Context()); err != nil {
			t.Fatal(err)
		}
		closed(t, later)
		if r := verified(t, Verifier{DB: db}); r.Break != nil || r.Unsealed != 0 || r.Rows != 7 {
			t.Errorf("%+v", r)
		}
	})
}

// A process that another sealed for, because it could not be heard of, goes on.
func TestAChainGoesOnAfterItWasAdopted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		stalled := chained(db, 1, firstDay)
		reads(t, stalled, 5)
		f := &flight{}
		rows, err := stalled.mint(f, nil, eventOf(firstDay, anna, "", Event{Interaction: access.Read}))
		if err != nil {
			t.Fatal(err)
		}
		if err := (tables.Audit{}).Append(t.Context(), db, rows); err != nil {
			t.Fatal(err)
		}
		other := chained(db, 2, firstDay.Add(time.Hour))
		if err := other.Adopt(t.Context()); err != nil {
			t.Fatal(err)
		}
		stalled.chain.end(f, store.Committed) // it is sealed, and does not know it
		reads(t, stalled, 5)
		writes(t, stalled, db, 3)
		closed(t, stalled)
		closed(t, other)
		if r := verified(t, Verifier{DB: db}); r.Break != nil || r.Unsealed != 0 || r.Rows != 13 {
			t.Errorf("%+v", r)
		}
	})
}

// A transaction whose end could not be heard is looked for, whichever way it went.
func TestUnheardEndsAreSettled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := chained(db, 1, firstDay)
		for _, there := range []bool{true, false} {
			f := &flight{}
			rows, err := l.mint(f, nil, eventOf(firstDay, anna, "", Event{Interaction: access.Read}))
			if err != nil {
				t.Fatal(err)
			}
			if there {
				if err := (tables.Audit{}).Append(t.Context(), db, rows); err != nil {
					t.Fatal(err)
				}
			}
			l.chain.end(f, store.Unknown)
			l.chain.mu.Lock()
			f.at = f.at.Add(-settleAfter)
			l.chain.mu.Unlock()
		}
		reads(t, l, 2)
		closed(t, l)
		if r := verified(t, Verifier{DB: db}); r.Break != nil || r.Unsealed != 0 || r.Rows != 3 {
			t.Errorf("%+v", r)
		}
	})
}

// A transaction under way holds up the seals, and nothing else; the rows that it
// commits late are in one.
func TestTransactionsUnderWayAreWaitedFor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		l := chained(db, 1, firstDay)
		f := &flight{}
		rows, err := l.mint(f, nil, eventOf(firstDay, anna, "", Event{Interaction: access.Read}))
		if err != nil {
			t.Fatal(err)
		}
		reads(t, l, 3)
		if r := verified(t, Verifier{DB: db, Now: firstDay.Add(time.Minute)}); r.Break != nil || r.Unsealed != 3 {
			t.Errorf("%+v", r)
		}
		if err := (tables.Audit{}).Append(t.Context(), db, rows); err != nil {
			t.Fatal(err)
		}
		l.chain.end(f, store.Committed)
		closed(t, l)
		if r := verified(t, Verifier{DB: db}); r.Break != nil || r.Unsealed != 0 || r.Rows != 4 {
			t.Errorf("%+v", r)
		}
	})
}

// Old rows go by whole seals, and the trail still holds; it does not when more goes.
func TestPrune(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		trail(t, db)
		l := chained(db, 3, firstDay.Add(time.Hour))
		gone, err := l.Prune(t.Context(), firstDay.Add(30*time.Second))
		closed(t, l)
		if err != nil || gone != 4*(7+4) {
			t.Fatal(gone, err)
		}
		if r := verified(t, Verifier{DB: db}); r.Break != nil || r.Gone != gone || r.Rows != 4*(3+3) {
			t.Fatalf("%+v", r)
		}
		if _, err := db.Exec(t.Context(), `DELETE FROM audit_event WHERE key = (SELECT MIN(key) FROM audit_event)`); err != nil {
			t.Fatal(err)
		}
		if r := verified(t, Verifier{DB: db}); r.Break == nil || !strings.Contains(r.Break.What, "missing") {
			t.Errorf("%+v", r)
		}
	})
}
