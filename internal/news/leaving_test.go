package news_test

import (
	"encoding/json"
	"testing"

	"tributary/internal/consent"
	"tributary/internal/news"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
)

// TestLeavingEndsOtherResearch lets Ada leave from every status.
func TestLeavingEndsOtherResearch(t *testing.T) {
	for _, c := range []struct {
		answers []news.Answer
		joins   bool
		ends    news.Status
	}{
		{nil, false, news.NotRegistered}, {[]news.Answer{news.Later}, false, news.NotRegistered}, {[]news.Answer{news.No}, false, news.NotRegistered},
		{[]news.Answer{news.Yes}, false, news.LeftBefore}, {[]news.Answer{news.Yes, news.Leave}, false, news.LeftBefore}, {[]news.Answer{news.Yes}, true, news.OffStudy},
	} {
		each(t, func(w *world) {
			w.ok(w.Setup(ctx))
			w.Consent.OnWithdraw(w.LeaveIn)
			w.Agree(w.t, w.ada, consent.Research, programtest.Ada.Name())
			_, err := w.Invite(ctx, w.ada, study)
			w.ok(err)
			for _, a := range c.answers {
				w.ok(w.Answer(ctx, participant(w.ada), study, a))
			}
			if c.joins {
				w.ok(w.HasJoined(ctx, staff, w.ada, study))
			}
			w.ok(w.Consent.Withdraw(ctx, consent.Signing{Patient: w.ada, Name: programtest.Ada.Name(), PrintedName: programtest.Ada.Name()}))
			if got := w.stands(); got != c.ends {
				w.t.Errorf("%v, joined %v: %s, want %s", c.answers, c.joins, got, c.ends)
			}
		})
	}
}

// stands is the status of the only ResearchSubject, as it is kept.
func (w *world) stands() (status news.Status) {
	w.t.Helper()
	w.found("ResearchSubject", func(r store.Resource) {
		var body struct{ Status news.Status }
		w.ok(json.Unmarshal(r.Body, &body))
		status = body.Status
	})
	return status
}

func TestAnErasureForgetsWhatWasRead(t *testing.T) {
	each(t, func(w *world) {
		w.Consent.OnWithdraw(w.ForgetIn)
		w.Agree(w.t, w.ada, consent.Research, programtest.Ada.Name())
		w.ok(w.Tell(ctx, w.ada, message("visits")))
		w.ok(w.Prefer(ctx, w.ada, map[string]bool{"news": true}))
		w.unread(w.ada, 1)
		w.ok(w.Consent.Withdraw(ctx, consent.Signing{Patient: w.ada, Name: programtest.Ada.Name(), PrintedName: programtest.Ada.Name()}))
		w.unread(w.ada, 0)
		all, err := w.Preferences(ctx, w.ada)
		w.ok(err)
		for _, p := range all {
			if p.ID == "news" && p.Wanted {
				w.t.Error("a choice is left")
			}
		}
	})
}
