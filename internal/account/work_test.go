package account_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"tributary/internal/account"
	"tributary/internal/mail"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// observed notes what is asked of a store.
type observed struct {
	store.Store
	mu    sync.Mutex
	calls []string
}

func (o *observed) note(kind, query string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls = append(o.calls, kind+" "+strings.Join(strings.Fields(query), " "))
}

func (o *observed) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	o.note("exec", query)
	return o.Store.Exec(ctx, query, args...)
}

func (o *observed) Query(ctx context.Context, query string, args ...any) (store.Rows, error) {
	o.note("query", query)
	return o.Store.Query(ctx, query, args...)
}

func (o *observed) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	o.note("row", query)
	return o.Store.QueryRow(ctx, query, args...)
}

func (o *observed) Update(ctx context.Context, do func(context.Context, store.Tx) error) error {
	o.note("update", "")
	return o.Store.Update(ctx, func(ctx context.Context, tx store.Tx) error { return do(ctx, observedTx{tx, o}) })
}

type observedTx struct {
	store.Tx
	o *observed
}

func (t observedTx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	t.o.note("tx exec", query)
	return t.Tx.Exec(ctx, query, args...)
}

func (t observedTx) QueryRow(ctx context.Context, query string, args ...any) store.Row {
	t.o.note("tx row", query)
	return t.Tx.QueryRow(ctx, query, args...)
}

func (t observedTx) Claim(ctx context.Context, keys ...int64) error {
	t.o.note("tx claim", "")
	return t.Tx.Claim(ctx, keys...)
}

// later takes messages as a queue does: at once, to send them when it can.
type later struct{ n int }

func (l *later) Send(context.Context, mail.Message) error { l.n++; return nil }

// TestKnownAndUnknownAddressesTakeTheSameWork: it is asked the same of the database,
// in the same order; mail is sent by a queue, for which nobody waits.
func TestKnownAndUnknownAddressesTakeTheSameWork(t *testing.T) {
	clock := programtest.NewClock()
	w := programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock)
	w.Join(t, programtest.Ada)
	o, box := &observed{Store: w.Store}, &later{}
	c := w.Accounts.Config
	c.Store, c.Mail = o, box
	s := account.New(c)
	work := func(email string) (all [][]string) {
		t.Helper()
		step := func(do func() error) {
			o.calls = nil
			if err := do(); err != nil && !strings.Contains(fmt.Sprint(err), "not right") {
				t.Fatal(err)
			}
			all = append(all, o.calls)
		}
		var id string
		step(func() (err error) { id, err = s.SignIn(t.Context(), email); return err })
		step(func() error { return s.SendCode(t.Context(), id) })
		for range 7 { // one more than may be tried, and then some
			step(func() error { _, err := s.Confirm(t.Context(), id, "no"); return err })
		}
		return all
	}
	known, unknown := work(programtest.Ada.Email), work("nobody@example.org")
	for i := range known {
		if len(known[i]) < 3 || !slices.Equal(known[i], unknown[i]) {
			t.Errorf("step %d:\nknown   %q\nunknown %q", i, known[i], unknown[i])
		}
	}
	if box.n != 2 {
		t.Errorf("%d mails", box.n)
	}
}
