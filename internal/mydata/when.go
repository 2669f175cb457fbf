package mydata

import (
	"strings"
	"time"

	"tributary/fhir/tree"
)

// Precision is how exact a date is.
type Precision int

// The precisions of FHIR's date, dateTime and instant.
const (
	NoDate Precision = iota
	Year
	Month
	Day
	Minute
)

// When is a time as it was given: in the zone that it names, no more exact than it was.
type When struct {
	Time      time.Time
	Precision Precision
}

var layouts = map[int]struct {
	layout    string
	precision Precision
}{4: {"2006", Year}, 7: {"2006-01", Month}, 10: {"2006-01-02", Day}}

// ReadWhen reads a FHIR date, dateTime or instant; what is none is no date.
func ReadWhen(text string) When {
	l, known := layouts[len(text)]
	if !known {
		l.layout, l.precision = time.RFC3339, Minute
	}
	at, err := time.Parse(l.layout, text)
	if err != nil {
		return When{}
	}
	return When{at, l.precision}
}

// Known tells whether there is a date.
func (w When) Known() bool { return w.Precision != NoDate }

// Span is from when to when; To is unknown of a moment, and of what goes on.
type Span struct {
	From, To When
	Open     bool // it has begun and has no end
}

// Last is the time that a timeline places it at.
func (s Span) Last() When {
	if s.To.Known() {
		return s.To
	}
	return s.From
}

// spanOf reads a time, a Period or the times of a Timing.
func spanOf(v tree.Value) Span {
	if v.Kind() == tree.String {
		return Span{From: ReadWhen(v.Text())}
	}
	if bounds := v.At("repeat", "boundsPeriod"); bounds.Exists() {
		v = bounds
	}
	if event := v.Get("event"); event.Exists() {
		return Span{From: ReadWhen(event.Index(0).Text())}
	}
	s := Span{From: ReadWhen(v.Get("start").Text()), To: ReadWhen(v.Get("end").Text())}
	s.Open = s.From.Known() && !s.To.Known()
	if s.From == s.To {
		s.To = When{}
	}
	return s
}

// Say writes a time in the reader's language.
func (w When) Say(v Voice) string {
	switch w.Precision {
	case NoDate:
		return ""
	case Year:
		return w.Time.Format("2006")
	case Month:
		return strings.TrimPrefix(strings.TrimPrefix(v.On(w.Time), "1 de "), "1 ")
	}
	return v.On(w.Time)
}

// Say writes both ends of what lasted longer than a day.
func (s Span) Say(v Voice) string {
	from, to := s.From.Say(v), s.To.Say(v)
	switch {
	case from == "" && to == "":
		return ""
	case s.Open:
		return v.T("since %s", from)
	case from == "":
		return v.T("until %s", to)
	case to == "" || from == to:
		return from
	}
	return v.T("%s to %s", from, to)
}
