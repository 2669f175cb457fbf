package account_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

var ctx = context.Background()

func each(t *testing.T, test func(t *testing.T, w *programtest.World)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) { test(t, programtest.New(t, s, clock)) })
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func wantKind(t *testing.T, err error, k errs.Kind, when string) {
	t.Helper()
	if !errs.Is(err, k) {
		t.Errorf("%s: %v, want kind %v", when, err, k)
	}
}

func TestConfirmationMakesThePatientOnce(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		a := must[store.Account](t)(w.Accounts.Confirm(ctx, id, w.Code(t, programtest.Ada.Email)))
		if p := must[account.Person](t)(w.Accounts.Person(ctx, a.Patient)); p != programtest.Ada {
			t.Errorf("the Patient says %+v", p)
		}
		_, err := w.Accounts.Confirm(ctx, id, w.Code(t, programtest.Ada.Email))
		wantKind(t, err, errs.Unauthorized, "a code used twice")
		codes := must[account.Codes](t)(w.Accounts.Codes(ctx, a.Patient))
		if codes.Research == "" || codes.Biobank == "" || codes.Research[1:] == codes.Biobank[1:] || codes.ShiftDays < 1 || codes.ShiftDays > 364 {
			t.Errorf("codes %+v", codes)
		}
	})
}

func TestNobodyUnderAgeLeavesATrace(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		young := programtest.Ada
		young.Born = w.Clock.Now().AddDate(-18, 0, 1).Format(time.DateOnly)
		if _, err := w.Accounts.SignUp(ctx, young); !errors.Is(err, account.ErrUnderAge) {
			t.Fatalf("under age: %v", err)
		}
		for _, table := range []string{"account", "account_email", "account_code", "dev_mail"} {
			var n int
			if err := w.Store.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s holds %d rows (%v)", table, n, err)
			}
		}
	})
}

func TestAllFaultsOfASignUp(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		_, err := w.Accounts.SignUp(ctx, account.Person{Given: " ", Family: "x\x00", Email: "no", Born: "1.1.1980", Sex: "x"})
		var faults form.Faults
		if !errors.As(err, &faults) || len(faults) != 6 {
			t.Errorf("faults: %v", err)
		}
	})
}

func TestCodeIsWornOut(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		right := w.Code(t, programtest.Ada.Email)
		wrong := "000000"
		if right == wrong {
			wrong = "000001"
		}
		for range 5 {
			_, err := w.Accounts.Confirm(ctx, id, wrong)
			wantKind(t, err, errs.Unauthorized, "a wrong code")
		}
		_, err := w.Accounts.Confirm(ctx, id, right)
		wantKind(t, err, errs.Unauthorized, "the right code after five wrong ones")
	})
}

func TestCodeExpires(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		w.Clock.Advance(10 * time.Minute)
		_, err := w.Accounts.Confirm(ctx, id, w.Code(t, programtest.Ada.Email))
		wantKind(t, err, errs.Unauthorized, "a code after ten minutes")
	})
}

func TestCodesAreRationed(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		mails := func() int { return len(must[[]store.Mail](t)(w.Mailbox.Latest(ctx, programtest.Ada.Email))) }
		for range 20 {
			if err := w.Accounts.SendCode(ctx, id); err != nil {
				t.Errorf("the limit tells that there is an account: %v", err)
			}
		}
		if n := mails(); n != 8 {
			t.Errorf("%d codes within an hour", n)
		}
		w.Clock.Advance(time.Hour)
		if err := w.Accounts.SendCode(ctx, id); err != nil || mails() != 9 {
			t.Errorf("an hour later: %d codes (%v)", mails(), err)
		}
	})
}

// together runs fn n times at once and counts the kinds of its errors.
func together(n int, fn func() error) map[errs.Kind]int {
	results := make(chan error, n)
	for range n {
		go func() { results <- fn() }()
	}
	kinds := map[errs.Kind]int{}
	for range n {
		if err := <-results; err != nil {
			kinds[errs.Of(err).Kind]++
		}
	}
	return kinds
}

func TestGuessesAtOnceAreCountedOneByOne(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		right := w.Code(t, programtest.Ada.Email)
		together(20, func() error { _, err := w.Accounts.Confirm(ctx, id, "no"); return err })
		_, err := w.Accounts.Confirm(ctx, id, right)
		wantKind(t, err, errs.Unauthorized, "the mailed code after twenty guesses at once")

		must[*otp.Key](t)(w.Accounts.OfferSecret(ctx, id))
		kinds := together(20, func() error { return w.Accounts.SecondFactor(ctx, id, "no") })
		if kinds[errs.Unauthorized] != 5 || kinds[errs.TooMany] != 15 {
			t.Errorf("twenty guesses of the second factor at once: %v", kinds)
		}
	})
}

func TestPagesOpenedAtOnceOfferOneSecret(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		offered := make(chan string, 8)
		together(cap(offered), func() error {
			key, err := w.Accounts.OfferSecret(ctx, id)
			if err == nil {
				offered <- key.Secret()
			}
			return err
		})
		first := <-offered
		for range cap(offered) - 1 {
			if other := <-offered; other != first {
				t.Fatal("two secrets were offered")
			}
		}
	})
}

func TestUnknownAddressLooksLikeAKnownOne(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignIn(ctx, "nobody@example.org"))
		if id == "" {
			t.Error("an unknown address is told by the lack of an id")
		}
		if err := w.Accounts.SendCode(ctx, id); err != nil {
			t.Errorf("an unknown address is told by %v", err)
		}
		_, err := w.Accounts.Confirm(ctx, id, "123456")
		wantKind(t, err, errs.Unauthorized, "any code")
	})
}

func TestSignUpsOfOneAddress(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		stranger, ada := programtest.Ada, programtest.Ada
		stranger.Email, stranger.Family = "ADA@example.org", "Stranger"
		codeOf := func(p account.Person) (id, code string) {
			w.Clock.Advance(time.Second) // the newer mail is the one to read
			id = must[string](t)(w.Accounts.SignUp(ctx, p))
			return id, w.Code(t, ada.Email)
		}
		codeOf(stranger)
		id, code := codeOf(ada)
		last, lastCode := codeOf(stranger)
		a := must[store.Account](t)(w.Accounts.Confirm(ctx, id, code))
		if p := must[account.Person](t)(w.Accounts.Person(ctx, a.Patient)); p.Family != ada.Family {
			t.Errorf("what somebody else wrote was confirmed: %s", p.Family)
		}
		_, err := w.Accounts.Confirm(ctx, last, lastCode)
		wantKind(t, err, errs.Conflict, "a second account of the address")
		if again, _ := codeOf(stranger); again != id {
			t.Error("one address has two accounts")
		}
		if p := must[account.Person](t)(w.Accounts.Person(ctx, a.Patient)); p.Family != ada.Family {
			t.Error("a sign-up changed a confirmed account")
		}
	})
}

func TestSignUpsOfOneAddressShareItsLimit(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		for range 12 {
			must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		}
		if n := len(must[[]store.Mail](t)(w.Mailbox.Latest(ctx, programtest.Ada.Email))); n != 8 {
			t.Errorf("%d mails to one address within an hour", n)
		}
	})
}

func TestRowsNameNobody(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		a := must[store.Account](t)(w.Accounts.Get(ctx, id))
		for _, sealed := range [][]byte{a.Email, a.Profile} {
			if len(sealed) == 0 || bytes.Contains(sealed, []byte("example.org")) || bytes.Contains(sealed, []byte("Ada")) {
				t.Error("what says who the person is, is not sealed")
			}
		}
	})
}

func TestSecondFactor(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id := must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
		key, err := w.Accounts.OfferSecret(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := w.Accounts.OfferSecret(ctx, id)
		if again.Secret() != key.Secret() {
			t.Error("the secret changes while it is being set up")
		}
		code := func() string { return must[string](t)(totp.GenerateCode(key.Secret(), w.Clock.Now())) }
		if err := w.Accounts.Enroll(ctx, id, code()); err != nil {
			t.Fatal(err)
		}
		wantKind(t, w.Accounts.SecondFactor(ctx, id, code()), errs.Unauthorized, "a code used twice")
		w.Clock.Advance(30 * time.Second)
		if err := w.Accounts.SecondFactor(ctx, id, code()); err != nil {
			t.Errorf("the next code: %v", err)
		}
		_, err = w.Accounts.OfferSecret(ctx, id)
		wantKind(t, err, errs.Conflict, "the secret after it was enrolled")
		lockOut(t, w, id, code)
	})
}

// lockOut gives five wrong codes and then the right one.
func lockOut(t *testing.T, w *programtest.World, id string, code func() string) {
	w.Clock.Advance(time.Minute)
	for range 5 {
		wantKind(t, w.Accounts.SecondFactor(ctx, id, "12345"), errs.Unauthorized, "a wrong code")
	}
	wantKind(t, w.Accounts.SecondFactor(ctx, id, code()), errs.TooMany, "the right code after five wrong ones")
	w.Clock.Advance(5 * time.Minute)
	if err := w.Accounts.SecondFactor(ctx, id, code()); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestPurge(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		w.Join(t, programtest.Ada)
		other := programtest.Ada
		other.Email = "other@example.org"
		id := must[string](t)(w.Accounts.SignUp(ctx, other))
		w.Clock.Advance(49 * time.Hour)
		if n := must[int64](t)(w.Accounts.Purge(ctx, 48*time.Hour)); n != 1 {
			t.Errorf("%d accounts purged", n)
		}
		_, err := w.Accounts.Get(ctx, id)
		wantKind(t, err, errs.NotFound, "the unconfirmed account")
		if fresh := must[string](t)(w.Accounts.SignUp(ctx, other)); fresh == id {
			t.Error("the address is still claimed by the purged account")
		}
	})
}

func TestStaff(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		m := store.Staff{Login: "kim", Name: "Kim", Role: "center", Site: "harbor-clinic"}
		wantKind(t, w.Accounts.PutStaff(ctx, m, "short"), errs.Invalid, "a short password")
		if err := w.Accounts.PutStaff(ctx, m, "correct horse battery"); err != nil {
			t.Fatal(err)
		}
		if got := must[store.Staff](t)(w.Accounts.StaffSignIn(ctx, "center", "kim", "correct horse battery")); got.Site != m.Site {
			t.Errorf("signed in as %+v", got)
		}
		for name, try := range map[string][3]string{
			"a wrong password": {"center", "kim", "wrong horse battery"}, "another role": {"study", "kim", "correct horse battery"},
			"an unknown login": {"center", "lee", "correct horse battery"},
		} {
			_, err := w.Accounts.StaffSignIn(ctx, try[0], try[1], try[2])
			wantKind(t, err, errs.Unauthorized, name)
		}
	})
}

// TestAPasswordCostsWhatIsRecommended: tests take less, a study never does.
func TestAPasswordCostsWhatIsRecommended(t *testing.T) {
	clock := programtest.NewClock()
	c := programtest.New(t, storetest.SQLite(t, storetest.Options{Now: clock.Now}), clock).Accounts.Config
	c.Cost = account.Cost{}
	s, password := account.New(c), "correct horse battery"
	if err := s.PutStaff(ctx, store.Staff{Login: "kim", Role: "study"}, password); err != nil {
		t.Fatal(err)
	}
	m := must[store.Staff](t)(s.StaffSignIn(ctx, "study", "kim", password))
	if !strings.HasPrefix(m.Password, "$argon2id$v=19$m=65536,t=3,p=4$") {
		t.Errorf("the hash begins with %.30s", m.Password)
	}
}
