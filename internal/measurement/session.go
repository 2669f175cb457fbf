package measurement

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	study "tributary/config/program"
	"tributary/internal/form"
)

// Session is one set of physical measurements as a form gives it.
type Session struct {
	Readings      map[string][]string // by measure: one value a reading, as written
	Deviations    map[string]string   // by measure: why it is missing
	Circumstances map[string]bool     // pregnant, wheelchair
	Pregnancy     string              // yes, no, "" when not asked
}

// deviations are the reasons why a measure may be missing, with R4's
// data-absent-reason.
var deviations = map[string]string{"refused": "asked-declined", "unable": "not-performed", "device": "error"}

// skipped is the reason when the protocol itself leaves a measure out.
const skipped = "not-applicable"

// FieldOf is the form field of a reading, counted from 1.
func FieldOf(m study.Measure, n int) string {
	if m.Readings == 1 {
		return m.ID
	}
	return fmt.Sprintf("%s_%d", m.ID, n)
}

// ReadSession checks a form against the protocol: each measure has all its
// readings within the plausible range, or a reason why it has none.
func ReadSession(p *study.Protocol, values url.Values) (Session, error) {
	s := Session{Readings: map[string][]string{}, Deviations: map[string]string{}, Circumstances: map[string]bool{}}
	var faults form.Faults
	for _, name := range []string{"pregnant", "wheelchair"} {
		s.Circumstances[name] = values.Get(name) == "yes"
	}
	if given := values.Get("pregnant"); given == "yes" || given == "no" {
		s.Pregnancy = given
	}
	for _, m := range p.Measures {
		s.read(m, values, &faults)
	}
	for _, panel := range p.Panels {
		s.together(panel, &faults)
	}
	return s, faults.Err()
}

func (s *Session) read(m study.Measure, values url.Values, faults *form.Faults) {
	given := make([]string, 0, m.Readings)
	for n := 1; n <= m.Readings; n++ {
		if text := strings.TrimSpace(values.Get(FieldOf(m, n))); text != "" {
			faults.Unless(plausible(m, text), FieldOf(m, n), fmt.Sprintf("%s: write a number from %g to %g %s.", m.Title, m.Min, m.Max, m.Unit))
			given = append(given, text)
		}
	}
	reason := values.Get("deviation." + m.ID)
	switch {
	case s.skips(m):
		s.Deviations[m.ID] = skipped
	case len(given) == m.Readings:
		s.Readings[m.ID] = given
	case len(given) == 0 && deviations[reason] != "":
		s.Deviations[m.ID] = deviations[reason]
	case len(given) == 0:
		faults.Add(FieldOf(m, 1), m.Title+": write what was measured, or choose why it was not.")
	default:
		faults.Add(FieldOf(m, len(given)+1), fmt.Sprintf("%s: all %d readings are needed, or none and a reason.", m.Title, m.Readings))
	}
}

// skips reports whether the circumstances leave the measure out.
func (s *Session) skips(m study.Measure) bool {
	return slices.ContainsFunc(m.SkipIf, func(c string) bool { return s.Circumstances[c] })
}

// together: the measures of a panel are read together or not at all.
func (s *Session) together(panel study.Panel, faults *form.Faults) {
	have := 0
	for _, id := range panel.Measures {
		if s.Readings[id] != nil {
			have++
		}
	}
	faults.Unless(have == 0 || have == len(panel.Measures) || len(*faults) > 0, panel.Measures[0]+"_1", "These values are read together: write all of them, or none.")
}

// decimals as FHIR writes them; the text is kept, so that 6.50 stays 6.50.
var decimalPattern = regexp.MustCompile(`^-?(0|[1-9]\d{0,8})(\.\d{1,8})?$`)

func plausible(m study.Measure, text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	_, fraction, _ := strings.Cut(text, ".")
	return err == nil && decimalPattern.MatchString(text) && n >= m.Min && n <= m.Max && len(fraction) <= m.Decimals
}

// mean is the mean of the readings after the first one: of three, the second
// and the third.
func mean(readings []string) string {
	sum := 0.0
	for _, text := range readings[1:] {
		n, _ := strconv.ParseFloat(text, 64)
		sum += n
	}
	return strconv.FormatFloat(sum/float64(len(readings)-1), 'f', -1, 64)
}

// Alert is a finding that staff must act on while the participant is there.
type Alert struct{ Level, Text string }

// alerts are held against each two consecutive readings; the first that holds counts.
var alerts = []struct {
	level               string
	systolic, diastolic float64
	text                string
}{
	{"immediate", 200, 120, "Blood pressure very high on two readings in a row: see that the participant gets care today."},
	{"expedited", 180, 110, "Blood pressure high on two readings in a row: advise the participant to see a doctor soon."},
}

// Alerts finds what two consecutive blood-pressure readings give cause to.
func (s Session) Alerts() []Alert {
	systolic, diastolic := numbers(s.Readings["systolic"]), numbers(s.Readings["diastolic"])
	for _, a := range alerts {
		if twice(systolic, a.systolic) || twice(diastolic, a.diastolic) {
			return []Alert{{a.level, a.text}}
		}
	}
	return nil
}

func numbers(texts []string) []float64 {
	out := make([]float64, len(texts))
	for i, t := range texts {
		out[i], _ = strconv.ParseFloat(t, 64)
	}
	return out
}

func twice(values []float64, above float64) bool {
	for i := 1; i < len(values); i++ {
		if values[i-1] > above && values[i] > above {
			return true
		}
	}
	return false
}
