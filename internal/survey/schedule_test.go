package survey

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	study "tributary/config/program"
)

func asked(id string, a study.Asked) study.Survey { return study.Survey{ID: id, Asked: a} }

func day(n int) time.Time { return start.AddDate(0, 0, n) }

func TestStandByExample(t *testing.T) {
	yearly := asked("yearly", study.Asked{After: "basics", AfterMonths: 12, RepeatMonths: 12})
	basics := []Done{{What: "basics", At: start}}
	answered := append(basics, Done{What: "yearly", At: start.AddDate(1, 1, 0)})
	for name, c := range map[string]struct {
		survey study.Survey
		done   []Done
		now    time.Time
		state  State
		from   time.Time
	}{
		"at once":                {asked("basics", study.Asked{}), nil, start, Fresh, time.Time{}},
		"once":                   {asked("basics", study.Asked{}), basics, start.AddDate(20, 0, 0), Answered, time.Time{}},
		"after one not answered": {yearly, nil, start.AddDate(5, 0, 0), Waiting, time.Time{}},
		"not yet":                {yearly, basics, start.AddDate(1, 0, -1), Waiting, start.AddDate(1, 0, 0)},
		"from the day on":        {yearly, basics, start.AddDate(1, 0, 0), Fresh, start.AddDate(1, 0, 0)},
		"answered":               {yearly, answered, start.AddDate(2, 0, 0), Answered, start.AddDate(2, 1, 0)},
		"due again":              {yearly, answered, start.AddDate(2, 1, 0), Again, start.AddDate(2, 1, 0)},
	} {
		if s := Stand(c.survey, c.done, c.now); s.State != c.state || !s.From.Equal(c.from) {
			t.Errorf("%s: %s from %v, want %s from %v", name, s.State, s.From, c.state, c.from)
		}
	}
}

// anyPlan is a survey after another one, and what was answered of the two.
func anyPlan(t *rapid.T) (study.Survey, []Done) {
	a := study.Asked{RepeatMonths: rapid.IntRange(0, 24).Draw(t, "repeat")}
	if rapid.Bool().Draw(t, "follows") {
		a.After, a.AfterMonths = "first", rapid.IntRange(0, 24).Draw(t, "months")
	}
	done := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Done {
		return Done{What: rapid.SampledFrom([]string{"first", "this"}).Draw(t, "what"), At: day(rapid.IntRange(0, 1500).Draw(t, "day"))}
	}), 0, 6).Draw(t, "done")
	return asked("this", a), done
}

func TestStandingChangesOnlyByEventsAndWhenItSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, done := anyPlan(t)
		early := rapid.IntRange(0, 3000).Draw(t, "early")
		late := rapid.IntRange(early, 3000).Draw(t, "late")
		then, now := Stand(v, done, day(early)), Stand(v, done, day(late))
		if then.State == now.State && then.From.Equal(now.From) {
			return
		}
		for _, d := range done {
			if d.At.After(day(early)) && !d.At.After(day(late)) {
				return // something was answered between
			}
		}
		if then.From.IsZero() || then.From.Before(day(early)) || then.From.After(day(late)) {
			t.Fatalf("%s from %v on day %d became %s on day %d by itself", then.State, then.From, early, now.State, late)
		}
	})
}

func TestWhatIsAnsweredRests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, done := anyPlan(t)
		at := day(rapid.IntRange(0, 1500).Draw(t, "at"))
		s := Stand(v, append(done, Done{What: "this", At: at}), at)
		if v.RepeatMonths > 0 && s.State != Answered || v.RepeatMonths == 0 && (s.State != Answered || !s.From.IsZero()) {
			t.Fatalf("just answered, it is %s from %v", s.State, s.From)
		}
		if s.State == Answered && v.RepeatMonths > 0 && !s.From.Equal(at.AddDate(0, v.RepeatMonths, 0)) {
			t.Fatalf("due again at %v", s.From)
		}
	})
}
