package program_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/program"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
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

func person(patient string) access.Actor {
	return access.Actor{Role: access.Participant, ID: "account", Patient: patient, Unscoped: true, Purpose: "PATRQT"}
}

var staff = access.Actor{Role: access.CenterStaff, ID: "kim", Site: "harbor-clinic", Unscoped: true, Purpose: "HOPERAT"}

var answers = url.Values{"q.general-health": {"LA9206-9"}, "q.education": {"degree"}, "q.household": {"3"}, "q.smoking": {"266919005"}, "q.sleep": {"7"}}

// eligible makes a participant who may book a visit.
func eligible(t *testing.T, w *programtest.World, n int) string {
	t.Helper()
	p := account.Person{Given: "Ada", Family: "Example", Email: fmt.Sprintf("ada%d@example.org", n), Born: "1980-12-31", Sex: "female", State: "MA"}
	patient := w.Join(t, p)
	w.Agree(t, patient, consent.Research, p.Name())
	w.Agree(t, patient, consent.EHR, p.Name())
	ok(t, w.Surveys.Submit(ctx, person(patient), "basics", answers))
	return patient
}

func free(t *testing.T, w *programtest.World) []program.Slot {
	t.Helper()
	slots, err := w.Program.FreeSlots(ctx, "harbor-clinic", 10)
	ok(t, err)
	if len(slots) < 2 {
		t.Fatalf("%d free slots", len(slots))
	}
	return slots
}

func find(t *testing.T, w *programtest.World, typ string, query ...search.Pair) []store.Resource {
	t.Helper()
	page, err := w.Records.Search(ctx, access.Job("program", "HOPERAT"), records.Search{Type: typ, Query: query})
	ok(t, err)
	return page.Resources
}

func TestSetupMakesTheStudyOnce(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		count := func() (n int) {
			ok(t, w.Store.QueryRow(ctx, "SELECT (SELECT count(*) FROM resource) + (SELECT count(*) FROM history)").Scan(&n))
			return n
		}
		before := count()
		ok(t, w.Program.Setup(ctx))
		if after := count(); after != before {
			t.Errorf("a second set-up made %d versions", after-before)
		}
		w.Clock.Advance(7 * 24 * time.Hour)
		ok(t, w.Program.Setup(ctx))
		if count() == before {
			t.Error("a week later there are no further slots")
		}
	})
}

func TestSetupsAtOnceMakeEachSlotOnce(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		w.Clock.Advance(30 * 24 * time.Hour)
		outcomes := make([]error, 2)
		var all sync.WaitGroup
		for i := range outcomes {
			all.Go(func() { outcomes[i] = w.Program.Setup(ctx) })
		}
		all.Wait()
		for _, err := range outcomes {
			ok(t, err)
		}
		for _, slot := range find(t, w, "Slot", search.Pair{Name: "_count", Value: "1000"}) {
			if slot.Version != 1 {
				t.Errorf("slot %s was made over", slot.ID)
			}
		}
	})
}

func TestOneSlotOnePerson(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		const people = 4
		slot := free(t, w)[0].ID
		patients := make([]string, people)
		for i := range patients {
			patients[i] = eligible(t, w, i)
		}
		outcomes := make([]error, people)
		var all sync.WaitGroup
		for i, patient := range patients {
			all.Go(func() { _, outcomes[i] = w.Program.Book(ctx, patient, slot) })
		}
		all.Wait()
		booked := 0
		for _, err := range outcomes {
			switch {
			case err == nil:
				booked++
			case !errs.Is(err, errs.Conflict):
				t.Errorf("booking: %v", err)
			}
		}
		if appointments := find(t, w, "Appointment"); booked != 1 || len(appointments) != 1 {
			t.Errorf("%d were told that they have it, %d appointments", booked, len(appointments))
		}
	})
}

func TestOneVisitAtATime(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slots := eligible(t, w, 1), free(t, w)
		outcomes := make([]error, 2)
		var all sync.WaitGroup
		for i := range outcomes {
			all.Go(func() { _, outcomes[i] = w.Program.Book(ctx, patient, slots[i].ID) })
		}
		all.Wait()
		if visits, err := w.Program.Visits(ctx, patient); err != nil || len(program.Coming(visits)) != 1 {
			t.Errorf("%d visits to come (%v), outcomes %v", len(program.Coming(visits)), err, outcomes)
		}
	})
}

func TestWhatOthersWroteIsNoVisitAndNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slot := eligible(t, w, 1), free(t, w)[0]
		before, err := w.Program.History(ctx, patient)
		ok(t, err)
		var foreign string
		ok(t, w.Records.Write(ctx, access.Job("ingest", "TREAT"), func(ctx context.Context, tx *records.Tx) error {
			made, err := tx.Put(ctx,
				records.Draft{Type: "Appointment", Origin: records.FromEHR, JSON: appointmentOf(patient, slot.ID, "booked")},
				records.Draft{Type: "Appointment", Origin: records.FromEHR, JSON: appointmentOf(patient, slot.ID, "fulfilled")},
				records.Draft{Type: "QuestionnaireResponse", JSON: []byte(`{"resourceType":"QuestionnaireResponse","status":"completed",` +
					`"questionnaire":"` + w.Study.Surveys[0].URL + `","subject":{"reference":"Patient/` + patient + `"},"authored":"2026-03-01T00:00:00Z"}`)})
			if err == nil {
				foreign = made[0].Resource.ID
			}
			return err
		}))
		after, err := w.Program.History(ctx, patient)
		ok(t, err)
		if len(after.Measured) != 0 || len(after.Surveys) != len(before.Surveys) {
			t.Errorf("history %+v", after)
		}
		if err := w.Program.Cancel(ctx, patient, foreign); !errs.Is(err, errs.NotFound) {
			t.Errorf("a provider's appointment was cancelled, which frees our slot: %v", err)
		}
		if _, err := w.Program.Book(ctx, patient, slot.ID); err != nil {
			t.Errorf("a provider's appointment keeps from booking: %v", err)
		}
		if visits, err := w.Program.SiteVisits(ctx, staff, w.Clock.Now().Add(-time.Hour), time.Time{}); err != nil || len(visits) != 1 {
			t.Errorf("the center sees %d visits (%v)", len(visits), err)
		}
	})
}

func appointmentOf(patient, slot, status string) []byte {
	return []byte(`{"resourceType":"Appointment","status":"` + status + `","start":"2026-03-03T09:00:00Z","end":"2026-03-03T10:00:00Z",` +
		`"slot":[{"reference":"Slot/` + slot + `"}],"participant":[{"status":"accepted","actor":{"reference":"Patient/` + patient + `"}},` +
		`{"status":"accepted","actor":{"reference":"Location/` + staff.Site + `"}}]}`)
}

func TestLeavingFreesTheVisit(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient, slot := eligible(t, w, 1), free(t, w)[0].ID
		_, err := w.Program.Book(ctx, patient, slot)
		ok(t, err)
		ok(t, w.Program.Release(ctx, patient))
		ok(t, w.Program.Release(ctx, patient))
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: "Ada Example", PrintedName: "Ada Example"}))
		if again := free(t, w)[0].ID; again != slot {
			t.Errorf("the first free time is %s, want %s", again, slot)
		}
		if visits, err := w.Program.SiteVisits(ctx, staff, w.Clock.Now().Add(-time.Hour), time.Time{}); err != nil || len(visits) != 0 {
			t.Errorf("the center still sees %v (%v)", visits, err)
		}
	})
}

func TestRevokingClosesVisits(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		ok(t, w.Consent.RevokeEHR(ctx, patient))
		w.Clock.Advance(time.Second)
		if _, err := w.Program.Book(ctx, patient, free(t, w)[0].ID); !errs.Is(err, errs.Forbidden) {
			t.Errorf("booking after the revocation: %v", err)
		}
	})
}

func TestSurveyAnswersCarryOriginAndNoName(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		body := string(find(t, w, "QuestionnaireResponse", search.Pair{Name: "subject", Value: "Patient/" + patient})[0].Body)
		if !strings.Contains(body, `"code":"survey"`) {
			t.Error("the answers are not labelled as a survey's")
		}
		for _, never := range []string{"Ada", "Example", "display\":\"Ada", "@example.org"} {
			if strings.Contains(body, never) {
				t.Errorf("the answers hold %q", never)
			}
		}
	})
}

func TestAButtonPressedTwiceAnswersOnce(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		kept := func() (n int) { // but for the drafts that corrections are made in
			for _, r := range find(t, w, "QuestionnaireResponse") {
				if body := string(r.Body); strings.Contains(body, `"completed"`) || strings.Contains(body, `"amended"`) {
					n++
				}
			}
			return n
		}
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				if err := w.Surveys.Submit(ctx, person(patient), "basics", answers); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := kept(); n != 1 {
			t.Errorf("the same answers are kept %d times", n)
		}
		other := maps.Clone(answers)
		other.Set("q.sleep", "8")
		ok(t, w.Surveys.Submit(ctx, person(patient), "basics", other))
		w.Clock.Advance(2 * time.Minute)
		ok(t, w.Surveys.Submit(ctx, person(patient), "basics", answers))
		if n := kept(); n != 1 {
			t.Errorf("corrections are versions of the first answers, not kept beside them: %d in all", n)
		}
	})
}

func TestNobodyAnswersWithoutConsent(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := w.Join(t, programtest.Ada)
		if err := w.Surveys.Submit(ctx, person(patient), "basics", answers); !errs.Is(err, errs.Forbidden) {
			t.Errorf("a survey without consent: %v", err)
		}
	})
}

// observation is what the tests read of one.
type observation struct {
	Code struct{ Coding []struct{ Code string } }
	Meta struct{ Tag []struct{ Code string } }

	ValueQuantity struct {
		Value      json.Number
		Code, Unit string
	}
	Component []struct {
		Code          struct{ Coding []struct{ Code string } }
		ValueQuantity struct{ Value json.Number }
	}
	DerivedFrom      []struct{ Reference string }
	DataAbsentReason struct{ Coding []struct{ Code string } }
}

func TestMeasurementsBecomeObservations(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		visit, err := w.Program.Book(ctx, patient, free(t, w)[0].ID)
		ok(t, err)
		ok(t, w.Program.CheckIn(ctx, staff, visit.ID))
		ok(t, w.Program.Measure(ctx, staff, visit.ID, session(t, w)))
		byCode := map[string][]observation{}
		for _, r := range find(t, w, "Observation", search.Pair{Name: "subject", Value: "Patient/" + patient}) {
			var o observation
			ok(t, json.Unmarshal(r.Body, &o))
			code := o.Code.Coding[0].Code
			byCode[code] = append(byCode[code], o)
			if len(o.Meta.Tag) != 1 || o.Meta.Tag[0].Code != "measurement" {
				t.Errorf("%s is labelled %v", code, o.Meta.Tag)
			}
		}
		for code, n := range map[string]int{"8302-2": 1, "29463-7": 1, "39156-5": 1, "85354-9": 4, "8867-4": 4, "8280-0": 1} {
			if len(byCode[code]) != n {
				t.Errorf("%d Observations of %s, want %d", len(byCode[code]), code, n)
			}
		}
		wantValues(t, byCode)
	})
}

func session(t *testing.T, w *programtest.World) program.Session {
	t.Helper()
	s, err := program.ReadSession(&w.Study.Protocol, url.Values{"height": {"170.5"}, "weight": {"70.0"}, "deviation.waist": {"refused"},
		"systolic_1": {"130"}, "systolic_2": {"120"}, "systolic_3": {"121"}, "diastolic_1": {"85"}, "diastolic_2": {"80"}, "diastolic_3": {"82"},
		"heart_rate_1": {"70"}, "heart_rate_2": {"68"}, "heart_rate_3": {"66"}})
	ok(t, err)
	return s
}

func wantValues(t *testing.T, byCode map[string][]observation) {
	t.Helper()
	if v := byCode["29463-7"][0].ValueQuantity; v.Value != "70.0" || v.Code != "kg" {
		t.Errorf("weight %+v; the digits are to stay as written", v)
	}
	if v := byCode["39156-5"][0].ValueQuantity; v.Value != "24.1" || v.Code != "kg/m2" {
		t.Errorf("body mass index %+v", v)
	}
	if reason := byCode["8280-0"][0].DataAbsentReason.Coding; len(reason) != 1 || reason[0].Code != "asked-declined" {
		t.Errorf("a refused measurement says %v", reason)
	}
	for _, o := range byCode["85354-9"] {
		if len(o.DerivedFrom) == 0 {
			continue
		}
		if len(o.DerivedFrom) != 2 || o.Component[0].ValueQuantity.Value != "120.5" || o.Component[1].ValueQuantity.Value != "81" {
			t.Errorf("the mean is %+v", o.Component)
		}
		return
	}
	t.Error("no mean of the blood pressures")
}

func TestHistoryDatesMilestones(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		visit, err := w.Program.Book(ctx, patient, free(t, w)[0].ID)
		ok(t, err)
		w.Clock.Advance(26 * time.Hour)
		ok(t, w.Program.CheckIn(ctx, staff, visit.ID))
		ok(t, w.Program.Measure(ctx, staff, visit.ID, session(t, w)))
		w.Clock.Advance(time.Second)
		h, err := w.Program.History(ctx, patient)
		ok(t, err)
		reached := program.Milestones(&w.Study.Eligibility, h, w.Clock.Now())
		if last := reached[len(reached)-1]; len(reached) != 5 || last.Name != program.IsCore || w.Clock.Now().Sub(last.At) > time.Minute {
			t.Errorf("milestones %v", reached)
		}
	})
}

func TestSamplesCountOnTheWay(t *testing.T) {
	each(t, func(t *testing.T, w *programtest.World) {
		patient := eligible(t, w, 1)
		w.Clock.Advance(time.Hour)
		given := w.Clock.Now()
		w.Program.Sampled = func(context.Context, string) ([]time.Time, error) { return []time.Time{given}, nil }
		all, err := w.Program.Standing(t.Context(), patient)
		ok(t, err)
		last := all.Milestones[len(all.Milestones)-1]
		if last.Name != program.WasSampled || !last.At.Equal(given) {
			t.Errorf("milestones %v", all.Milestones)
		}
	})
}
