package home

import (
	"testing"
	"time"

	study "tributary/config/program"
	"tributary/internal/portal/web/webtest"
	"tributary/internal/program"
)

func TestTheRoomIsWholeInBothLanguages(t *testing.T) {
	webtest.Complete(t, New(Config{}).Room(), []string{"Your study"})
}

func TestTheWayShowsWhatIsAheadAndOptionalStonesOnceReached(t *testing.T) {
	s, err := study.Default()
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	names := func(stones []stone) (names []string) {
		for _, one := range stones {
			names = append(names, one.Name)
		}
		return names
	}
	before := way(&s.Eligibility, []program.Milestone{{Name: program.IsParticipant, At: at}})
	if !before[0].At.Equal(at) || !before[1].At.IsZero() || len(before) != len(s.Eligibility.Milestones)-1 {
		t.Errorf("the way is %v", names(before))
	}
	after := way(&s.Eligibility, []program.Milestone{{Name: program.WasSampled, At: at}})
	if len(after) != len(s.Eligibility.Milestones) {
		t.Errorf("a sample that was given is not on the way: %v", names(after))
	}
}

func TestTheFirstOpenTaskIsNext(t *testing.T) {
	var d page
	d.list([]program.Task{{ID: "a", State: program.Ready}, {ID: "b", State: program.Closed}, {ID: "c", State: program.Open}, {ID: "d", State: program.Open}})
	if d.Done != 1 || d.Next == nil || d.Next.ID != "c" {
		t.Errorf("%d done, next is %v", d.Done, d.Next)
	}
}
