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
	Deviations    map[string]string   // by measure: why it is missing, R4's data-absent-reason
	Circumstances map[string]bool     // pregnant, wheelchair, symptoms
	Pregnancy     string              // yes, no, "" when not asked
}

// Circumstances are what the form asks of the person beside the readings.
var Circumstances = []string{"pregnant", "wheelchair", "symptoms"}

// Deviations are the reasons why a measure may be missing, in the order in which
// they are offered.
var Deviations = []string{"refused", "unable", "device"}

// absentReason is R4's data-absent-reason of each deviation.
var absentReason = map[string]string{"refused": "asked-declined", "unable": "not-performed", "device": "error"}

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
// readings within the plausible range, or a reason why it has none. Faults are in
// the language.
func ReadSession(p *study.Protocol, lang string, values url.Values) (Session, error) {
	r := reader{Session: Session{Readings: map[string][]string{}, Deviations: map[string]string{}, Circumstances: map[string]bool{}}, lang: lang, values: values}
	for _, name := range Circumstances {
		r.Circumstances[name] = values.Get(name) == "yes"
	}
	if given := values.Get("pregnant"); given == "yes" || given == "no" {
		r.Pregnancy = given
	}
	for _, m := range p.Measures {
		r.measure(m)
	}
	for _, panel := range p.Panels {
		r.together(panel)
	}
	return r.Session, r.faults.Err()
}

// reader is a form on its way to a Session.
type reader struct {
	Session
	lang   string
	values url.Values
	faults form.Faults
}

func (r *reader) measure(m study.Measure) {
	title := m.Title.In(r.lang)
	given := make([]string, 0, m.Readings)
	for n := 1; n <= m.Readings; n++ {
		if text := strings.TrimSpace(r.values.Get(FieldOf(m, n))); text != "" {
			r.faults.Unless(plausible(m, text), FieldOf(m, n), r.say(implausible, title, m.Min, m.Max, m.Unit))
			given = append(given, text)
		}
	}
	reason := r.values.Get("deviation." + m.ID)
	switch {
	case r.skips(m):
		r.Deviations[m.ID] = skipped
	case len(given) == m.Readings:
		r.Readings[m.ID] = given
	case len(given) == 0 && absentReason[reason] != "":
		r.Deviations[m.ID] = absentReason[reason]
	case len(given) == 0:
		r.faults.Add(FieldOf(m, 1), r.say(missing, title))
	default:
		r.faults.Add(FieldOf(m, firstGap(m, r.values)), r.say(incomplete, title, m.Readings))
	}
}

// firstGap is the first reading that is empty.
func firstGap(m study.Measure, values url.Values) int {
	for n := 1; n < m.Readings; n++ {
		if strings.TrimSpace(values.Get(FieldOf(m, n))) == "" {
			return n
		}
	}
	return m.Readings
}

// skips reports whether the circumstances leave the measure out.
func (s *Session) skips(m study.Measure) bool {
	return slices.ContainsFunc(m.SkipIf, func(c string) bool { return s.Circumstances[c] })
}

// together: the measures of a panel are read together or not at all.
func (r *reader) together(panel study.Panel) {
	have := 0
	for _, id := range panel.Measures {
		if r.Readings[id] != nil {
			have++
		}
	}
	r.faults.Unless(have == 0 || have == len(panel.Measures) || len(r.faults) > 0, panel.Measures[0]+"_1", r.say(apart))
}

// The faults of the form.
var (
	implausible = study.Text{"en": "%s: write a number from %g to %g %s.", "es": "%s: escriba un número de %g a %g %s."}
	missing     = study.Text{"en": "%s: write what was measured, or choose why it was not.", "es": "%s: escriba lo que se midió, o elija por qué no se midió."}
	incomplete  = study.Text{"en": "%s: all %d readings are needed, or none and a reason.", "es": "%s: hacen falta las %d lecturas, o ninguna y un motivo."}
	apart       = study.Text{"en": "These values are read together: write all of them, or none.", "es": "Estos valores se leen juntos: escríbalos todos, o ninguno."}
)

func (r *reader) say(text study.Text, args ...any) string {
	return fmt.Sprintf(text.In(r.lang), args...)
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
		sum += number(text)
	}
	return strconv.FormatFloat(sum/float64(len(readings)-1), 'f', -1, 64)
}

func number(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64) // checked before it is kept
	return n
}

// AbsentReason is R4's data-absent-reason of a deviation.
func AbsentReason(deviation string) string { return absentReason[deviation] }
