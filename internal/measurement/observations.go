package measurement

import (
	"context"
	"strconv"
	"time"

	study "tributary/config/program"
	"tributary/fhir/compose"
	"tributary/internal/records"
)

// ReadingExtension counts the readings of one measure from 1.
const ReadingExtension = "https://tributary.example/fhir/StructureDefinition/reading"

type (
	object = compose.Object
	list   = compose.List
)

// observer makes the Observations of one session.
type observer struct {
	protocol *study.Protocol
	session  Session
	patient  string
	site     string
	at       time.Time
	status   string // final, or amended where the set stands in for another
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

// put writes a group and returns the references to its Observations: the readings,
// then the mean, which refers to those that it is the mean of.
func (o observer) put(ctx context.Context, tx *records.Tx, g group) (list, error) {
	var refs list
	for _, r := range g.readings {
		id, err := putOne(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		refs = append(refs, compose.Reference("Observation", id))
	}
	if g.mean == nil {
		return refs, nil
	}
	g.mean["derivedFrom"] = refs[1:]
	id, err := putOne(ctx, tx, g.mean)
	return append(refs[:len(refs):len(refs)], compose.Reference("Observation", id)), err
}

// putOne writes a resource of a set.
func putOne(ctx context.Context, tx *records.Tx, res object) (id string, err error) {
	d, err := records.NewDraft(res, records.Measurement)
	if err != nil {
		return "", err
	}
	done, err := tx.Put(ctx, d)
	if err != nil {
		return "", err
	}
	return done[0].Resource.ID, nil
}

// base is what all Observations of the session share (R4 vital signs profile).
func (o observer) base(code, display string) object {
	return object{"resourceType": "Observation", "status": o.status, "code": compose.Concept(compose.LOINC, code, display),
		"category":          list{compose.Concept("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")},
		"subject":           compose.Reference("Patient", o.patient),
		"performer":         list{compose.Reference("Organization", o.site)},
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
		obs["valueQuantity"] = compose.Quantity(text, m.Unit)
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
			components = append(components, object{"code": compose.Concept(compose.LOINC, m.Code, m.Display),
				"valueQuantity": compose.Quantity(value(o.session.Readings[id]), m.Unit)})
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
	metres, kilograms := number(height[0])/100, number(weight[0])
	obs := o.base(d.Code, d.Display)
	obs["valueQuantity"] = compose.Quantity(strconv.FormatFloat(kilograms/(metres*metres), 'f', 1, 64), d.Unit)
	return group{readings: []object{obs}}
}

// The codes of pregnancy status (LOINC), by what the form says.
const (
	pregnancyCode    = "82810-3"
	pregnancyDisplay = "Pregnancy status"
)

var pregnancies = map[string]object{
	"yes": compose.Concept(compose.LOINC, "LA15173-0", "Pregnant"), "no": compose.Concept(compose.LOINC, "LA26683-5", "Not pregnant"),
}

// pregnancy is there where it was asked.
func (o observer) pregnancy() group {
	answer, asked := pregnancies[o.session.Pregnancy]
	if !asked {
		return group{}
	}
	obs := o.base(pregnancyCode, pregnancyDisplay)
	obs["valueCodeableConcept"] = answer
	delete(obs, "category")
	return group{readings: []object{obs}}
}

// absent says why there is no value.
func (o observer) absent(obs object, measure string) object {
	obs["dataAbsentReason"] = compose.Concept("http://terminology.hl7.org/CodeSystem/data-absent-reason", o.session.Deviations[measure], "")
	return obs
}
