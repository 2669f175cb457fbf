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
	Named    program.Text // what the study calls it: a survey of its own, a measurement
	Value    string       // with its unit; as the record says it
	Level    Level        // how a value stands to the usual range
	When     Span
	placed   Span // the part of When that a timeline is in by
	Added    When // when it came, for what has no time of its own
	Wrong    bool // entered in error
	Source   Source
	size     int    // bytes of the resource
	medicine string // reference to the medicine whose name the record does not say
}

// Says is what the entry is called in the reader's language: as the record says it, else
// what it is.
func (e Entry) Says(v Voice) string {
	switch {
	case len(e.Named) > 0:
		return v.In(e.Named)
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
	dateTime sent identifiedDateTime identifiedPeriod authored recorded recordedDate dateAsserted created createdDateTime issued birthDate dateWritten event servicePeriod`)

// undated are the types without a date of care: a timeline has them by when they came.
var undated = strings.Fields("AppointmentResponse BodyStructure Coverage Device DeviceUseStatement EnrollmentRequest MolecularSequence SupplyDelivery")

// Day is where the entry stands in a timeline: still going on, at a time, or, if
// neither, without one.
func (e Entry) Day() (at When, goesOn bool) {
	if slices.Contains(undated, e.Type) {
		return e.Added, false
	}
	return e.placed.Last(), e.placed.Open
}

// entryOf reads a resource; the source is still to be told.
func entryOf(r store.Resource) (Entry, tree.Value, error) {
	root, err := tree.Parse(r.Body)
	if err != nil {
		return Entry{}, root, err
	}
	e := Entry{Type: r.Type, ID: r.ID, Kind: kindOf(r.Type), Added: ReadWhen(root.At("meta", "lastUpdated").Text()), size: len(r.Body)}
	e.Title, e.Value, e.Level = titleOf(root), valueOf(root), levelOf(root)
	if e.Title == "" {
		e.medicine = root.At("medicationReference", "reference").Text()
	}
	e.When = whenOf(root, timed)
	e.placed = e.When
	if elements, ok := placedBy[r.Type]; ok {
		e.placed = whenOf(root, elements)
	}
	e.Wrong = root.Get("status").Text() == "entered-in-error" || conceptCode(root.Get("verificationStatus")) == "entered-in-error"
	return e, root, nil
}

func titleOf(root tree.Value) string {
	for _, name := range titled {
		for v := range root.Get(name).Elements() {
			if text := plain(v); text != "" {
				return clip(text)
			}
			if text := medicineName(contained(root, v.Get("reference").Text())); text != "" {
				return text
			}
		}
	}
	return ""
}

// contained is the resource within another one that a reference leads to.
func contained(root tree.Value, reference string) (found tree.Value) {
	id, local := strings.CutPrefix(reference, "#")
	if !local || id == "" {
		return found
	}
	for c := range root.Get("contained").Elements() {
		if c.Get("id").Text() == id {
			return c
		}
	}
	return found
}

// longest is how much of a text a timeline shows, in runes.
const longest = 200

func clip(text string) string {
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest-1]) + "…"
	}
	return text
}

// placedBy are the elements behind the date that the index has (package records), for
// types that may have others.
var placedBy = map[string][]string{
	"AllergyIntolerance": {"recordedDate"}, "Appointment": {"start"}, "Condition": {"onsetDateTime", "onsetPeriod", "recordedDate"}, "MedicationRequest": {"authoredOn"}, "MedicationStatement": {"effectiveDateTime", "effectivePeriod"},
	"DiagnosticReport": {"effectiveDateTime", "effectivePeriod"}, "Observation": {"effectiveDateTime", "effectivePeriod", "effectiveInstant", "effectiveTiming"}, "ServiceRequest": {"authoredOn"},
}

func whenOf(root tree.Value, elements []string) Span {
	for _, name := range elements {
		v := root.Get(name)
		if !v.Exists() {
			v = root.At("collection", name) // of a sample
		}
		if v.Exists() {
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
