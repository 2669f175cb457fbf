package cohort_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tributary/internal/access"
	"tributary/internal/account"
	"tributary/internal/cohort"
	"tributary/internal/cohort/cohorttest"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/form"
	"tributary/internal/program/programtest"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

var (
	ctx      = context.Background()
	sam, kim = cohorttest.Staff("sam"), cohorttest.Staff("kim")
)

func each(t *testing.T, test func(t *testing.T, w *cohorttest.World)) {
	t.Helper()
	clock := programtest.NewClock()
	storetest.EachWith(t, storetest.Options{Now: clock.Now}, func(t *testing.T, s store.Store) { test(t, cohorttest.New(t, s, clock)) })
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheFunnelCountsWhoStayed(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		const people = 52
		for n := range people {
			patient := w.Join(t, cohorttest.Somebody(n))
			if n >= 26 {
				w.Agree(t, patient, consent.Research, cohorttest.Somebody(n).Name())
			}
			if n == people-1 {
				name := cohorttest.Somebody(n).Name()
				ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name}))
			}
		}
		f, err := w.Cohort.Funnel(ctx, sam)
		ok(t, err)
		if got := fmt.Sprint(f.Total); got != "[{51 false} {25 false} {0 false} {0 false} {0 false}]" {
			t.Errorf("the funnel: %s", got)
		}
		last := f.Months.Rows[len(f.Months.Rows)-1]
		if last.Month != time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) || last.Counts[0].N != 51 {
			t.Errorf("this month: %+v", last)
		}
		sex := f.Groups[slices.IndexFunc(f.Groups, func(b cohort.Breakdown) bool { return b.ID == "sex" })]
		if sex.Rows[0].Counts[0].N != 26 || sex.Rows[1].Counts[0].N != 25 {
			t.Errorf("by sex: %+v", sex.Rows)
		}
		for _, r := range sex.Rows[:2] {
			if !r.Counts[1].Hidden && r.Counts[1].N > 0 && r.Counts[1].N < cohort.Floor {
				t.Errorf("a small count is shown: %+v", r)
			}
		}
		if l := w.Looks.Last(); l.Staff != "sam" || len(l.Patients) != 0 {
			t.Errorf("on record: %+v", l)
		}
	})
}

func TestFinding(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		ada := w.Join(t, programtest.Ada)
		w.Join(t, cohorttest.Somebody(1))
		gone := w.Joined(t, cohorttest.Somebody(2), consent.Research)
		name := cohorttest.Somebody(2).Name()
		ok(t, w.Consent.Withdraw(ctx, consent.Signing{Patient: gone, Name: name, PrintedName: name}))
		for _, c := range []struct {
			wanted cohort.Wanted
			found  string
			fault  string
		}{
			{cohort.Wanted{ID: ada}, ada, ""}, {cohort.Wanted{ID: " " + ada + " "}, ada, ""}, {cohort.Wanted{ID: "nobody"}, "", ""},
			{cohort.Wanted{Email: "ADA@example.org"}, ada, ""}, {cohort.Wanted{Email: "nobody@example.org"}, "", ""},
			{cohort.Wanted{Name: "example ada", Birth: "1980-12-31"}, ada, ""}, {cohort.Wanted{Name: "Exam", Birth: "1980-12-31"}, ada, ""},
			{cohort.Wanted{Name: "Ada", Birth: "1980-12-30"}, "", ""}, {cohort.Wanted{Name: "Ada,Bob", Birth: "1980-12-31"}, "", ""},
			{cohort.Wanted{Name: "Ada"}, "", "birth_date"}, {cohort.Wanted{Birth: "1980-12-31"}, "", "name"}, {cohort.Wanted{}, "", "id"},
			{cohort.Wanted{ID: ada, Email: "ada@example.org"}, "", "id"}, {cohort.Wanted{ID: gone}, "", ""},
			{cohort.Wanted{Name: cohorttest.Somebody(2).Family, Birth: cohorttest.Somebody(2).Born}, "", ""}, {cohort.Wanted{Email: cohorttest.Somebody(2).Email}, "", ""},
			{cohort.Wanted{ID: "a/b?c"}, "", ""},
		} {
			found, err := w.Cohort.Find(ctx, sam, c.wanted)
			var faults form.Faults
			if errors.As(err, &faults) != (c.fault != "") || faults.At(c.fault) == "" && c.fault != "" || err != nil && c.fault == "" {
				t.Errorf("%+v: %v", c.wanted, err)
				continue
			}
			if c.found == "" && len(found) != 0 || c.found != "" && (len(found) != 1 || found[0].Patient != c.found || found[0].Name != "Ada Example") {
				t.Errorf("%+v: found %+v", c.wanted, found)
			}
		}
		if at, err := w.Cohort.Left(ctx, sam, gone); err != nil || at.IsZero() || !slices.Equal(w.Looks.Last().Patients, []string{gone}) {
			t.Errorf("who left: %v, %v", at, err)
		}
		if at, err := w.Cohort.Left(ctx, sam, ada); err != nil || !at.IsZero() {
			t.Errorf("who did not: %v, %v", at, err)
		}
	})
}

func TestTwoDecide(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		ada := w.Joined(t, programtest.Ada, consent.Research)
		ask := func(kind string) string {
			t.Helper()
			id, err := w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: kind, Patient: ada, Evidence: "A letter of 2 March."})
			ok(t, err)
			return id
		}
		first := ask(cohort.Withdrawing)
		if _, err := w.Cohort.Ask(ctx, kim, cohort.Decision{Kind: cohort.Withdrawing, Patient: ada, Evidence: "Again."}); !errs.Is(err, errs.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		if err := w.Cohort.Decide(ctx, sam, first, true, ""); !errs.Is(err, errs.Forbidden) {
			t.Errorf("by the same person: %v", err)
		}
		var faults form.Faults
		if err := w.Cohort.Decide(ctx, kim, first, false, " "); !errors.As(err, &faults) {
			t.Errorf("denied without a reason: %v", err)
		}
		withdrawn(t, w, ada, false)
		ok(t, w.Cohort.Decide(ctx, kim, first, false, "Not signed."))
		withdrawn(t, w, ada, false)
		if err := w.Cohort.Decide(ctx, kim, first, true, ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		second := ask(cohort.Withdrawing)
		waiting, err := w.Cohort.Waiting(ctx, kim)
		if err != nil || len(waiting) != 1 || waiting[0].Evidence != "A letter of 2 March." || waiting[0].AskedBy != "sam" {
			t.Errorf("waiting: %+v, %v", waiting, err)
		}
		ok(t, w.Cohort.Decide(ctx, kim, second, true, ""))
		withdrawn(t, w, ada, true)
		all, err := w.Cohort.DecidedAbout(ctx, ada)
		if err != nil || len(all) != 2 {
			t.Fatalf("decided: %+v, %v", all, err)
		}
		for _, d := range all {
			if d.By != "kim" || d.Decided.IsZero() || d.State == cohort.Denied && d.Reason != "Not signed." {
				t.Errorf("kept as %+v", d)
			}
		}
		if _, err := w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: cohort.Deceasing, Patient: ada, Evidence: "x"}); err == nil {
			t.Error("something is decided about somebody who has left")
		}
	})
}

func withdrawn(t *testing.T, w *cohorttest.World, patient string, want bool) {
	t.Helper()
	if p, err := w.Consent.CurrentIn(ctx, w.Store, patient); err != nil || p.Withdrawn != want {
		t.Errorf("withdrawn: %v, %v", p.Withdrawn, err)
	}
}

func TestADeathIsRecordedByTwo(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		ada := w.Joined(t, programtest.Ada, consent.Research)
		contact := func(want bool) {
			t.Helper()
			if p, err := w.Consent.CurrentIn(ctx, w.Store, ada); err != nil || p.Contact != want {
				t.Errorf("contact: %v, %v", p.Contact, err)
			}
		}
		ask := func() string {
			t.Helper()
			id, err := w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: cohort.Deceasing, Patient: ada, Evidence: "A call of her son.", On: w.Clock.Now().AddDate(0, 0, -3)})
			ok(t, err)
			return id
		}
		id := ask()
		contact(false)
		w.Clock.Advance(time.Minute)
		ok(t, w.Cohort.Decide(ctx, kim, id, false, "Another person of the same name."))
		contact(true)
		id = ask()
		ok(t, w.Cohort.Decide(ctx, kim, id, true, ""))
		contact(false)
		r, err := w.Store.Read(ctx, "Patient", ada)
		if err != nil || !strings.Contains(string(r.Body), `"deceasedDateTime":"2026-02-27"`) {
			t.Errorf("the Patient: %s, %v", r.Body, err)
		}
		_, err = w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: cohort.Deceasing, Patient: ada, Evidence: "x", On: w.Clock.Now().AddDate(0, 0, 2)})
		var faults form.Faults
		if !errors.As(err, &faults) || faults.At("on") == "" {
			t.Errorf("a day to come: %v", err)
		}
	})
}

func TestWhoMayDecide(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		ada := w.Joined(t, programtest.Ada, consent.Research)
		id, err := w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: cohort.Withdrawing, Patient: ada, Evidence: "x"})
		ok(t, err)
		for _, a := range []access.Actor{{Role: access.CenterStaff, ID: "c", Unscoped: true}, {Role: access.Participant, ID: "p", Patient: ada, Unscoped: true}, {Role: access.StudyStaff, Unscoped: true}} {
			if _, err := w.Cohort.Ask(ctx, a, cohort.Decision{Kind: cohort.Withdrawing, Patient: ada, Evidence: "x"}); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s asks: %v", a.Role, err)
			}
			if err := w.Cohort.Decide(ctx, a, id, true, ""); !errs.Is(err, errs.Forbidden) {
				t.Errorf("%s decides: %v", a.Role, err)
			}
		}
		if err := w.Cohort.Decide(ctx, kim, "nothing", true, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("nothing: %v", err)
		}
	})
}

// listed are the participants on a list.
func listed(t *testing.T, w *cohorttest.World, list string) (patients []string) {
	t.Helper()
	work, err := w.Cohort.Work(ctx, sam, list)
	ok(t, err)
	for _, one := range work {
		patients = append(patients, one.Patient)
	}
	return patients
}

// TestWhoHasLeftIsOnNoList puts somebody on every list, and lets them leave in every way.
func TestWhoHasLeftIsOnNoList(t *testing.T) {
	leave := map[string]func(w *cohorttest.World, patient, name string) error{
		"withdrawn": func(w *cohorttest.World, patient, name string) error {
			return w.Consent.Withdraw(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name})
		},
		"paused": func(w *cohorttest.World, patient, name string) error {
			return w.Consent.Deactivate(ctx, consent.Signing{Patient: patient, Name: name, PrintedName: name})
		},
		"died": func(w *cohorttest.World, patient, _ string) error {
			return w.Consent.Deceased(ctx, sam, patient, time.Time{}, "a letter")
		},
	}
	for how, goes := range leave {
		t.Run(how, func(t *testing.T) {
			each(t, func(t *testing.T, w *cohorttest.World) {
				one := cohorttest.Somebody(7)
				patient := w.Joined(t, one, consent.Research, consent.EHR)
				twin := one
				twin.Email = "again@mail.example"
				w.Clock.Advance(time.Minute)
				other := w.Joined(t, twin, consent.Research)
				busy(t, w, patient)
				for _, list := range cohort.WorkLists {
					want := patient
					if list == cohort.WorkDuplicates {
						want = other
					}
					if list != cohort.WorkReconsent && !slices.Contains(listed(t, w, list), want) {
						t.Errorf("%s: %v", list, listed(t, w, list))
					}
				}
				ok(t, goes(w, patient, one.Name()))
				for _, list := range cohort.WorkLists {
					if on := listed(t, w, list); slices.Contains(on, patient) || list == cohort.WorkDuplicates && len(on) > 0 {
						t.Errorf("%s and still on %s: %v", how, list, on)
					}
				}
				counts, err := w.Cohort.Counts(ctx)
				ok(t, err)
				for list, n := range counts {
					if n != 0 {
						t.Errorf("%d count on %s", n, list)
					}
				}
			})
		})
	}
}

// busy puts somebody on the lists: a lapsed connection, an authorization at its end, a
// missed visit, an unfinished sample.
func busy(t *testing.T, w *cohorttest.World, patient string) {
	t.Helper()
	at := store.Micros(w.Clock.Now())
	_, err := w.Store.Exec(ctx, `INSERT INTO connection (id, patient, provider, state, reason, credentials, identity, created, updated, pulled)
		VALUES ('c', $1, 'harbor', 'lapsed', 'refresh', $2, 'i', $3, $3, 0)`, patient, []byte{}, at)
	ok(t, err)
	w.Visited(t, patient, "noshow")
	w.Put(t, map[string]any{"resourceType": "Task", "status": "in-progress", "intent": "order", "for": map[string]any{"reference": "Patient/" + patient},
		"authoredOn": w.Clock.Now().UTC().Format(time.RFC3339), "businessStatus": map[string]any{"coding": []any{map[string]any{"code": "collected"}}}}, records.Program)
	p, err := w.Consent.Current(ctx, patient)
	ok(t, err)
	w.Clock.Advance(p.EHRUntil.Sub(w.Clock.Now()) - 24*time.Hour)
	w.Visited(t, patient, "noshow")
}

func TestAccountsOfOnePersonAreJoinedAndTakenApart(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		one := cohorttest.Somebody(3)
		first := w.Joined(t, one, consent.Research)
		again := one
		again.Email = "again@mail.example"
		w.Clock.Advance(time.Minute)
		second := w.Joined(t, again, consent.Research)
		namesake := account.Person{Given: "Zoe", Family: one.Family, Email: "zoe@mail.example", Born: one.Born, Sex: "male", State: "MA"}
		w.Joined(t, namesake, consent.Research)
		work, err := w.Cohort.Work(ctx, sam, cohort.WorkDuplicates)
		ok(t, err)
		if len(work) != 1 || work[0].Patient != second || work[0].Other != first || work[0].Score < 0.9 {
			t.Fatalf("found %+v", work)
		}
		before := patients(t, w, first, second)
		decided(t, w, cohort.Decision{Kind: cohort.Merging, Patient: second, Other: first, Evidence: "Same person, by telephone."})
		if on := listed(t, w, cohort.WorkDuplicates); len(on) != 0 {
			t.Errorf("still a duplicate: %v", on)
		}
		now := patients(t, w, first, second)
		if !strings.Contains(now[0], `"replaces"`) || !strings.Contains(now[1], `"replaced-by"`) || !strings.Contains(now[1], `"active":false`) {
			t.Errorf("joined as %s", now)
		}
		if _, err := w.Cohort.Ask(ctx, sam, cohort.Decision{Kind: cohort.Merging, Patient: second, Other: first, Evidence: "x"}); !errs.Is(err, errs.Conflict) {
			t.Errorf("joined twice: %v", err)
		}
		decided(t, w, cohort.Decision{Kind: cohort.Parting, Patient: second, Other: first, Evidence: "They are twins."})
		if after := patients(t, w, first, second); after[0] != before[0] || after[1] != before[1] {
			t.Errorf("taken apart: %s, before %s", after, before)
		}
		if on := listed(t, w, cohort.WorkDuplicates); len(on) != 1 {
			t.Errorf("a duplicate again: %v", on)
		}
	})
}

func decided(t *testing.T, w *cohorttest.World, d cohort.Decision) {
	t.Helper()
	id, err := w.Cohort.Ask(ctx, sam, d)
	ok(t, err)
	ok(t, w.Cohort.Decide(ctx, kim, id, true, ""))
}

// patients are Patients without what every version changes, their fields in order.
func patients(t *testing.T, w *cohorttest.World, ids ...string) (out []string) {
	t.Helper()
	for _, id := range ids {
		r, err := w.Store.Read(ctx, "Patient", id)
		ok(t, err)
		out = append(out, canonical(t, r.Body))
	}
	return out
}

func TestInvitationsByCriteria(t *testing.T) {
	each(t, func(t *testing.T, w *cohorttest.World) {
		const study = "kitchen-diary"
		var women int
		for n := range 46 {
			p := cohorttest.Somebody(n)
			kinds := []consent.Kind{consent.Research}
			if n >= 44 {
				kinds = nil // no consent: not invited
			}
			w.Joined(t, p, kinds...)
			if p.Sex == "female" && kinds != nil {
				women++
			}
		}
		criteria := cohort.Criteria{Study: study, Query: "?gender=female&birthdate=ge1900-01-01"}
		n, err := w.Cohort.Preview(ctx, sam, criteria)
		if err != nil || n.Hidden || n.N < int64(women)-16 || n.N > int64(women)+16 {
			t.Errorf("counted %+v, %v; want about %d", n, err, women)
		}
		if few, err := w.Cohort.Preview(ctx, sam, cohort.Criteria{Study: study, Query: "birthdate=" + cohorttest.Somebody(0).Born}); err != nil || !few.Hidden || few.N != 0 {
			t.Errorf("few: %+v, %v", few, err)
		}
		ok(t, w.Cohort.Send(ctx, sam, criteria))
		ok(t, w.Cohort.Send(ctx, sam, criteria)) // pressed twice
		w.Work(t)
		all, err := w.Cohort.Invited(ctx, sam)
		ok(t, err)
		i := slices.IndexFunc(all, func(v cohort.Invited) bool { return v.Study.ID == study })
		if all[i].Total[0].N != int64(women) || all[i].Total[1].N != 0 {
			t.Errorf("invited: %+v", all[i].Total)
		}
		if n, err := w.Cohort.Preview(ctx, sam, criteria); err != nil || n != (cohort.Cell{Hidden: true}) {
			t.Errorf("to invite again: %+v, %v", n, err)
		}
		for query, field := range map[string]string{"nonsense=1": "query", "birthdate=never": "query", "_count=3": "query", "_include=*": "query", strings.Repeat("a", 3000): "query"} {
			_, err := w.Cohort.Preview(ctx, sam, cohort.Criteria{Study: study, Query: query})
			var faults form.Faults
			if !errors.As(err, &faults) || faults.At(field) == "" {
				t.Errorf("%.20s: %v", query, err)
			}
		}
		if err := w.Cohort.Send(ctx, sam, cohort.Criteria{Study: "none"}); err == nil {
			t.Error("invited to a study that there is not")
		}
	})
}
