package tables_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/store/tables"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// in runs fn in a transaction.
func in(t *testing.T, s store.Store, fn func(ctx context.Context, tx store.Tx) error) error {
	t.Helper()
	return s.Update(context.Background(), fn)
}

func addAccount(t *testing.T, s store.Store, id, email string) error {
	t.Helper()
	return in(t, s, func(ctx context.Context, tx store.Tx) error {
		return tables.Accounts{}.Insert(ctx, tx, store.Account{ID: id, Email: []byte{1}, Profile: []byte{2}, Created: noon}, []byte(email))
	})
}

func TestAnAddressHasOneAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx := context.Background()
		if err := addAccount(t, s, "a", "hash"); err != nil {
			t.Fatal(err)
		}
		if err := (tables.Accounts{}).Update(ctx, s, store.Account{ID: "a", Patient: "p"}); err != nil {
			t.Fatal(err)
		}
		if err := addAccount(t, s, "b", "hash"); !errors.Is(err, store.ErrStale) {
			t.Errorf("the same address again: %v", err)
		}
		if err := (tables.Accounts{}).Claim(ctx, s, "a", []byte("hash")); err != nil {
			t.Errorf("its own address again: %v", err)
		}
		a, err := tables.Accounts{}.ByEmail(ctx, s, []byte("hash"))
		if err != nil || a.ID != "a" || !a.Created.Equal(noon) || !a.Enrolled.IsZero() || a.Secret != nil {
			t.Errorf("found %+v (%v)", a, err)
		}
		if _, err := (tables.Accounts{}).ByID(ctx, s, "b"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("half an account: %v", err)
		}
	})
}

func TestAnUnconfirmedAddressIsTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		for _, id := range []string{"a", "b"} {
			if err := addAccount(t, s, id, "hash"); err != nil {
				t.Fatal(err)
			}
		}
		if a, err := (tables.Accounts{}).ByEmail(context.Background(), s, []byte("hash")); err != nil || a.ID != "b" {
			t.Errorf("the address is of %q (%v)", a.ID, err)
		}
	})
}

func TestAStepIsUsedOnceAndForgivesFailures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Accounts{}
		if err := addAccount(t, s, "a", "hash"); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := rows.CountFailure(ctx, s, "a", 3, noon); err != nil {
				t.Fatal(err)
			}
		}
		if a, _ := rows.ByID(ctx, s, "a"); a.Failures != 2 || !a.Locked.IsZero() {
			t.Errorf("after two failures %+v", a)
		}
		if err := rows.CountFailure(ctx, s, "a", 3, noon); err != nil {
			t.Fatal(err)
		}
		if a, _ := rows.ByID(ctx, s, "a"); a.Failures != 0 || !a.Locked.Equal(noon) {
			t.Errorf("after three failures %+v", a)
		}
		if err := rows.UseStep(ctx, s, "a", 7); err != nil {
			t.Fatal(err)
		}
		for _, step := range []int64{7, 6} {
			if err := rows.UseStep(ctx, s, "a", step); !errors.Is(err, store.ErrStale) {
				t.Errorf("step %d after 7: %v", step, err)
			}
		}
	})
}

func TestACodeIsSpentOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Accounts{}
		if c, err := rows.Code(ctx, s, "a"); err != nil || c.Account != "a" || c.Hash != nil {
			t.Errorf("no code yet: %+v (%v)", c, err)
		}
		for _, hash := range []string{"old", "new"} {
			if err := rows.PutCode(ctx, s, store.MailCode{Account: "a", Hash: []byte(hash), Expires: noon, Sent: 1, Window: noon}); err != nil {
				t.Fatal(err)
			}
		}
		if err := rows.SpendCode(ctx, s, "a", []byte("old")); !errors.Is(err, store.ErrStale) {
			t.Errorf("the code before: %v", err)
		}
		if err := rows.SpendCode(ctx, s, "a", []byte("new")); err != nil {
			t.Errorf("the code: %v", err)
		}
		if err := rows.SpendCode(ctx, s, "a", []byte("new")); !errors.Is(err, store.ErrStale) {
			t.Errorf("the code again: %v", err)
		}
	})
}

func TestUnconfirmedAccountsGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Accounts{}
		for id, patient := range map[string]string{"pending": "", "confirmed": "p"} {
			if err := addAccount(t, s, id, id); err != nil {
				t.Fatal(err)
			}
			if err := rows.Update(ctx, s, store.Account{ID: id, Patient: patient}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := rows.Unconfirmed(ctx, s, noon.Add(time.Hour)); n != 1 || err != nil {
			t.Errorf("%d went (%v)", n, err)
		}
		if _, err := rows.ByEmail(ctx, s, []byte("pending")); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the unconfirmed one: %v", err)
		}
		if a, err := rows.ByPatient(ctx, s, "p"); err != nil || a.ID != "confirmed" {
			t.Errorf("the confirmed one: %+v (%v)", a, err)
		}
	})
}

func TestConsentEventsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Consents{}
		late := store.ConsentEvent{ID: "1", Patient: "p", Kind: "ehr", Decision: "agree", At: noon.Add(time.Hour), Expires: noon.AddDate(5, 0, 0),
			Consent: "c", Document: "ehr 1.0", Hash: "h", Language: "en", PrintedAs: []byte{9}, ReceivedAt: noon.Add(time.Hour)}
		early := store.ConsentEvent{ID: "2", Patient: "p", Kind: "research", Decision: "agree", At: noon, ReceivedAt: noon}
		for _, e := range []store.ConsentEvent{late, early, {ID: "3", Patient: "q", Kind: "research", Decision: "decline", At: noon}} {
			if err := rows.Add(ctx, s, e); err != nil {
				t.Fatal(err)
			}
		}
		got, err := rows.Of(ctx, s, "p")
		if err != nil || len(got) != 2 || got[0].ID != "2" || !got[1].Expires.Equal(late.Expires) || string(got[1].PrintedAs) != "\x09" || !got[0].Expires.IsZero() {
			t.Errorf("events %+v (%v)", got, err)
		}
		if who, err := rows.Taking(ctx, s, "research", "agree"); err != nil || len(who) != 1 || who[0] != "p" {
			t.Errorf("who agreed: %v (%v)", who, err)
		}
	})
}

func TestEvidenceOfOneDocument(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Consents{}
		for i, hash := range []string{"h", "other", "h"} {
			e := store.ConsentEvidence{ID: string(rune('a' + i)), Patient: "p", Hash: hash, Step: "module", Detail: "m", At: noon.Add(-time.Duration(i))}
			if err := rows.AddEvidence(ctx, s, e); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := rows.Evidence(ctx, s, "p", "h"); err != nil || len(got) != 2 {
			t.Errorf("evidence %+v (%v)", got, err)
		}
	})
}

func TestMailbox(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Mails{}
		for i, to := range []string{"a@x", "b@x", "a@x"} {
			if err := rows.Add(ctx, s, store.Mail{ID: string(rune('1' + i)), To: to, Subject: "s", Text: "t", At: noon.Add(time.Duration(i) * time.Second)}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := rows.Latest(ctx, s, "a@x", 5); err != nil || len(got) != 2 || got[0].ID != "3" {
			t.Errorf("mails to one %+v (%v)", got, err)
		}
		if got, err := rows.Latest(ctx, s, "", 2); err != nil || len(got) != 2 || got[0].ID != "3" || got[1].ID != "2" {
			t.Errorf("mails to all %+v (%v)", got, err)
		}
	})
}

func TestStaffRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s store.Store) {
		ctx, rows := context.Background(), tables.Staff{}
		m := store.Staff{ID: "1", Login: "kim", Name: "Kim", Password: "x", Role: "center", Site: "s"}
		for _, disabled := range []bool{false, true} {
			m.Disabled = disabled
			if err := rows.Put(ctx, s, m); err != nil {
				t.Fatal(err)
			}
			if got, err := rows.ByLogin(ctx, s, "kim"); err != nil || got != m {
				t.Errorf("got %+v (%v), want %+v", got, err, m)
			}
		}
	})
}
