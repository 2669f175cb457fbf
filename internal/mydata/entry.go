package mydata

import (
	"slices"
	"strings"

	"tributary/config/program"
	"tributary/fhir/tree"
	"tributary/internal/store"
)

// Entry is a resource in a timeline.
type Entry struct {
	Type, ID string
	Kind     string       // English: what it is, such as Prescription
	Title    string       // as the record says it; "" where it says nothing
	Survey   program.Text // of answers to a survey of the study: its title
	Value    string       // with its unit; as the record says it
	Level    Level        // how a value stands to the usual range
	When     Span
	Added    When // when it came, for what has no time of its own
	Wrong    bool // entered in error
	Source   Source
	size     int // bytes of the resource
}

// Says is what the entry is called in the reader's language: as the record says it, else
// what it is.
func (e Entry) Says(v Voice) string {
	switch {
	case len(e.Survey) > 0:
		return v.In(e.Survey)
	case e.Title != "":
		return e.Title
	}
	return v.T(e.Kind)
}

// titled are the elements that say what a resource is about, the best first.
var titled = strings.Fields(`code medicationCodeableConcept medicationReference vaccineCode procedure serviceType product test
	description title type class serviceRequested relationship topic reasonCode category name insurer`)

// timed are the elements that say when, the one that a timeline is in by first.
var timed = strings.Fields(`effectiveDateTime effectivePeriod effectiveInstant effectiveTiming onsetDateTime onsetPeriod performedDateTime performedPeriod
	occurrenceDateTime occurrencePeriod occurrenceTiming authoredOn whenHandedOver started start date period startDate collectedDateTime collectedPeriod
	dateTime sent identifiedDateTime identifiedPeriod authored recorded recordedDate dateAsserted created createdDateTime issued birthDate dateWritten event`)

// undated are the types without a date of care: a timeline has them by when they came.
var undated = strings.Fields("AppointmentResponse BodyStructure Coverage Device DeviceUseStatement EnrollmentRequest MolecularSequence SupplyDelivery")

// Day is where the entry stands in a timeline: still going on, at a time, or, if
// neither, without one.
func (e Entry) Day() (at When, goesOn bool) {
	if slices.Contains(undated, e.Type) {
		return e.Added, false
	}
	return e.When.Last(), e.When.Open
}

// entryOf reads a resource; the source is still to be told.
func entryOf(r store.Resource) (Entry, tree.Value, error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return Entry{}, root, err
	}
	e := Entry{Type: r.Type, ID: r.ID, Kind: kindOf(r.Type), Added: ReadWhen(root.At("meta", "lastUpdated").Text()), size: len(r.Body)}
	e.Title, e.Value, e.Level = titleOf(root), valueOf(root), levelOf(root)
	e.When = whenOf(root)
	e.Wrong = root.Get("status").Text() == "entered-in-error" || conceptCode(root.Get("verificationStatus")) == "entered-in-error"
	return e, root, nil
}

func titleOf(root tree.Value) string {
	for _, name := range titled {
		for v := range root.Get(name).Elements() {
			if text := plain(v); text != "" {
				return clip(text)
			}
		}
	}
	return ""
}

// longest is how much of a text a timeline shows, in runes.
const longest = 200

func clip(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}

func whenOf(root tree.Value) Span {
	for _, name := range timed {
		if v := root.Get(name); v.Exists() {
			if v.Kind() == tree.Array {
				v = v.Index(0)
			}
			if s := spanOf(v); s.Last().Known() {
				return s
			}
		}
	}
	return Span{}
}

// plain is a text, a concept, a coding, a reference or a quantity as people read it.
func plain(v tree.Value) string {
	switch v.Kind() {
	case tree.String:
		return strings.TrimSpace(v.Text())
	case tree.Object:
	default:
		return ""
	}
	for _, name := range []string{"text", "display"} {
		if t := strings.TrimSpace(v.Get(name).Text()); t != "" {
			return t
		}
	}
	for c := range v.Get("coding").Elements() {
		if t := c.Get("display").Text(); t != "" {
			return t
		}
	}
	if t := v.At("coding").Index(0).Get("code").Text(); t != "" {
		return t
	}
	if v.Get("system").Exists() && !v.Get("value").Exists() {
		return v.Get("code").Text()
	}
	return ""
}

func conceptCode(v tree.Value) string { return v.Get("coding").Index(0).Get("code").Text() }

// valueOf is the result of an Observation, the dose of a prescription, the text of a
// note: what a reader looks for first.
func valueOf(root tree.Value) string {
	if v := valueIn(root); v != "" {
		return v
	}
	var parts []string
	for c := range root.Get("component").Elements() {
		if v := valueIn(c); v != "" {
			parts = append(parts, plain(c.Get("code"))+": "+v)
		}
	}
	if len(parts) > 0 {
		return clip(strings.Join(parts, "; "))
	}
	for _, path := range [][]string{{"dosageInstruction", "text"}, {"dosage", "text"}, {"conclusion"}, {"payload", "contentString"}} {
		for v := range root.Get(path[0]).Elements() {
			if len(path) > 1 {
				v = v.Get(path[1])
			}
			if text := v.Text(); text != "" {
				return clip(text)
			}
		}
	}
	return ""
}

// valueIn is the value[x] of an Observation or of a part of one.
func valueIn(v tree.Value) string {
	for name, value := range v.Members() {
		if strings.HasPrefix(name, "value") {
			return clip(scalar(value))
		}
	}
	if why := v.Get("dataAbsentReason"); why.Exists() {
		return plain(why)
	}
	return ""
}

// scalar is a value of any simple type.
func scalar(v tree.Value) string {
	if v.Kind() != tree.Object {
		return v.Text()
	}
	switch {
	case v.Get("numerator").Exists():
		return scalar(v.Get("numerator")) + " / " + scalar(v.Get("denominator"))
	case v.Get("low").Exists() || v.Get("high").Exists():
		return strings.TrimSpace(scalar(v.Get("low")) + " – " + scalar(v.Get("high")))
	case v.Get("value").Exists():
		return strings.TrimSpace(v.Get("comparator").Text() + v.Get("value").Text() + " " + unitOf(v))
	case v.Get("start").Exists() || v.Get("end").Exists():
		return strings.Trim(v.Get("start").Text()+" – "+v.Get("end").Text(), " –")
	}
	return plain(v)
}

// unitOf is the unit of a quantity as written, without the marks of UCUM.
func unitOf(q tree.Value) string {
	unit := q.Get("unit").Text()
	if unit == "" {
		unit = q.Get("code").Text()
	}
	return Unit(unit)
}

// Unit is a unit as people write it: without annotations, and with the usual signs.
func Unit(code string) string {
	for {
		from := strings.IndexByte(code, '{')
		to := strings.IndexByte(code, '}')
		if from < 0 || to < from {
			break
		}
		code = code[:from] + code[to+1:]
	}
	if code == "1" {
		return ""
	}
	return units.Replace(code)
}

var units = strings.NewReplacer("mm[Hg]", "mmHg", "[degF]", "°F", "Cel", "°C", "[lb_av]", "lb", "[in_i]", "in", "[iU]", "IU", "[IU]", "IU", "[pH]", "pH",
	"kg/m2", "kg/m²", "m2", "m²", "10*3", "10³", "10*6", "10⁶", "10*9", "10⁹", "10*12", "10¹²", "umol", "µmol", "ug", "µg", "uL", "µL")
