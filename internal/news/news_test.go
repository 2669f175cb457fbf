package news_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"tributary/config/program"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/news"
	"tributary/internal/program/programtest"
)

func TestWhatOnePersonIsTold(t *testing.T) {
	each(t, func(w *world) {
		other := w.Join(w.t, bob)
		w.ok(w.Tell(ctx, w.ada, message("visits")))
		all, err := w.Inbox(ctx, participant(w.ada))
		w.ok(err)
		if len(all) != 1 || !all[0].Unread || all[0].Common || !reflect.DeepEqual(all[0].Message, message("visits")) || !all[0].Sent.Equal(w.Clock.Now()) {
			w.t.Fatalf("Ada was told %+v", all)
		}
		if theirs, err := w.Inbox(ctx, participant(other)); err != nil || len(theirs) != 0 {
			w.t.Errorf("somebody else reads %+v, %v", theirs, err)
		}
		if _, err := w.Open(ctx, participant(other), all[0].ID); !errs.Is(err, errs.NotFound) {
			w.t.Errorf("somebody else opens it: %v", err)
		}
		w.unread(w.ada, 1)
		if _, err := w.Open(ctx, participant(w.ada), all[0].ID); err != nil {
			w.t.Error(err)
		}
		w.unread(w.ada, 0)
		if told, err := w.Told(ctx, staff, w.ada); err != nil || len(told) != 1 {
			w.t.Errorf("staff see %+v, %v", told, err)
		}
	})
}

func (w *world) unread(patient string, want int) {
	w.t.Helper()
	if n, err := w.Unread(ctx, patient); err != nil || n != want {
		w.t.Errorf("%d unread, want %d (%v)", n, want, err)
	}
}

func TestWhatEverybodyIsTold(t *testing.T) {
	each(t, func(w *world) {
		w.Agree(w.t, w.ada, consent.Research, programtest.Ada.Name())
		w.Join(w.t, bob) // has not agreed to anything yet
		id, err := w.Announce(ctx, message("findings"))
		w.ok(err)
		w.unread(w.ada, 1)
		all, err := w.Inbox(ctx, participant(w.ada))
		w.ok(err)
		if len(all) != 1 || !all[0].Common || all[0].ID != id {
			w.t.Fatalf("%+v", all)
		}
		_, err = w.Open(ctx, participant(w.ada), id)
		w.ok(err)
		w.unread(w.ada, 0)
		w.work()
		if n := w.mails(programtest.Ada.Email); n != 1 {
			w.t.Errorf("%d mails to a participant", n)
		}
		if n := w.mails(bob.Email); n != 0 {
			w.t.Errorf("%d mails to somebody who does not take part", n)
		}
	})
}

func TestAMailSaysOnlyThatThereIsSomething(t *testing.T) {
	each(t, func(w *world) {
		w.ok(w.Tell(ctx, w.ada, message("results")))
		w.work()
		mails, err := w.Mailbox.Latest(ctx, programtest.Ada.Email)
		w.ok(err)
		m := mails[0]
		for _, secret := range []string{"Ada", "visit", "water", "agua", "result", w.ada, programtest.Ada.Email} {
			if strings.Contains(strings.ToLower(m.Subject+m.Text), strings.ToLower(secret)) {
				w.t.Errorf("the mail says %q: %s\n%s", secret, m.Subject, m.Text)
			}
		}
		if !strings.Contains(m.Text, "https://study.example/news\n") || !strings.Contains(m.Text, "/news/unsubscribe?t=") {
			w.t.Errorf("its links: %s", m.Text)
		}
	})
}

func TestNobodyIsContactedWhoHasLeft(t *testing.T) {
	each(t, func(w *world) {
		w.Agree(w.t, w.ada, consent.Research, programtest.Ada.Name())
		w.ok(w.Tell(ctx, w.ada, message("visits")))
		_, err := w.Announce(ctx, message("findings"))
		w.ok(err)
		w.ok(w.Consent.Withdraw(ctx, consent.Signing{Patient: w.ada, Name: programtest.Ada.Name(), PrintedName: programtest.Ada.Name()}))
		w.work() // what was on its way when she left
		if n := w.mails(programtest.Ada.Email); n != 0 {
			w.t.Errorf("%d mails after leaving", n)
		}
		if err := w.Tell(ctx, w.ada, message("visits")); !errors.Is(err, news.ErrNotContacted) {
			w.t.Errorf("told after leaving: %v", err)
		}
		if len(w.queue.jobs) != 0 {
			w.t.Errorf("left in the queue: %v", w.queue.jobs)
		}
	})
}

// TestMailsByTopic asks, for every topic and every choice, whether a mail comes.
func TestMailsByTopic(t *testing.T) {
	each(t, func(w *world) {
		for _, topic := range w.Study.Outreach.Topics {
			for _, choice := range []string{"none", "yes", "no"} {
				before := w.mails(programtest.Ada.Email)
				if choice != "none" {
					w.ok(w.Prefer(ctx, w.ada, map[string]bool{topic.ID: choice == "yes"}))
				}
				w.ok(w.Tell(ctx, w.ada, message(topic.ID)))
				w.work()
				want := topic.Mail == program.MailAlways || choice == "yes" || choice == "none" && topic.Mail == program.MailOn
				if got := w.mails(programtest.Ada.Email) - before; got != map[bool]int{true: 1}[want] {
					w.t.Errorf("%s, chosen %s: %d mails, wanted %v", topic.ID, choice, got, want)
				}
				w.ok(w.forget())
			}
		}
	})
}

// forget takes Ada's choices away.
func (w *world) forget() error {
	_, err := w.Store.Exec(ctx, `DELETE FROM news_preference`)
	return err
}

func TestTurningOffWithoutSigningIn(t *testing.T) {
	each(t, func(w *world) {
		w.ok(w.Tell(ctx, w.ada, message("studies")))
		w.work()
		mails, err := w.Mailbox.Latest(ctx, programtest.Ada.Email)
		w.ok(err)
		_, token, _ := strings.Cut(mails[0].Text, "/news/unsubscribe?t=")
		token, _, _ = strings.Cut(token, "\n")
		for _, bad := range []string{"", "x", token[1:], token[:len(token)-2], token + "AAAA", strings.Repeat("A", 2000)} {
			if _, err := w.TurnOff(ctx, bad); !errs.Is(err, errs.Invalid) {
				w.t.Errorf("%.20q: %v", bad, err)
			}
		}
		for range 2 {
			topic, err := w.TurnOff(ctx, token)
			w.ok(err)
			if topic.ID != "studies" {
				w.t.Errorf("turned off %s", topic.ID)
			}
		}
		w.ok(w.Tell(ctx, w.ada, message("studies")))
		w.work()
		if n := w.mails(programtest.Ada.Email); n != 1 {
			w.t.Errorf("%d mails", n)
		}
		all, err := w.Preferences(ctx, w.ada)
		w.ok(err)
		for _, p := range all {
			if p.ID == "studies" && p.Wanted || p.Fixed && !p.Wanted {
				w.t.Errorf("%s: %+v", p.ID, p)
			}
		}
	})
}

func TestMessagesThatAreNone(t *testing.T) {
	each(t, func(w *world) {
		long := strings.Repeat("a", 6000)
		for field, m := range map[string]news.Message{
			"topic":    message("weather"),
			"title.en": {Topic: "news", Title: program.Text{"es": "Hola"}, Text: program.English("x")},
			"text.en":  {Topic: "news", Title: program.English("x"), Text: program.English(" ")},
			"text.es":  {Topic: "news", Title: program.English("x"), Text: program.Text{"en": "x", "es": long}},
		} {
			err := w.Tell(ctx, w.ada, m)
			var f form.Faults
			if !errors.As(err, &f) || f.At(field) == "" {
				w.t.Errorf("%s: %v", field, err)
			}
			if strings.Contains(fmt.Sprint(err), long) {
				w.t.Errorf("the error repeats the message")
			}
		}
		w.unread(w.ada, 0)
	})
}
