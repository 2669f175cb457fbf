package measurement

import study "tributary/config/program"

// AlertsOf is what the readings give cause to act on: the gravest tier that holds,
// or none. A tier holds when two readings in a row pass one of its limits.
func AlertsOf(p *study.Protocol, s Session) []study.Alert {
	for _, a := range p.Alerts {
		if a.Symptoms && !s.Circumstances["symptoms"] {
			continue
		}
		for _, limit := range a.When {
			if twice(s.Readings[limit.Measure], limit) {
				return []study.Alert{a}
			}
		}
	}
	return nil
}

func twice(readings []string, limit study.Limit) bool {
	for i := 1; i < len(readings); i++ {
		if limit.Passed(number(readings[i-1])) && limit.Passed(number(readings[i])) {
			return true
		}
	}
	return false
}

// MeaningOf is what is told of a quantity, given all the values of its set; found is
// false where nothing is.
func MeaningOf(p *study.Protocol, of string, values map[string]string) (level study.Level, found bool) {
	m, found := p.Meaning(of)
	if !found {
		return level, false
	}
	for _, level := range m.Levels {
		if len(level.When) == 0 || anyPassed(level.When, values) {
			return level, true
		}
	}
	return level, false
}

func anyPassed(limits []study.Limit, values map[string]string) bool {
	for _, l := range limits {
		if text, known := values[l.Measure]; known && l.Passed(number(text)) {
			return true
		}
	}
	return false
}
