package visit_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	study "tributary/config/program"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program/programtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
	"tributary/internal/visit"
)

var ctx = context.Background()

func each(t *testing.T, test func(t *testing.T, w *programtest.World)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) { test(t, programtest.New(t, s, clock)) })
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const site = "harbor-clinic"

var staff = access.Actor{Role: access.CenterStaff, ID: "kim", Site: site, Unscoped: true, Purpose: "HOPERAT"}

var answers = url.Values{"q.general-health": {"LA9206-9"}, "q.education": {"degree"}, "q.household": {"3"}, "q.smoking": {"266919005"}, "q.sleep": {"7"}}

// eligible makes a participant who may book a visit.
func eligible(t *testing.T, w *programtest.World, n int) string {
	t.Helper()
	p := account.Person{Given: "Ada", Family: "Example", Email: fmt.Sprintf("ada%d@example.org", n), Born: "1980-12-31", Sex: "female", State: "MA"}
	patient := w.Join(t, p)
	a, err := w.Accounts.OfPatient(ctx, w.Store, patient)
	ok(t, err)
	ok(t, w.Accounts.SetLanguage(ctx, a.ID, "es"))
	w.Agree(t, patient, consent.Research, p.Name())
	w.Agree(t, patient, consent.EHR, p.Name())
	me := access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
	ok(t, w.Surveys.Submit(ctx, me, "basics", answers))
	return patient
}

func free(t *testing.T, w *programtest.World) []visit.Slot {
	t.Helper()
	slots, err := w.Visits.Free(ctx, site, 1000)
	ok(t, err)
	return slots
}

// opening is the site's calendar with changes.
func opening(t *testing.T, w *programtest.World, change func(*visit.Opening)) (visit.Opening, int64) {
	t.Helper()
	plan, err := w.Visits.Plan(ctx, staff)
	ok(t, err)
	o := plan.Opening
	change(&o)
	return o, plan.Version
}

func TestCapacityIsHowManyGetATime(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		const places, people = 2, 4
		o, version := opening(t, w, func(o *visit.Opening) { o.Capacity = places })
		ok(t, w.Visits.ChangePlan(ctx, staff, o, version))
		slot := free(t, w)[0].ID
		patients := make([]string, people)
		for i := range patients {
			patients[i] = eligible(t, w, i)
		}
		outcomes := make([]error, people)
		var all sync.WaitGroup
		for i, patient := range patients {
			all.Go(func() {
				// Who loses a race for one place may ask again while there is another.
				for range people {
					if _, outcomes[i] = w.Visits.Book(ctx, patient, slot); outcomes[i] == nil {
						return
					}
				}
			})
		}
		all.Wait()
		booked := 0
		for _, err := range outcomes {
			if err == nil {
				booked++
			} else if !errs.Is(err, errs.Conflict) {
				t.Errorf("booking: %v", err)
			}
		}
		visits, err := w.Visits.AtSite(ctx, staff, w.Clock.Now(), time.Time{})
		ok(t, err)
		if booked != places || len(visits) != places || visits[0].Slot == visits[1].Slot {
			t.Errorf("%d were told that they have it, %d visits", booked, len(visits))
		}
		if now := free(t, w); now[0].Start.Equal(visits[0].Start) {
			t.Error("a full time is offered")
		}
	})
}

func TestAChangeMovesOneVisit(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slots := eligible(t, w, 1), free(t, w)
		v, err := w.Visits.Book(ctx, patient, slots[0].ID)
		ok(t, err)
		moved, err := w.Visits.Change(ctx, patient, v.ID, slots[3].ID)
		ok(t, err)
		if moved.ID != v.ID || moved.Slot != slots[3].ID || !moved.Start.Equal(slots[3].Start) || moved.Version() != 2 {
			t.Errorf("moved to %+v", moved)
		}
		if again := free(t, w); again[0].ID != slots[0].ID || again[3].ID == slots[3].ID {
			t.Error("the old time is not free, or the new one is")
		}
		other := eligible(t, w, 2)
		if _, err := w.Visits.Change(ctx, other, v.ID, slots[5].ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("another's visit was moved: %v", err)
		}
		if _, err := w.Visits.Book(ctx, other, slots[1].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Visits.Change(ctx, patient, v.ID, slots[1].ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("a taken time was given: %v", err)
		}
		visits, err := w.Visits.Of(ctx, patient)
		ok(t, err)
		if len(visits) != 1 || visits[0].Slot != slots[3].ID {
			t.Errorf("after a refused change: %+v", visits)
		}
		ok(t, w.Visits.Cancel(ctx, patient, v.ID))
		if _, err := w.Visits.Change(ctx, patient, v.ID, slots[4].ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("a cancelled visit was moved: %v", err)
		}
	})
}

// Whatever a center changes, a booked visit stays, and what does not fit is told.
func TestHoursLoseNoVisit(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slots := eligible(t, w, 1), free(t, w)
		v, err := w.Visits.Book(ctx, patient, slots[2].ID)
		ok(t, err)
		day := v.Start.In(visit.Zone(siteOf(t, w))).Format(time.DateOnly)
		o, version := opening(t, w, func(o *visit.Opening) { o.Closed = []visit.Closure{{From: day, To: day, Reason: "Painters"}} })
		ok(t, w.Visits.ChangePlan(ctx, staff, o, version))
		for _, slot := range free(t, w) {
			if slot.Start.In(visit.Zone(siteOf(t, w))).Format(time.DateOnly) == day {
				t.Fatalf("%s is offered on a closed day", slot.ID)
			}
		}
		plan, err := w.Visits.Plan(ctx, staff)
		ok(t, err)
		if len(plan.Beyond) != 1 || plan.Beyond[0].ID != v.ID || !plan.Own {
			t.Errorf("beyond the hours: %+v", plan.Beyond)
		}
		ok(t, w.Visits.Setup(ctx)) // the study's data do not take the hours back
		if again, err := w.Visits.Plan(ctx, staff); err != nil || len(again.Closed) != 1 {
			t.Errorf("%+v %v", again.Opening, err)
		}
		if err := w.Visits.ChangePlan(ctx, staff, o, version); !errs.Is(err, errs.Conflict) {
			t.Errorf("a change of what somebody else has changed: %v", err)
		}
		ok(t, w.Visits.Cancel(ctx, patient, v.ID))
		if plan, err = w.Visits.Plan(ctx, staff); err != nil || len(plan.Beyond) != 0 {
			t.Errorf("after the cancellation: %+v %v", plan.Beyond, err)
		}
		o.Closed = nil
		ok(t, w.Visits.ChangePlan(ctx, staff, o, plan.Version))
		if now := free(t, w); len(now) != len(slots) {
			t.Errorf("%d times are free again, of %d", len(now), len(slots))
		}
	})
}

func siteOf(t *testing.T, w *programtest.World) study.Site {
	t.Helper()
	s, there := w.Study.Site(site)
	if !there {
		t.Fatal("no such site")
	}
	return s
}

func TestStaffMoveAndCallOff(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slots := eligible(t, w, 1), free(t, w)
		v, err := w.Visits.Book(ctx, patient, slots[0].ID)
		ok(t, err)
		before := len(w.Asked.All())
		ok(t, w.Visits.Move(ctx, staff, v.ID, slots[2].ID))
		elsewhere := staff
		elsewhere.Site = "mesa-clinic"
		if err := w.Visits.Move(ctx, elsewhere, v.ID, slots[3].ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("another center moves the visit: %v", err)
		}
		if err := w.Visits.CallOff(ctx, elsewhere, v.ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("another center cancels the visit: %v", err)
		}
		if err := w.Visits.ChangePlan(ctx, elsewhere, visit.Opening{Minutes: 45, Capacity: 1}, 1); err != nil {
			t.Errorf("their own calendar: %v", err)
		}
		told := w.Asked.All()[before:]
		w.Clock.Advance(time.Second)
		ok(t, w.Visits.TellChanged(ctx, lastTell(t, told)))
		if text := mailTo(t, w, "ada1@example.org"); !strings.Contains(text, "tuvo que cambiar") || strings.Contains(text, "Ada") {
			t.Errorf("the mail about the move: %s", text)
		}
		ok(t, w.Visits.CallOff(ctx, staff, v.ID))
		w.Clock.Advance(time.Second)
		ok(t, w.Visits.TellChanged(ctx, lastTell(t, w.Asked.All())))
		if text := mailTo(t, w, "ada1@example.org"); !strings.Contains(text, "tuvo que cancelar") {
			t.Errorf("the mail about the cancellation: %s", text)
		}
		if again := free(t, w); again[0].ID != slots[0].ID || again[2].ID != slots[2].ID {
			t.Error("its times are not free")
		}
	})
}

func lastTell(t *testing.T, jobs []river.JobArgs) visit.TellArgs {
	t.Helper()
	for i := len(jobs) - 1; i >= 0; i-- {
		if a, is := jobs[i].(visit.TellArgs); is {
			return a
		}
	}
	t.Fatal("nobody is told")
	return visit.TellArgs{}
}

func mailTo(t *testing.T, w *programtest.World, address string) string {
	t.Helper()
	mails, err := w.Mailbox.Latest(ctx, address)
	ok(t, err)
	if len(mails) == 0 {
		return ""
	}
	return mails[0].Subject + "\n" + mails[0].Text
}

func TestReminders(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slots := eligible(t, w, 1), free(t, w)
		late := slots[len(slots)-1]
		v, err := w.Visits.Book(ctx, patient, late.ID)
		ok(t, err)
		var asked []visit.RemindArgs
		for _, job := range w.Asked.All() {
			if a, is := job.(visit.RemindArgs); is {
				asked = append(asked, a)
			}
		}
		if len(asked) != 2 || asked[0].Days != 7 || asked[1].Days != 1 {
			t.Fatalf("asked for %+v", asked)
		}
		w.Clock.Advance(time.Second)
		ok(t, w.Visits.Remind(ctx, asked[0]))
		text := mailTo(t, w, "ada1@example.org")
		if !strings.HasPrefix(text, "Recordatorio de su cita\n") || !strings.Contains(text, visit.When(v.Start, siteOf(t, w), "es")) || strings.Contains(text, "Ada") {
			t.Errorf("the reminder: %s", text)
		}
		moved, err := w.Visits.Change(ctx, patient, v.ID, slots[len(slots)-2].ID)
		ok(t, err)
		before := mailCount(t, w)
		ok(t, w.Visits.Remind(ctx, asked[1])) // of the time that was
		ok(t, w.Visits.Cancel(ctx, patient, moved.ID))
		ok(t, w.Visits.Remind(ctx, visit.RemindArgs{Visit: moved.ID, Start: moved.Start.Unix(), Days: 1}))
		ok(t, w.Visits.Remind(ctx, visit.RemindArgs{Visit: "gone", Start: 1, Days: 1}))
		if after := mailCount(t, w); after != before {
			t.Errorf("%d mails about a visit that was moved or cancelled", after-before)
		}
	})
}

func mailCount(t *testing.T, w *programtest.World) int {
	t.Helper()
	mails, err := w.Mailbox.Latest(ctx, "ada1@example.org")
	ok(t, err)
	return len(mails)
}

func TestSoonVisitsAreNotRemindedOfLate(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		_, err := w.Visits.Book(ctx, eligible(t, w, 1), free(t, w)[0].ID) // within a day
		ok(t, err)
		for _, job := range w.Asked.All() {
			if a, is := job.(visit.RemindArgs); is {
				t.Errorf("asked for %+v", a)
			}
		}
	})
}

func TestWalkIn(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := w.Join(t, programtest.Ada)
		v, err := w.Visits.WalkIn(ctx, staff, patient)
		ok(t, err)
		again, err := w.Visits.WalkIn(ctx, staff, patient)
		ok(t, err)
		if v.Status != visit.Arrived || !v.WalkIn || v.Site != site || again.ID != v.ID {
			t.Errorf("%+v, again %+v", v, again)
		}
		if err := w.Visits.Admitted(ctx, patient); !errs.Is(err, errs.Forbidden) {
			t.Errorf("admitted without consent: %v", err)
		}
		if err := w.Visits.Missed(ctx, staff, v.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("who is there did not come: %v", err)
		}
	})
}

func TestMissedVisits(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slot := eligible(t, w, 1), free(t, w)[0]
		v, err := w.Visits.Book(ctx, patient, slot.ID)
		ok(t, err)
		if err := w.Visits.Missed(ctx, staff, v.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("missed before it began: %v", err)
		}
		w.Clock.Advance(slot.Start.Sub(w.Clock.Now()) + time.Hour)
		ok(t, w.Visits.Missed(ctx, staff, v.ID))
		if err := w.Visits.CheckIn(ctx, staff, v.ID); !errs.Is(err, errs.Conflict) {
			t.Errorf("checked in after all: %v", err)
		}
		if _, err := w.Visits.Book(ctx, patient, free(t, w)[0].ID); err != nil {
			t.Errorf("who missed a visit cannot book another one: %v", err)
		}
	})
}
