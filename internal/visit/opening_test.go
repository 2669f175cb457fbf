package visit

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	study "tributary/config/program"
	"tributary/internal/store"
)

func TestAnOpeningIsReadAsItWasWritten(t *testing.T) {
	o := Opening{Minutes: 30, Capacity: 3, Hours: []study.Hours{{Days: []string{"mon", "wed"}, From: "09:00", To: "12:30"}},
		Closed: []Closure{{From: "2026-12-24", To: "2026-12-26", Reason: "Holidays"}, {From: "2027-01-01", To: "2027-01-01"}}}
	body, err := json.Marshal(scheduleOf("s", &o))
	if err != nil {
		t.Fatal(err)
	}
	back, found, err := readOpening(store.Resource{Body: body})
	if err != nil || !found || !reflect.DeepEqual(back, o) {
		t.Errorf("%+v %v %v", back, found, err)
	}
	body, _ = json.Marshal(scheduleOf("s", nil))
	if _, found, err := readOpening(store.Resource{Body: body}); found || err != nil {
		t.Errorf("a Schedule of the study's hours: %v %v", found, err)
	}
}

func TestClosedDaysOfferNothing(t *testing.T) {
	site := study.Site{ID: "s", TimeZone: "America/New_York"}
	o := Opening{Minutes: 60, Capacity: 1, Hours: []study.Hours{{Days: []string{"mon", "tue"}, From: "09:00", To: "11:00"}},
		Closed: []Closure{{From: "2026-03-03", To: "2026-03-03"}}}
	starts, err := o.starts(site, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC))
	if err != nil || len(starts) != 2 || starts[0].Format("Mon 15:04") != "Mon 09:00" {
		t.Errorf("%v %v", starts, err)
	}
}

func TestPlaceIDsAreReadBack(t *testing.T) {
	at := time.Date(2026, 3, 2, 14, 30, 0, 0, time.UTC)
	for _, place := range []int{1, 2, 11} {
		site, when, n, ok := placeOf(placeID("harbor.1-clinic", at, place))
		if !ok || site != "harbor.1-clinic" || !when.Equal(at) || n != place {
			t.Errorf("%d: %s %v %d %v", place, site, when, n, ok)
		}
	}
	for _, id := range []string{"", "x", "harbor", "a.b", "0198c0de-0000-7000-8000-000000000000"} {
		if _, _, _, ok := placeOf(id); ok {
			t.Errorf("%q is taken for a place", id)
		}
	}
}

// A booked visit that lies across the new times takes a place of each.
func TestPlacesGoRoundBookedVisits(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 3, 2, h, m, 0, 0, time.UTC) }
	there := []Slot{{ID: "old", Start: at(9, 15), End: at(10, 15)}, {ID: "free", Start: at(9, 15), End: at(10, 15), Free: true}}
	o := Opening{Minutes: 60, Capacity: 2}
	got := o.places("s", []time.Time{at(8, 0), at(9, 0), at(10, 0)}, there)
	want := map[string]time.Time{"s.20260302T0800": at(9, 0), "s.20260302T0800.2": at(9, 0), "s.20260302T0900": at(10, 0), "s.20260302T1000": at(11, 0)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

func TestCheckTellsAllFaults(t *testing.T) {
	err := Opening{Minutes: 5, Capacity: 0, Hours: []study.Hours{{From: "12:00", To: "09:00"}}, Closed: []Closure{{From: "2026-02-30", To: "2026-03-01"}}}.Check()
	if err == nil {
		t.Fatal("a calendar without sense is taken")
	}
	if err := (Opening{Minutes: 45, Capacity: 1}).Check(); err != nil {
		t.Errorf("a center that is closed for now: %v", err)
	}
}
