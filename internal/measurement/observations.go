package measurement

import (
	"context"
	"strconv"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/visit"
)

// ReadingExtension counts the readings of one measure from 1.
const ReadingExtension = "https://tributary.example/fhir/StructureDefinition/reading"

// Take keeps the measurements of a participant who is checked in, and closes
// the visit.
func (s *Service) Take(ctx context.Context, staff access.Actor, appointment string, session Session) error {
	return s.Records.Write(ctx, staff, func(ctx context.Context, tx *records.Tx) error {
		v, err := s.Visits.In(ctx, tx, staff, appointment)
		if err != nil {
			return err
		}
		if v.Status != visit.Arrived {
			return errs.New(errs.Conflict, "measurements are recorded for a participant who is checked in")
		}
		p, err := s.Consent.CurrentIn(ctx, tx.Store(), v.Patient)
		if err != nil {
			return err
		}
		if !p.Research {
			return errs.New(errs.Forbidden, "this person does not take part in the study any more")
		}
		if err := s.observe(ctx, tx, v, session); err != nil {
			return err
		}
		return s.Visits.Fulfil(ctx, tx, v)
	})
}

// observe puts the readings, then the means that refer to them.
func (s *Service) observe(ctx context.Context, tx *records.Tx, v visit.Visit, session Session) error {
	o := observer{protocol: &s.Study.Protocol, session: session, visit: v, at: tx.Now()}
	for _, g := range o.groups() {
		if err := o.put(ctx, tx, g); err != nil {
			return err
		}
	}
	return nil
}

// observer makes the Observations of one session.
type observer struct {
	protocol *study.Protocol
	session  Session
	visit    visit.Visit
	at       time.Time
}

// group is the readings of one measure or panel, and what is computed of them.
type group struct {
	readings []object
	mean     object // nil: one reading, or none
}

func (o observer) groups() []group {
	var groups []group
	paneled := map[string]bool{}
	for _, p := range o.protocol.Panels {
		for _, id := range p.Measures {
			paneled[id] = true
		}
		groups = append(groups, o.panel(p))
	}
	for _, m := range o.protocol.Measures {
		if !paneled[m.ID] {
			groups = append(groups, o.measure(m))
		}
	}
	for _, d := range o.protocol.Derived {
		groups = append(groups, o.derived(d))
	}
	return append(groups, o.pregnancy())
}

func (o observer) put(ctx context.Context, tx *records.Tx, g group) error {
	var from list
	for _, r := range g.readings {
		d, err := records.NewDraft(r, records.Measurement)
		if err != nil {
			return err
		}
		done, err := tx.Put(ctx, d)
		if err != nil {
			return err
		}
		from = append(from, compose.Reference("Observation", done[0].Resource.ID))
	}
	if g.mean == nil {
		return nil
	}
	g.mean["derivedFrom"] = from[1:]
	d, err := records.NewDraft(g.mean, records.Measurement)
	if err != nil {
		return err
	}
	_, err = tx.Put(ctx, d)
	return err
}

// base is what all Observations of the session share (R4 vital signs profile).
func (o observer) base(code, display string) object {
	return object{"resourceType": "Observation", "status": "final", "code": compose.Concept(compose.LOINC, code, display),
		"category":          list{compose.Concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")},
		"subject":           compose.Reference("Patient", o.visit.Patient),
		"performer":         list{compose.Reference("Organization", o.visit.Site)},
		"effectiveDateTime": o.at.UTC().Format(compose.Instant)}
}

// measure is the Observations of one quantity.
func (o observer) measure(m study.Measure) group {
	readings := o.session.Readings[m.ID]
	if len(readings) == 0 {
		return group{readings: []object{o.absent(o.base(m.Code, m.Display), m.ID)}}
	}
	single := func(text string) object {
		obs := o.base(m.Code, m.Display)
		obs["valueQuantity"] = quantity(m, text)
		return obs
	}
	return several(len(readings), func(n int) object { return single(readings[n]) }, func() object { return single(mean(readings)) })
}

// panel is the Observations of measures that are read together.
func (o observer) panel(p study.Panel) group {
	first := o.session.Readings[p.Measures[0]]
	if len(first) == 0 {
		return group{readings: []object{o.absent(o.base(p.Code, p.Display), p.Measures[0])}}
	}
	with := func(value func(readings []string) string) object {
		var components list
		for _, id := range p.Measures {
			m, _ := o.protocol.Measure(id)
			components = append(components, object{"code": compose.Concept(compose.LOINC, m.Code, m.Display), "valueQuantity": quantity(m, value(o.session.Readings[id]))})
		}
		obs := o.base(p.Code, p.Display)
		obs["component"] = components
		return obs
	}
	return several(len(first), func(n int) object { return with(func(r []string) string { return r[n] }) }, func() object { return with(mean) })
}

// several numbers the readings and, where there is more than one, adds their mean.
func several(count int, reading func(n int) object, mean func() object) group {
	var g group
	for n := range count {
		obs := reading(n)
		if count > 1 {
			obs["extension"] = list{object{"url": ReadingExtension, "valueInteger": n + 1}}
		}
		g.readings = append(g.readings, obs)
	}
	if count > 1 {
		g.mean = mean()
		g.mean["method"] = object{"text": "Mean of the readings after the first one"}
	}
	return g
}

// derived computes the body mass index, where height and weight are known.
func (o observer) derived(d study.Derived) group {
	height, weight := o.session.Readings["height"], o.session.Readings["weight"]
	if len(height) == 0 || len(weight) == 0 {
		return group{}
	}
	metres, kilograms := numbers(height)[0]/100, numbers(weight)[0]
	obs := o.base(d.Code, d.Display)
	obs["valueQuantity"] = quantity(study.Measure{Unit: d.Unit}, strconv.FormatFloat(kilograms/(metres*metres), 'f', 1, 64))
	return group{readings: []object{obs}}
}

// pregnancy is LOINC 82810-3, where it was asked.
func (o observer) pregnancy() group {
	answers := map[string]object{"yes": compose.Concept(compose.LOINC, "LA15173-0", "Pregnant"), "no": compose.Concept(compose.LOINC, "LA26683-5", "Not pregnant")}
	answer, asked := answers[o.session.Pregnancy]
	if !asked {
		return group{}
	}
	obs := o.base("82810-3", "Pregnancy status")
	obs["valueCodeableConcept"] = answer
	delete(obs, "category")
	return group{readings: []object{obs}}
}

// absent says why there is no value.
func (o observer) absent(obs object, measure string) object {
	obs["dataAbsentReason"] = compose.Concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", o.session.Deviations[measure], "")
	return obs
}

// quantity keeps the digits as they were written.
func quantity(m study.Measure, text string) object {
	return compose.Quantity(text, m.Unit)
}
