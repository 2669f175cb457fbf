package conformance

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"testing"

	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

const (
	loinc    = "http://loinc.org"
	category = "http://terminology.hl7.org/CodeSystem/observation-category"
	actCode  = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
)

// clinic is what the searches below are asked of.
var clinic = []string{
	`{"resourceType":"Patient","id":"ann","birthDate":"1980-05-01","name":[{"family":"Núñez","given":["Zoë","Ann"],"prefix":["Dr."]}],"address":[{"line":["1 Ångström Way"],"city":"Zürich"}]}`,
	`{"resourceType":"Patient","id":"bo","birthDate":"1980","name":[{"family":"Nunn","given":["Bo"]}],"address":[{"city":"Worcester","state":"MA"}]}`,
	`{"resourceType":"Patient","id":"cy","birthDate":"1981-01-01","name":[{"text":"Cy de Nun"}]}`,
	`{"resourceType":"Organization","id":"elise","name":"Hôpital Sainte-Élise"}`,
	`{"resourceType":"Practitioner","id":"doc"}`,
	`{"resourceType":"Encounter","id":"visit","status":"finished","class":{"system":"` + actCode + `","code":"AMB"},"subject":{"reference":"Patient/ann"},
		"participant":[{"individual":{"reference":"Practitioner/doc"}}],"period":{"start":"2020-03-01T10:00:00Z","end":"2020-03-01T11:00:00Z"}}`,
	`{"resourceType":"Encounter","id":"stay","status":"in-progress","class":{"system":"` + actCode + `","code":"IMP"},"subject":{"reference":"Patient/bo"},"period":{"start":"2020-12-31"}}`,
	pulse("p80", "ann", "2020-03-01T10:30:00Z", `"value":80,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"`),
	pulse("p79.5", "bo", "2020-03", `"value":79.5,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"`),
	pulse("p80.5", "bo", "2020", `"value":80.5,"unit":"beats/minute","system":"http://unitsofmeasure.org","code":"/min"`),
	pulse("p80kg", "bo", "2021-01-01", `"value":80,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"`),
	`{"resourceType":"Observation","id":"bp","status":"amended","code":{"coding":[{"system":"` + loinc + `","code":"85354-9"}]},"subject":{"reference":"Patient/ann"},"component":[
		{"code":{"coding":[{"system":"` + loinc + `","code":"8480-6"}]},"valueQuantity":{"value":140,"unit":"mmHg"}},
		{"code":{"coding":[{"system":"` + loinc + `","code":"8462-4"}]},"valueQuantity":{"value":90,"unit":"mmHg"}}]}`,
	`{"resourceType":"Observation","id":"bare","status":"final","code":{"coding":[{"code":"8867-4"}]},"subject":{"reference":"Patient/cy"}}`,
	`{"resourceType":"MedicationRequest","id":"pills","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/ann"},
		"encounter":{"reference":"Encounter/visit"},"requester":{"reference":"Practitioner/doc"}}`,
	`{"resourceType":"MedicationRequest","id":"drops","status":"active","intent":"order","medicationCodeableConcept":{"text":"x"},"subject":{"reference":"Patient/bo"}}`,
}

func pulse(id, patient, at, quantity string) string {
	return `{"resourceType":"Observation","id":"` + id + `","status":"final","category":[{"coding":[{"system":"` + category + `","code":"vital-signs"}]}],
		"code":{"coding":[{"system":"` + loinc + `","code":"8867-4"}]},"subject":{"reference":"Patient/` + patient + `"},"encounter":{"reference":"Encounter/` + map[string]string{"ann": "visit", "bo": "stay"}[patient] + `"},
		"performer":[{"reference":"Practitioner/doc"}],"effectiveDateTime":"` + at + `","valueQuantity":{` + quantity + `}}`
}

// shapes are the searches of the load tests, one for each parameter, each with a value
// that nothing has; and those that servers are known to answer wrongly.
var shapes = []struct{ name, search, want string }{
	{"Patient.name", "Patient?name=nun", "ann bo"},
	{"Patient.name of any part", "Patient?name=zoe,dr.,cy", "ann cy"},
	{"Patient.name from the beginning only", "Patient?name=unn", ""},
	{"Patient.name contains", "Patient?name:contains=NUN", "ann bo cy"},
	{"Patient.address", "Patient?address=zur,worc", "ann bo"},
	{"Patient.address of any part", "Patient?address=1 angstrom,MA", "ann bo"},
	{"Patient.address contains", "Patient?address:contains=RICH", "ann"},
	{"Organization.name", "Organization?name=hopital sainte-elise", "elise"},
	{"accents in what is asked", "Organization?name=HÖPITAL", "elise"},
	{"accents exactly", "Patient?family:exact=Nunez", ""},
	{"Patient.birthdate", "Patient?birthdate=1980-05-01", "ann"},
	{"a year finds its days", "Patient?birthdate=1980", "ann bo"},
	{"a year is no day of it", "Patient?birthdate=1980-07-01", ""},
	{"a year after", "Patient?birthdate=sa1980", "cy"},
	{"a year up to", "Patient?birthdate=le1980", "ann bo"},
	{"a year from", "Patient?birthdate=ge1980", "ann bo cy"},
	{"before a year", "Patient?birthdate=lt2070", "ann bo cy"},
	{"Observation.date", "Observation?date=2020-03-01", "p80"},
	{"Observation.date of a month", "Observation?date=2020-03", "p79.5 p80"},
	{"Observation.date ends before", "Observation?date=eb2020-03-02", "p80"},
	{"Encounter.date", "Encounter?date=2020", "visit"},
	{"Encounter.date without an end", "Encounter?date=gt2070-01-01", "stay"},
	{"Observation.category", "Observation?category=vital-signs", "p79.5 p80 p80.5 p80kg"},
	{"Observation.category with its system", "Observation?category=" + category + "|vital-signs", "p79.5 p80 p80.5 p80kg"},
	{"Observation.code", "Observation?code=8867-4", "bare p79.5 p80 p80.5 p80kg"},
	{"Observation.code with its system", "Observation?code=" + loinc + "|8867-4", "p79.5 p80 p80.5 p80kg"},
	{"a code without a system", "Observation?code=|8867-4", "bare"},
	{"Encounter.status", "Encounter?status=finished", "visit"},
	{"a status with its implicit system", "Encounter?status=http://hl7.org/fhir/encounter-status|finished", "visit"},
	{"a status with another system", "Encounter?status=" + loinc + "|finished", ""},
	{"a status of its implicit system", "Encounter?status=http://hl7.org/fhir/encounter-status|", "stay visit"},
	{"Encounter.class", "Encounter?class=AMB,VR", "visit"},
	{"Encounter.class with its system", "Encounter?class=" + actCode + "|IMP", "stay"},
	{"Observation.value-quantity", "Observation?value-quantity=gt60", "p79.5 p80 p80.5 p80kg"},
	{"80 is from 79.5 to 80.5", "Observation?value-quantity=80", "p79.5 p80 p80kg"},
	{"80.0 is more exact", "Observation?value-quantity=80.0", "p80 p80kg"},
	{"80.5", "Observation?value-quantity=80.5", "p80.5"},
	{"gt is exact", "Observation?value-quantity=gt80", "p80.5"},
	{"the unit of a quantity", "Observation?value-quantity=80|http://unitsofmeasure.org|kg", "p80kg"},
	{"the code of a quantity", "Observation?value-quantity=80||/min", "p79.5 p80"},
	{"the unit as words", "Observation?value-quantity=80||beats/minute", "p79.5 p80"},
	{"Observation.component-value-quantity", "Observation?component-value-quantity=gt60", "bp"},
	{"component-value-quantity is of components", "Observation?component-value-quantity=80", ""},
	{"Observation.combo-value-quantity", "Observation?combo-value-quantity=gt80", "bp p80.5"},
	{"Observation.code-value-quantity", "Observation?code-value-quantity=8867-4$gt80", "p80.5"},
	{"code-value-quantity with a system", "Observation?code-value-quantity=" + loinc + "|8867-4$lt80", "p79.5"},
	{"Observation.component-code-value-quantity", "Observation?component-code-value-quantity=8480-6$gt100", "bp"},
	{"a composite is of one component", "Observation?component-code-value-quantity=8462-4$gt100", ""},
	{"Observation.combo-code-value-quantity", "Observation?combo-code-value-quantity=" + loinc + "|8480-6$140,8867-4$gt80", "bp p80.5"},
	{"a combo is of one component", "Observation?combo-code-value-quantity=8462-4$140", ""},
	{"Observation.subject", "Observation?subject=Patient/ann", "bp p80"},
	{"Observation.encounter", "Observation?encounter=Encounter/visit", "p80"},
	{"Observation.performer", "Observation?performer=Practitioner/doc", "p79.5 p80 p80.5 p80kg"},
	{"Encounter.subject", "Encounter?subject=Patient/bo", "stay"},
	{"Encounter.participant", "Encounter?participant=Practitioner/doc", "visit"},
	{"MedicationRequest.subject", "MedicationRequest?subject=Patient/ann,Patient/bo", "drops pills"},
	{"MedicationRequest.encounter", "MedicationRequest?encounter=Encounter/visit", "pills"},
	{"MedicationRequest.requester", "MedicationRequest?requester=Practitioner/doc", "pills"},
}

// unmatched are values that nothing has, by what a parameter is.
var unmatched = map[string]string{
	"name": "NON-EXISTS", "address": "NON-EXISTS", "family": "NON-EXISTS", "birthdate": "gt2070-01-01", "category": "no-such-code", "code": "no-such-code", "status": "no-such-code", "class": "no-such-code",
	"value-quantity": "gt999999999", "component-value-quantity": "gt999999999", "combo-value-quantity": "gt999999999",
	"code-value-quantity": "no-such-code$gt1", "component-code-value-quantity": "no-such-code$gt1", "combo-code-value-quantity": "no-such-code$gt1",
	"subject": "Patient/00000000-dead-4000-8000-000000000000", "encounter": "Encounter/00000000-dead-4000-8000-000000000000",
	"performer": "Practitioner/00000000-dead-4000-8000-000000000000", "participant": "Practitioner/00000000-dead-4000-8000-000000000000", "requester": "Practitioner/00000000-dead-4000-8000-000000000000",
}

// The searches that load tests and other servers are measured by are answered rightly.
func TestShapesOfSearches(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		for _, src := range clinic {
			b := parsed(t, []byte(src))
			s.call(t, "PUT /"+member(b, "resourceType")+"/"+member(b, "id"), src).is(t, 201)
		}
		for _, shape := range shapes {
			t.Run(shape.name, func(t *testing.T) {
				if got := s.shaped(t, shape.search); got != shape.want {
					t.Errorf("%s: %q, want %q", shape.search, got, shape.want)
				}
				before, _, _ := strings.Cut(shape.search, "=")
				_, param, _ := strings.Cut(before, "?")
				name, _, _ := strings.Cut(param, ":")
				if got := s.shaped(t, before+"="+cmp.Or(unmatched[name], "eq1801")); got != "" {
					t.Errorf("%s finds %q of what nothing has", before, got)
				}
			})
		}
	})
}

// shaped are the ids that a search finds, sorted, twenty a page and uncounted.
func (s *site) shaped(t *testing.T, query string) string {
	path, value, _ := strings.Cut(query, "=")
	got := s.call(t, "GET /"+path+"="+url.QueryEscape(value)+"&_count=20&_total=none", "").is(t, 200).bundle(t)
	if got.Type != "searchset" || got.Total != nil {
		t.Errorf("%s: a %s, total %v", query, got.Type, got.Total)
	}
	ids := got.ids(t)
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
