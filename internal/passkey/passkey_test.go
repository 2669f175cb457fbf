package passkey_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"tributary/internal/errs"
	"tributary/internal/keys"
	"tributary/internal/passkey"
	"tributary/internal/passkey/passkeytest"
	"tributary/internal/session/embedded"
	"tributary/internal/store/storetest"
)

const origin, host = "https://study.example", "study.example"

type world struct {
	*passkey.Service
	t   *testing.T
	now time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	states, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "s.db"), clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { states.Close() })
	ring, err := keys.Open(filepath.Join(t.TempDir(), "keys.json"), true)
	if err != nil {
		t.Fatal(err)
	}
	w.Service, err = passkey.New(passkey.Config{Base: origin, Title: "The study", Store: storetest.SQLite(t, storetest.Options{Now: clock}), Sealer: ring, States: states, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// device makes a passkey of the account.
func (w *world) device(account, name string) *passkeytest.Device {
	w.t.Helper()
	d := passkeytest.New(w.t, origin, host)
	if err := w.Keep(w.t.Context(), passkey.Participant, account, name, d.Create(w.offer(account))); err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) offer(account string) any {
	w.t.Helper()
	o, err := w.Offer(w.t.Context(), passkey.Participant, account, "The study")
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) ask(account string) any {
	w.t.Helper()
	o, err := w.Ask(w.t.Context(), passkey.Participant, account)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

func (w *world) use(account string, answer []byte) (string, error) {
	return w.Use(w.t.Context(), passkey.Participant, account, answer)
}

func (w *world) refused(what, account string, answer []byte) {
	w.t.Helper()
	if who, err := w.use(account, answer); !errs.Is(err, errs.Unauthorized) {
		w.t.Errorf("%s: %q, %v", what, who, err)
	}
}

func TestSeveralPasskeysSignIn(t *testing.T) {
	w := newWorld(t)
	phone, laptop := w.device("a", "My  phone"), w.device("a", "Laptop")
	other := w.device("b", "Phone")
	for d, want := range map[*passkeytest.Device]string{phone: "a", laptop: "a", other: "b"} {
		if who, err := w.use("", d.Get(w.ask(""))); err != nil || who != want {
			t.Errorf("%q, %v", who, err)
		}
	}
	if _, err := w.use("a", phone.Get(w.ask("a"))); err != nil {
		t.Errorf("as a second factor: %v", err)
	}
	all, err := w.List(t.Context(), passkey.Participant, "a")
	if err != nil || len(all) != 2 || all[0].Name != "My phone" && all[1].Name != "My phone" || all[0].Used.IsZero() {
		t.Errorf("%+v, %v", all, err)
	}
	if bytes.Contains(phone.Handle, []byte("a")) && len(phone.Handle) != 32 {
		t.Error("the user handle tells something")
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	w := newWorld(t)
	d, other := w.device("a", "Phone"), w.device("b", "Phone")
	used := d.Get(w.ask(""))
	if _, err := w.use("", used); err != nil {
		t.Fatal(err)
	}
	w.refused("an answer that was used", "", used)
	w.refused("another's passkey as the second factor", "a", other.Get(w.ask("a")))
	w.refused("an answer for signing in as the second factor", "a", d.Get(w.ask("")))
	w.refused("one account's challenge for another", "b", d.Get(w.ask("a")))
	late := d.Get(w.ask(""))
	w.now = w.now.Add(6 * time.Minute)
	w.refused("an answer that is late", "", late)
	w.refused("no answer", "", []byte("{}"))
	if _, err := w.Use(t.Context(), passkey.Staff, "", d.Get(w.ask(""))); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a participant's passkey for staff: %v", err)
	}
	unknown := passkeytest.New(t, origin, host)
	unknown.Handle = d.Handle
	w.refused("a passkey that nobody made", "", unknown.Get(w.ask("")))
	forged := passkeytest.New(t, origin, host)
	forged.ID, forged.Handle, forged.Counter = d.ID, d.Handle, 50
	w.refused("another key under the id", "", forged.Get(w.ask("")))
	for name, bend := range map[string]func(*passkeytest.Device){
		"another origin":          func(d *passkeytest.Device) { d.Origin = "https://study.example.evil.example" },
		"a deeper host":           func(d *passkeytest.Device) { d.Origin = "https://x.study.example" },
		"another relying party":   func(d *passkeytest.Device) { d.RPID = "evil.example" },
		"a user not verified":     func(d *passkeytest.Device) { d.Unverified = true },
		"another user's handle":   func(d *passkeytest.Device) { d.Handle = other.Handle },
		"no handle when named by": func(d *passkeytest.Device) { d.Handle = nil },
	} {
		bent := *d
		bend(&bent)
		w.refused(name, "", bent.Get(w.ask("")))
	}
	d.Counter += 100
	if _, err := w.use("", d.Get(w.ask(""))); err != nil {
		t.Errorf("after all that: %v", err)
	}
}

// TestCopyIsNoticed: a counter that went back closes the passkey for both.
func TestCopyIsNoticed(t *testing.T) {
	w := newWorld(t)
	d := w.device("a", "Phone")
	duplicate := *d
	for range 3 {
		if _, err := w.use("", d.Get(w.ask(""))); err != nil {
			t.Fatal(err)
		}
	}
	w.refused("the copy", "", duplicate.Get(w.ask("")))
	w.refused("the original, after the copy", "", d.Get(w.ask("")))
	all, err := w.List(t.Context(), passkey.Participant, "a")
	if err != nil || len(all) != 1 || !all[0].Suspect {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestKeeping(t *testing.T) {
	w := newWorld(t)
	d := passkeytest.New(t, origin, host)
	answer := d.Create(w.offer("a"))
	for name, c := range map[string]struct {
		account, name string
		kind          errs.Kind
	}{"another account": {"b", "Phone", errs.Unauthorized}, "no name": {"a", "  ", errs.Invalid}} {
		if err := w.Keep(t.Context(), passkey.Participant, c.account, c.name, answer); !errs.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.Keep(t.Context(), passkey.Participant, "a", "Phone", answer); err != nil {
		t.Fatal(err)
	}
	if err := w.Keep(t.Context(), passkey.Participant, "a", "Phone", answer); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("kept twice: %v", err)
	}
	if err := w.Keep(t.Context(), passkey.Participant, "b", "Phone", d.Create(w.offer("b"))); !errs.Is(err, errs.Conflict) {
		t.Errorf("one credential of two accounts: %v", err)
	}
	loose := passkeytest.New(t, origin, host)
	loose.Unverified = true
	if err := w.Keep(t.Context(), passkey.Participant, "a", "Loose", loose.Create(w.offer("a"))); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("made without verification: %v", err)
	}
	if err := w.Rename(t.Context(), passkey.Participant, "b", d.ID, "Mine"); !errs.Is(err, errs.NotFound) {
		t.Errorf("renamed by another: %v", err)
	}
	if err := w.Remove(t.Context(), passkey.Participant, "b", d.ID); !errs.Is(err, errs.NotFound) {
		t.Errorf("removed by another: %v", err)
	}
	if err := w.Rename(t.Context(), passkey.Participant, "a", d.ID, "Mine"); err != nil {
		t.Error(err)
	}
	if err := w.Remove(t.Context(), passkey.Participant, "a", d.ID); err != nil {
		t.Error(err)
	}
	w.refused("a passkey that was removed", "", d.Get(w.ask("")))
}

func TestNoPasskeysForAddresses(t *testing.T) {
	if s, err := passkey.New(passkey.Config{Base: "http://127.0.0.1:8080"}); s != nil || err != nil {
		t.Errorf("%v, %v", s, err)
	}
}
