package search

import (
	"slices"

	"tributary/fhir/tree"
)

// CourseEntry is a resource's place in the course of a Patient's care: one row for each
// Patient in whose compartment it is, if its type has a date of care (CareDate). It
// holds what a list of somebody's records, the newest first, asks for, in one place.
type CourseEntry struct {
	Param   int32 // of the date
	Patient int64 // Key
	// Hi is the end of the last of the dates and Lo the beginning of the first, as
	// searches sort by them; NoHi and NoLo without a date.
	Hi, Lo int64
	Code   int64 // of an Observation: what $lastn tells codes apart by; else 0
}

// NoHi and NoLo stand where there is no date: behind all others in either direction.
const (
	NoHi = MinTime - 1
	NoLo = MaxTime + 1
)

// Course says that a query asks, in the order of the dates of care, for what is in a
// Patient's compartment, so that course rows drive it.
type Course struct {
	Param   int32
	Patient int64
	Newest  int // only so many of each code, the newest; 0: all
}

// careDates are the search parameters that tell when care was given, the one that
// says it best first. What has none of them, such as a Coverage, has no date of care.
var careDates = []string{
	"date", "onset-date", "authoredon", "effective-time", "effective", "whenhandedover", "started", "collected", "occurrence",
	"event-date", "period", "start-date", "onset", "sent", "datewritten", "datetime", "identified", "authored", "recorded", "created",
}

// careDateOf are types whose date of care another parameter tells better: the date of a
// prescription is when a dose is due.
var careDateOf = map[string]string{"MedicationRequest": "authoredon", "Patient": "birthdate", "ServiceRequest": "authored"}

// CareDate is the parameter that tells when the care was given that a resource of the
// type is about; not of a type that has none.
func (r *Registry) CareDate(typ string) (*Param, bool) {
	t, ok := r.typ(typ)
	if !ok {
		return nil, false
	}
	return t.careDate()
}

func (t *typeParams) careDate() (*Param, bool) {
	codes := careDates
	if code, ok := careDateOf[t.name]; ok {
		codes = []string{code}
	}
	for _, code := range codes {
		if p, ok := t.byCode[code]; ok && p.Kind == Date && !p.Custom {
			return p.Rows(), true
		}
	}
	return nil, false
}

// course is what the plan of a type knows of its course rows.
type course struct {
	date   int32   // 0: the type has none
	within int32   // number of the compartment
	by     []int32 // of the references that lead into it
	coded  bool
}

// course of a Patient there is none: it is found by its id.
func (t *typeParams) course() (c course) {
	own, inside := t.byCode[Compartment]
	date, dated := t.careDate()
	if !inside || !dated || t.name == "Patient" {
		return c
	}
	c = course{date: date.Number, within: own.Number, coded: t.name == "Observation"}
	for _, code := range t.compartment {
		c.by = append(c.by, t.byCode[code].Rows().Number)
	}
	return c
}

// courses adds the rows that follow from the others.
func (x *extraction) courses(c course) {
	if c.date == 0 {
		return
	}
	e := CourseEntry{Param: c.date, Hi: NoHi, Lo: NoLo}
	for _, d := range x.Dates {
		if d.Param == c.date {
			e.Hi, e.Lo = max(e.Hi, d.Hi), min(e.Lo, d.Lo)
		}
	}
	for _, r := range x.References {
		if r.Param != c.within {
			continue
		}
		if c.coded && e.Code == 0 {
			e.Code = codesHash(x.root.Get("code"))
		}
		e.Patient = r.Target
		x.Courses = append(x.Courses, e)
	}
}

// codesHash is the same for concepts with the same CodeNames alone.
func codesHash(concept tree.Value) int64 {
	names := CodeNames(concept)
	parts := make([]string, 0, 2*len(names))
	for _, name := range names {
		parts = append(parts, name, "\x00")
	}
	return Hash(parts...)
}

// CodeNames are the codings of a concept, or its text when it has none: two concepts
// are of the same code for $lastn when they have a name in common.
func CodeNames(concept tree.Value) (names []string) {
	for c := range concept.Get("coding").Elements() {
		names = append(names, "c"+c.Get("system").Text()+"|"+c.Get("code").Text())
	}
	if len(names) == 0 {
		names = append(names, "t"+Fold(concept.Get("text").Text()))
	}
	return names
}

// Course tells how course rows answer a query; nil when they do not: it is not about one
// Patient, is in another order, or the index is still being brought up to date.
func (r *Registry) Course(q Query) *Course {
	r = r.now()
	t, ok := r.types[q.Type]
	if !ok || r.unsettled || len(q.Sort) != 1 {
		return nil
	}
	c := t.plan().course
	if c.date == 0 || q.Sort[0].Param.Rows().Number != c.date {
		return nil
	}
	for i := range q.Where {
		if patient, ok := c.about(&q.Where[i]); ok {
			return &Course{Param: c.date, Patient: patient}
		}
	}
	return nil
}

// about is the one Patient in whose compartment all is that meets the clause.
func (c *course) about(w *Clause) (patient int64, ok bool) {
	if !w.plain() || len(w.AnyOf) != 1 || w.Param.Kind != Reference {
		return 0, false
	}
	v, ok := w.AnyOf[0].(ReferenceValue)
	if !ok || len(v.Targets) != 1 {
		return 0, false
	}
	leads := w.Param.Number == c.within || v.Patient && slices.Contains(c.by, w.Param.Number)
	return v.Targets[0], leads
}
