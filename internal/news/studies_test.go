package news_test

import (
	"errors"
	"slices"
	"testing"

	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/news"
	"tributary/internal/program/programtest"
)

const study = "sleep-and-heart"

func TestWhatAnAnswerLeadsTo(t *testing.T) {
	for _, c := range []struct {
		from   news.Status
		answer news.Answer
		to     news.Status // "": refused
	}{
		{news.Candidate, news.Yes, news.Eligible}, {news.Candidate, news.No, news.NotRegistered}, {news.Candidate, news.Later, news.Candidate},
		{news.Candidate, news.Leave, ""}, {news.Candidate, news.Joined, ""},
		{news.Eligible, news.Leave, news.LeftBefore}, {news.Eligible, news.Joined, news.OnStudy}, {news.Eligible, news.No, ""}, {news.Eligible, news.Yes, ""},
		{news.NotRegistered, news.Yes, news.Eligible}, {news.NotRegistered, news.Joined, ""}, {news.NotRegistered, news.Leave, ""},
		{news.LeftBefore, news.Yes, news.Eligible}, {news.LeftBefore, news.Joined, ""},
		{news.OnStudy, news.Leave, news.OffStudy}, {news.OnStudy, news.Yes, ""}, {news.OnStudy, news.No, ""},
		{news.OffStudy, news.Yes, ""}, {news.OffStudy, news.Leave, ""}, {"strange", news.Yes, ""},
	} {
		got, err := c.from.Next(c.answer)
		if c.to == "" && !errs.Is(err, errs.Conflict) || c.to != "" && (err != nil || got != c.to) {
			t.Errorf("%s, %s: %s, %v", c.from, c.answer, got, err)
		}
		if offered := slices.Contains(c.from.Answers(), c.answer); offered != (c.to != "" && c.answer != news.Joined) {
			t.Errorf("%s offers %s: %v", c.from, c.answer, offered)
		}
	}
}

func TestInvitations(t *testing.T) {
	each(t, func(w *world) {
		w.ok(w.Setup(ctx))
		w.ok(w.Setup(ctx))
		other := w.Join(w.t, bob)
		for i := range 2 {
			invited, err := w.Invite(ctx, w.ada, study)
			w.ok(err)
			if invited != (i == 0) {
				w.t.Errorf("invitation %d: %v", i, invited)
			}
		}
		w.unread(w.ada, 1)
		status := func(want news.Status, later bool) {
			w.t.Helper()
			all, err := w.Invitations(ctx, participant(w.ada), w.ada)
			w.ok(err)
			if len(all) != 1 || all[0].Status != want || all[0].Later != later || all[0].ID != study || !all[0].Invited.Equal(w.Clock.Now()) {
				w.t.Errorf("stands %+v, want %s", all, want)
			}
		}
		status(news.Candidate, false)
		for _, step := range []struct {
			answer news.Answer
			to     news.Status
		}{{news.Later, news.Candidate}, {news.No, news.NotRegistered}, {news.Yes, news.Eligible}, {news.Leave, news.LeftBefore}, {news.Yes, news.Eligible}} {
			w.ok(w.Answer(ctx, participant(w.ada), study, step.answer))
			status(step.to, step.answer == news.Later)
		}
		if err := w.Answer(ctx, participant(w.ada), study, news.Joined); !errs.Is(err, errs.Forbidden) {
			w.t.Errorf("joined by herself: %v", err)
		}
		if err := w.HasJoined(ctx, participant(w.ada), w.ada, study); !errs.Is(err, errs.Forbidden) {
			w.t.Errorf("joined by herself: %v", err)
		}
		w.ok(w.HasJoined(ctx, staff, w.ada, study))
		status(news.OnStudy, false)
		w.ok(w.Answer(ctx, participant(w.ada), study, news.Leave))
		status(news.OffStudy, false)
		if err := w.Answer(ctx, participant(other), study, news.Yes); !errs.Is(err, errs.NotFound) {
			w.t.Errorf("somebody who was not invited: %v", err)
		}
		if theirs, err := w.Invitations(ctx, participant(other), w.ada); err != nil || len(theirs) != 0 {
			w.t.Errorf("somebody else sees %v, %v", theirs, err)
		}
	})
}

func TestNobodyIsInvitedWhoHasLeft(t *testing.T) {
	each(t, func(w *world) {
		w.Agree(w.t, w.ada, consent.Research, programtest.Ada.Name())
		w.ok(w.Consent.Withdraw(ctx, consent.Signing{Patient: w.ada, Name: programtest.Ada.Name(), PrintedName: programtest.Ada.Name()}))
		if invited, err := w.Invite(ctx, w.ada, study); invited || !errs.Is(err, errs.Forbidden) && !errors.Is(err, news.ErrNotContacted) {
			w.t.Errorf("invited %v, %v", invited, err)
		}
		if _, err := w.Invite(ctx, w.ada, "no-such-study"); !errs.Is(err, errs.Conflict) {
			w.t.Errorf("to a study that there is not: %v", err)
		}
	})
}
