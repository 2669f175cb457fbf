package account_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"tributary/internal/account"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
)

func TestNobodyFromOutsideLeavesATrace(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		far := programtest.Ada
		far.State = "elsewhere"
		if _, err := w.Accounts.SignUp(ctx, far); !errors.Is(err, account.ErrOutside) {
			t.Fatalf("from outside: %v", err)
		}
		for _, table := range []string{"account", "account_email", "account_code", "dev_mail", "participant_code"} {
			var n int
			if err := w.Store.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s holds %d rows (%v)", table, n, err)
			}
		}
	})
}

func TestContactIsChangedAndTheRestStays(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := w.Join(t, programtest.Ada)
		c := account.Contact{Given: "Ada  May", Family: "Other", Phone: "(555) 010-0123", Line: "1 Long Road", City: "Salem", State: "MA", Postal: "01970"}
		if err := w.Accounts.ChangeContact(ctx, patient, c); err != nil {
			t.Fatal(err)
		}
		p := must[account.Person](t)(w.Accounts.Person(ctx, patient))
		c.Given = "Ada May"
		if p.Contact() != c || p.Email != programtest.Ada.Email || p.Born != programtest.Ada.Born {
			t.Errorf("the Patient says %+v", p)
		}
		c.Phone, c.Line, c.City, c.State, c.Postal = "", "", "", "", ""
		if err := w.Accounts.ChangeContact(ctx, patient, c); err != nil {
			t.Fatal(err)
		}
		if p := must[account.Person](t)(w.Accounts.Person(ctx, patient)); p.Contact() != c {
			t.Errorf("what was taken away is still there: %+v", p)
		}
		err := w.Accounts.ChangeContact(ctx, patient, account.Contact{Phone: "call me", Postal: "x", Line: strings.Repeat("y", 300)})
		var faults form.Faults
		if !errors.As(err, &faults) || len(faults) != 5 {
			t.Errorf("faults: %v", err)
		}
	})
}

func TestAddressIsChangedByItsOwnCode(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id, patient := signedUp(t, w)
		const next = "ada.new@example.org"
		if err := w.Accounts.AskEmail(ctx, id, " Ada.New@example.org"); err != nil {
			t.Fatal(err)
		}
		if p := must[account.Person](t)(w.Accounts.Person(ctx, patient)); p.Email != programtest.Ada.Email {
			t.Error("an address that nobody confirmed is in use")
		}
		wantKind(t, w.Accounts.ConfirmEmail(ctx, id, "000000"), errs.Unauthorized, "a wrong code")
		if err := w.Accounts.ConfirmEmail(ctx, id, w.Code(t, next)); err != nil {
			t.Fatal(err)
		}
		if p := must[account.Person](t)(w.Accounts.Person(ctx, patient)); p.Email != next {
			t.Errorf("the Patient still says %s", p.Email)
		}
		old := must[[]store.Mail](t)(w.Mailbox.Latest(ctx, programtest.Ada.Email))
		if len(old) == 0 || old[0].Subject != "Your address was changed" {
			t.Errorf("the old address was not told: %v", old)
		}
		if got := must[string](t)(w.Accounts.SignIn(ctx, next)); got != id {
			t.Error("the new address is no way in")
		}
		if got := must[string](t)(w.Accounts.SignIn(ctx, programtest.Ada.Email)); got == id {
			t.Error("the old address still is a way in")
		}
	})
}

func TestAddressOfAnotherIsNotTaken(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id, _ := signedUp(t, w)
		bo := programtest.Ada
		bo.Email = "bo@example.org"
		w.Join(t, bo)
		w.Clock.Advance(time.Second)
		if err := w.Accounts.AskEmail(ctx, id, bo.Email); err != nil {
			t.Fatalf("it can be learned who has an account: %v", err)
		}
		wantKind(t, w.Accounts.ConfirmEmail(ctx, id, w.Code(t, bo.Email)), errs.Conflict, "another's address")
	})
}

func TestLostFactorsAreTakenOff(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id, patient := signedUp(t, w)
		key, err := w.Accounts.OfferSecret(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Accounts.Enroll(ctx, id, totpCode(t, key.Secret(), w.Clock.Now())); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Accounts.Recover(ctx, patient); err != nil {
			t.Fatal(err)
		}
		again, err := w.Accounts.OfferSecret(ctx, id)
		if err != nil || again.Secret() == key.Secret() {
			t.Errorf("no new authenticator is offered: %v", err)
		}
		wantKind(t, w.Accounts.SecondFactor(ctx, id, totpCode(t, key.Secret(), w.Clock.Now().Add(time.Minute))), errs.Unauthorized, "the lost authenticator")
		if mails := must[[]store.Mail](t)(w.Mailbox.Latest(ctx, programtest.Ada.Email)); mails[0].Subject != "Your second lock was taken off" {
			t.Errorf("the person was not told: %q", mails[0].Subject)
		}
		_, err = w.Accounts.Recover(ctx, "nobody")
		wantKind(t, err, errs.NotFound, "a person without an account")
	})
}

func TestMailsAreInTheLanguageOfTheAccount(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		id, _ := signedUp(t, w)
		wantKind(t, w.Accounts.SetLanguage(ctx, id, "tlh"), errs.Invalid, "a language that there is not")
		if err := w.Accounts.SetLanguage(ctx, id, "es"); err != nil {
			t.Fatal(err)
		}
		if err := w.Accounts.SendCode(ctx, id); err != nil {
			t.Fatal(err)
		}
		if m := must[[]store.Mail](t)(w.Mailbox.Latest(ctx, programtest.Ada.Email)); m[0].Subject != "Su código" || !strings.Contains(m[0].Text, "El Estudio Tributary") {
			t.Errorf("the mail is %+v", m[0])
		}
	})
}

// signedUp is Ada, confirmed.
func signedUp(t *testing.T, w *programtest.World) (id, patient string) {
	t.Helper()
	id = must[string](t)(w.Accounts.SignUp(ctx, programtest.Ada))
	a := must[store.Account](t)(w.Accounts.Confirm(ctx, id, w.Code(t, programtest.Ada.Email)))
	w.Clock.Advance(time.Second) // so that mails from now on are the newest
	return id, a.Patient
}

func totpCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	return must[string](t)(totp.GenerateCode(secret, at))
}
