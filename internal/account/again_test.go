package account_test

import (
	"sync"
	"testing"
	"time"

	"tributary/internal/account"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
)

// accounts counts those that there are.
func accounts(t *testing.T, w *programtest.World) (n int64) {
	t.Helper()
	if err := w.Store.QueryRow(ctx, `SELECT count(*) FROM account`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A sign-up that is sent again has the account of the first, which stays as long as the
// newest; the code that came last is the one that counts.
func TestASignUpSentAgain(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		first := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		w.Clock.Advance(47 * time.Hour)
		again := programtest.Ada
		again.Email, again.Given, again.Language = " "+again.Email, " "+again.Given+" ", "es"
		if id := must[string](t)(w.Accounts.SignUp(ctx, again)); id != first || accounts(t, w) != 1 {
			t.Fatalf("%s and %s, %d accounts", first, id, accounts(t, w))
		}
		if a := must[store.Account](t)(w.Accounts.Get(ctx, first)); a.Language != "es" {
			t.Errorf("letters are in %q", a.Language)
		}
		w.Clock.Advance(2 * time.Hour)
		if n := must[int64](t)(w.Accounts.Purge(ctx, 48*time.Hour)); n != 0 {
			t.Error("it is purged by the age of the first")
		}
		if id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada)); id != first {
			t.Error("a third time")
		}
		a := must[store.Account](t)(w.Accounts.Confirm(ctx, first, w.Code(t, programtest.Ada.Email)))
		if id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada)); id != a.ID || accounts(t, w) != 1 {
			t.Error("once confirmed, the account is no longer that of the address")
		}
	})
}

// Clicks that come at the same moment are one sign-up.
func TestSignUpsAtTheSameMoment(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := w.Accounts.SignUp(ctx, programtest.Ada); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := accounts(t, w); n != 1 {
			t.Errorf("%d accounts", n)
		}
	})
}

// Whoever signs up with somebody else's address, before or after them, changes nothing of
// what they confirm, and their code opens nothing for the other.
func TestNobodySignsUpForAnother(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		mallory := programtest.Ada
		mallory.Family, mallory.Born = "Mallory", "1970-01-01"
		before := must[string](t)(w.Accounts.SignUp(ctx, mallory))
		w.Clock.Advance(time.Second) // of mails of one moment none is the newest
		own := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		code := w.Code(t, programtest.Ada.Email)
		mallory.Born = "1971-01-01"
		after := must[string](t)(w.Accounts.SignUp(ctx, mallory))
		if own == before || own == after || before == after {
			t.Fatal("an account is shared by those who say different things")
		}
		for _, other := range []string{before, after} {
			if _, err := w.Accounts.Confirm(ctx, other, code); err == nil {
				t.Error("a code confirms another sign-up")
			}
		}
		a := must[store.Account](t)(w.Accounts.Confirm(ctx, own, code))
		if p := must[account.Person](t)(w.Accounts.Person(ctx, a.Patient)); p.Family != programtest.Ada.Family || p.Born != programtest.Ada.Born {
			t.Errorf("%+v was confirmed", p)
		}
	})
}
