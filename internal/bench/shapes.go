package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// shape is one kind of search: its queries differ in values, prefixes and modifiers.
type shape struct {
	name    string // Type.parameter
	queries []string
}

// perShape is how many queries of a shape are drawn.
const perShape = 48

const (
	loinc    = "http://loinc.org"
	category = "http://terminology.hl7.org/CodeSystem/observation-category"
	actCode  = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
)

// drawn is what the values of queries are drawn from: what resources hold.
type drawn map[string][]string

// searchShapes are the 24 kinds of the search mix.
var searchShapes = []struct {
	name  string
	value func(d drawn, r *rand.Rand) string // "=value" or ":modifier=value"
}{
	{"Patient.name", text("family", "given")},
	{"Patient.address", text("city")},
	{"Organization.name", text("organization")},
	{"Patient.birthdate", dated("birthdate")},
	{"Observation.date", dated("observed")},
	{"Encounter.date", dated("met")},
	{"Observation.category", coded("category", category)},
	{"Observation.code", coded("code", loinc)},
	{"Encounter.status", coded("status", "")},
	{"Encounter.class", coded("class", actCode)},
	{"Observation.value-quantity", measured},
	{"Observation.component-value-quantity", measured},
	{"Observation.combo-value-quantity", measured},
	{"Observation.code-value-quantity", pairs("measured")},
	{"Observation.component-code-value-quantity", pairs("component")},
	{"Observation.combo-code-value-quantity", pairs("measured", "component")},
	{"Observation.subject", referring("Observation.subject", "Patient")},
	{"Observation.encounter", referring("Observation.encounter", "Encounter")},
	{"Observation.performer", referring("Observation.performer", "Practitioner")},
	{"Encounter.subject", referring("Encounter.subject", "Patient")},
	{"Encounter.participant", referring("Encounter.participant", "Practitioner")},
	{"MedicationRequest.subject", referring("MedicationRequest.subject", "Patient")},
	{"MedicationRequest.encounter", referring("MedicationRequest.encounter", "Encounter")},
	{"MedicationRequest.requester", referring("MedicationRequest.requester", "Practitioner")},
}

// shapes draws the queries; the same values give the same ones.
func (d drawn) shapes() []shape {
	out := make([]shape, len(searchShapes))
	for i, s := range searchShapes {
		random := rand.New(rand.NewPCG(7, uint64(i)))
		typ, param, _ := strings.Cut(s.name, ".")
		out[i].name = s.name
		for range perShape {
			out[i].queries = append(out[i].queries, "/fhir/R4/"+typ+"?"+param+s.value(d, random)+"&_count=20&_total=none")
		}
	}
	return out
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// of is a value of one of the sets, or one that nothing has where all are empty.
func (d drawn) of(r *rand.Rand, sets ...string) string {
	var all []string
	for _, set := range sets {
		all = append(all, d[set]...)
	}
	if len(all) == 0 {
		return "none"
	}
	return pick(r, all)
}

func text(sets ...string) func(drawn, *rand.Rand) string {
	return func(d drawn, r *rand.Rand) string {
		return pick(r, []string{"", ":contains"}) + "=" + url.QueryEscape(d.of(r, sets...))
	}
}

func dated(set string) func(drawn, *rand.Rand) string {
	return func(d drawn, r *rand.Rand) string {
		return "=" + pick(r, []string{"", "eq", "lt", "gt", "ge", "le", "sa", "eb"}) + d.of(r, set)
	}
}

// coded is one code or up to three, with their system or without.
func coded(set, system string) func(drawn, *rand.Rand) string {
	return func(d drawn, r *rand.Rand) string {
		prefix := ""
		if system != "" && r.IntN(2) == 0 {
			prefix = system + "|"
		}
		codes := make([]string, pick(r, []int{1, 1, 2, 3}))
		for i := range codes {
			codes[i] = prefix + d.of(r, set)
		}
		return "=" + url.QueryEscape(strings.Join(codes, ","))
	}
}

func measured(_ drawn, r *rand.Rand) string {
	return fmt.Sprintf("=%s%v", pick(r, []string{"", "eq", "lt", "gt", "ge", "le"}), pick(r, []float64{2.5, 5, 14, 25, 37.2, 60, 72, 98.6, 120, 140, 185}))
}

func pairs(sets ...string) func(drawn, *rand.Rand) string {
	return func(d drawn, r *rand.Rand) string {
		prefix := pick(r, []string{"", loinc + "|"})
		return "=" + url.QueryEscape(fmt.Sprintf("%s%s$gt%d", prefix, d.of(r, sets...), pick(r, []int{0, 1, 10, 60, 120})))
	}
}

// referring is mostly one reference, at times several or one to nothing.
func referring(set, target string) func(drawn, *rand.Rand) string {
	return func(d drawn, r *rand.Rand) string {
		refs := make([]string, pick(r, []int{1, 1, 1, 1, 1, 1, 1, 2, 3, 0}))
		for i := range refs {
			refs[i] = d.of(r, set)
		}
		if len(refs) == 0 {
			refs = []string{target + "/00000000-dead-4000-8000-000000000000"}
		}
		return "=" + url.QueryEscape(strings.Join(refs, ","))
	}
}

// sampledResource is the elements that values are drawn from.
type sampledResource struct {
	Name                          json.RawMessage
	BirthDate                     string
	Address                       json.RawMessage
	Effective                     string `json:"effectiveDateTime"`
	Period                        struct{ Start string }
	Status                        string
	Class                         json.RawMessage
	Category                      json.RawMessage
	Code                          concept
	Quantity                      struct{ Value *float64 } `json:"valueQuantity"`
	Component                     []struct{ Code concept }
	Subject, Encounter, Requester struct{ Reference string }
	Performer, Participant        json.RawMessage
}

type concept struct {
	Coding []struct{ System, Code string }
}

// sampleTypes are the resources that are looked at, in pages.
var sampleTypes = []string{"Patient", "Organization", "Observation", "Encounter", "MedicationRequest"}

// draw looks at resources of the server.
func draw(ctx context.Context, base, token string) (drawn, error) {
	d := drawn{}
	for _, typ := range sampleTypes {
		raw, err := fetch(ctx, base+"/fhir/R4/"+typ+"?_count=1000", token)
		if err != nil {
			return nil, err
		}
		var page struct {
			Entry []struct{ Resource sampledResource }
		}
		if err := json.Unmarshal(raw, &page); err != nil {
			return nil, err
		}
		for _, e := range page.Entry {
			d.take(typ, e.Resource)
		}
	}
	for set := range d {
		slices.Sort(d[set])
		d[set] = slices.Compact(d[set])
	}
	return d, nil
}

func (d drawn) add(set string, values ...string) {
	for _, v := range values {
		if v != "" {
			d[set] = append(d[set], v)
		}
	}
}

// take adds the values of a resource; an element of another type's shape is passed over.
func (d drawn) take(typ string, r sampledResource) {
	day := func(s string) string { return s[:min(len(s), len("2006-01-02"))] }
	switch typ {
	case "Patient":
		var names []struct {
			Family string
			Given  []string
		}
		var places []struct{ City string }
		if json.Unmarshal(r.Name, &names) == nil && json.Unmarshal(r.Address, &places) == nil {
			for _, n := range names {
				d.add("family", n.Family)
				d.add("given", n.Given...)
			}
			for _, p := range places {
				d.add("city", p.City)
			}
		}
		d.add("birthdate", r.BirthDate)
	case "Organization":
		d.add("organization", strings.Trim(string(r.Name), `"`))
	case "Observation":
		d.takeObservation(r, day(r.Effective))
	case "Encounter":
		var class struct{ Code string }
		var who []struct{ Individual struct{ Reference string } }
		if json.Unmarshal(r.Class, &class) == nil && json.Unmarshal(r.Participant, &who) == nil {
			for _, w := range who {
				d.add("Encounter.participant", w.Individual.Reference)
			}
		}
		d.add("class", class.Code)
		d.add("status", r.Status)
		d.add("met", day(r.Period.Start))
	}
	d.add(typ+".subject", r.Subject.Reference)
	d.add(typ+".encounter", r.Encounter.Reference)
	d.add(typ+".requester", r.Requester.Reference)
}

func (d drawn) takeObservation(r sampledResource, day string) {
	var categories []concept
	var who []struct{ Reference string }
	if json.Unmarshal(r.Category, &categories) == nil {
		for _, c := range categories {
			d.add("category", c.codes()...)
		}
	}
	if json.Unmarshal(r.Performer, &who) == nil {
		for _, w := range who {
			d.add("Observation.performer", w.Reference)
		}
	}
	d.add("observed", day)
	d.add("code", r.Code.codes()...)
	if r.Quantity.Value != nil {
		d.add("measured", r.Code.codes()...)
	}
	for _, c := range r.Component {
		d.add("component", c.Code.codes()...)
	}
}

func (c concept) codes() (codes []string) {
	for _, coding := range c.Coding {
		codes = append(codes, coding.Code)
	}
	return codes
}
