package program

import "fmt"

// Visits is what every visit has in common.
type Visits struct {
	RemindDays []int  `yaml:"remind_days"` // how many days before a visit people are reminded of it
	Expect     []Text `yaml:"expect"`      // what happens, step by step
	Bring      []Text `yaml:"bring"`       // what to bring, and what to wear
}

// furthestReminder bounds how long before a visit somebody may be reminded, in days.
const furthestReminder = 90

func (f *faults) visits(v Visits, languages []string) {
	for _, days := range v.RemindDays {
		f.unless(days >= 1 && days <= furthestReminder, "visits: remind_days are 1 to %d", furthestReminder)
	}
	f.unless(len(v.Expect) > 0, "visits: expect: people want to know what happens")
	for name, texts := range map[string][]Text{"expect": v.Expect, "bring": v.Bring} {
		for i, t := range texts {
			f.text(fmt.Sprintf("visits: %s %d", name, i+1), t, languages)
		}
	}
}
