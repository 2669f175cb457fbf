package path

import (
	"fmt"
	"strings"
	"time"
)

// temporalKind is the System type of a temporal.
type temporalKind uint8

const (
	kindDate temporalKind = iota
	kindDateTime
	kindTime
)

// precision counts the known fields.
type precision uint8

const (
	toYear precision = iota + 1
	toMonth
	toDay
	toHour
	toMinute
	toSecond
)

// temporal is a Date, DateTime or Time of partial precision. Seconds and
// milliseconds are one field (FHIRPath, section 6.1.1).
type temporal struct {
	kind     temporalKind
	prec     precision
	zoned    bool
	zone     int // minutes east of UTC
	fraction int // digits after the seconds
	fields   [6]int
	nanos    int
}

// widths are the digits of the fields, separators what stands before each.
var (
	widths     = [6]int{4, 2, 2, 2, 2, 2}
	separators = [6]string{"", "-", "-", "T", ":", ":"}
	least      = [6]int{1, 1, 1, 0, 0, 0}
	most       = [6]int{9999, 12, 31, 23, 59, 60}
)

// parseTemporal reads the text of a FHIR date, dateTime, instant or time, or
// of a literal without its @ and T.
func parseTemporal(kind temporalKind, s string) (temporal, bool) {
	t := temporal{kind: kind, fields: [6]int{1, 1, 1}}
	first, last := 0, 5
	switch kind {
	case kindTime:
		first, t.fields[0] = 3, 1
	case kindDate:
		last = 2
	}
	var ok bool
	for i := first; i <= last; i++ {
		if i > first {
			rest, found := strings.CutPrefix(s, separators[i])
			if !found {
				break
			}
			s = rest
		}
		if t.fields[i], s, ok = number(s, widths[i]); !ok || t.fields[i] < least[i] || t.fields[i] > most[i] {
			return t, false
		}
		t.prec = precision(i + 1)
	}
	if t.prec == toSecond {
		s, ok = t.readFraction(s)
	}
	if ok && kind == kindDateTime && t.prec >= toHour {
		s, ok = t.readZone(s)
	}
	return t, ok && s == "" && t.fields[2] <= daysIn(t.fields[0], t.fields[1])
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

func number(s string, width int) (n int, rest string, ok bool) {
	if len(s) < width {
		return 0, s, false
	}
	for i := range width {
		if !digit(s[i]) {
			return 0, s, false
		}
		n = 10*n + int(s[i]-'0')
	}
	return n, s[width:], true
}

func (t *temporal) readFraction(s string) (string, bool) {
	if !strings.HasPrefix(s, ".") {
		return s, true
	}
	s = s[1:]
	unit := int(time.Second)
	for s != "" && digit(s[0]) {
		unit /= 10
		t.nanos += unit * int(s[0]-'0')
		t.fraction++
		s = s[1:]
	}
	return s, t.fraction > 0
}

func (t *temporal) readZone(s string) (string, bool) {
	if s == "" {
		return s, true
	}
	t.zoned = true
	if s[0] == 'Z' {
		return s[1:], true
	}
	sign := map[byte]int{'+': 1, '-': -1}[s[0]]
	hours, rest, ok := number(s[1:], 2)
	if !ok || sign == 0 || !strings.HasPrefix(rest, ":") {
		return s, false
	}
	minutes, rest, ok := number(rest[1:], 2)
	t.zone = sign * (60*hours + minutes)
	return rest, ok && hours <= 14 && minutes < 60
}

// String gives FHIR's text.
func (t temporal) String() string {
	var b strings.Builder
	first := 0
	if t.kind == kindTime {
		first = 3
	}
	for i := first; i < int(t.prec); i++ {
		if i > first {
			b.WriteString(separators[i])
		}
		fmt.Fprintf(&b, "%0*d", widths[i], t.fields[i])
	}
	if t.fraction > 0 {
		digits := fmt.Sprintf("%09d", t.nanos) + strings.Repeat("0", max(0, t.fraction-9))
		b.WriteString("." + digits[:t.fraction])
	}
	b.WriteString(t.zoneText())
	return b.String()
}

func (t temporal) zoneText() string {
	switch {
	case !t.zoned:
		return ""
	case t.zone == 0:
		return "Z"
	case t.zone < 0:
		return fmt.Sprintf("-%02d:%02d", -t.zone/60, -t.zone%60)
	}
	return fmt.Sprintf("+%02d:%02d", t.zone/60, t.zone%60)
}

// moment places the temporal on the time line, unknown fields at their start.
func (t temporal) moment() time.Time {
	f := t.fields
	return time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4]-t.zone, f[5], t.nanos, time.UTC)
}

// at is the temporal of the same kind, precision and zone for a moment; false
// outside the years 1 to 9999.
func (t temporal) at(m time.Time) (temporal, bool) {
	m = m.Add(time.Duration(t.zone) * time.Minute)
	if t.kind != kindTime && (m.Year() < 1 || m.Year() > 9999) {
		return t, false
	}
	t.fields = [6]int{m.Year(), int(m.Month()), m.Day(), m.Hour(), m.Minute(), m.Second()}
	if t.kind == kindTime {
		copy(t.fields[:], []int{1, 1, 1})
	}
	t.nanos = m.Nanosecond()
	if t.nanos != 0 && t.prec == toSecond {
		t.fraction = max(t.fraction, 3)
	}
	return t, true
}

// compare orders two temporals; known is false where their precisions leave
// it open, comparable is false for a Time beside a Date or DateTime.
func (t temporal) compare(u temporal) (order int, known, comparable bool) {
	if (t.kind == kindTime) != (u.kind == kindTime) {
		return 0, false, false
	}
	bothClock := t.prec >= toHour && u.prec >= toHour
	if t.zoned != u.zoned && bothClock && t.kind != kindTime {
		return 0, false, true
	}
	if t.zoned && u.zoned {
		t, u = t.utc(), u.utc()
	}
	for i := range min(t.prec, u.prec) {
		if d := t.fields[i] - u.fields[i]; d != 0 {
			return sign(d), true, true
		}
	}
	if t.prec != u.prec {
		return 0, false, true
	}
	return sign(t.nanos - u.nanos), true, true
}

func sign(n int) int { return min(1, max(-1, n)) }

func (t temporal) utc() temporal {
	m := t.moment()
	t.zone = 0
	t, _ = t.at(m)
	return t
}

// like is equivalence: an unknown order is no equivalence.
func (t temporal) like(u temporal) bool {
	order, known, comparable := t.compare(u)
	return comparable && known && order == 0
}
