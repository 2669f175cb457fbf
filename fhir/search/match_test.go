package search_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"tributary/fhir/search"
	"tributary/fhir/search/searchtest"
	"tributary/fhir/tree"
)

const ownBase = "https://tributary.example/fhir/R4"

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var options = search.Options{DefaultCount: 20, MaxCount: 100, Base: ownBase, Now: now, FullText: true, Subsumed: animals}

// animals is a hierarchy of three codes: cat and dog are pets.
func animals(system, code string, below bool) ([]search.Code, bool) {
	pet, cat, dog := search.Code{System: "urn:a", Code: "pet"}, search.Code{System: "urn:a", Code: "cat"}, search.Code{System: "urn:a", Code: "dog"}
	switch {
	case system != "urn:a":
		return nil, false
	case code == "pet" && below:
		return []search.Code{pet, cat, dog}, true
	case code == "cat" && !below:
		return []search.Code{cat, pet}, true
	}
	return []search.Code{{System: system, Code: code}}, true
}

// doc indexes a resource given as JSON.
func doc(t testing.TB, body string) searchtest.Doc {
	t.Helper()
	root, err := tree.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	typ, id := root.Get("resourceType").Text(), root.Get("id").Text()
	entries, err := search.Base().Extract(typ, id, root, ownBase)
	if err != nil {
		t.Fatal(err)
	}
	return searchtest.Doc{Type: typ, ID: id, Updated: now, Entries: entries, Text: search.Base().FullText(typ, root)}
}

// pairs takes a raw query string apart, in order.
func pairs(t testing.TB, query string) []search.Pair {
	t.Helper()
	var all []search.Pair
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		n, err1 := url.QueryUnescape(name)
		v, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		all = append(all, search.Pair{Name: n, Value: v})
	}
	return all
}

func parse(t testing.TB, typ, query string) search.Query {
	t.Helper()
	parsed, err := search.Base().ParseQuery(typ, pairs(t, query), options)
	if err != nil {
		t.Fatalf("%s?%s: %v", typ, query, err)
	}
	return parsed.Query
}

// matching says which queries find a resource and which do not, one a line.
type matching struct{ name, body, yes, no string }

func TestMatch(t *testing.T) {
	for _, group := range [][]matching{tokenCases, referenceCases, stringCases, dateCases, numberCases, compositeCases, textCases, placeCases, filterCases} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				d := doc(t, c.body)
				check(t, d, c.yes, true)
				check(t, d, c.no, false)
			})
		}
	}
}

func check(t *testing.T, d searchtest.Doc, queries string, want bool) {
	t.Helper()
	for query := range strings.FieldsSeq(queries) {
		q := parse(t, d.Type, query)
		if got := (searchtest.Set{d}).Match(q, d); got != want {
			t.Errorf("%s?%s: %v", d.Type, query, got)
		}
		alone := search.Alone{ID: d.ID, Updated: d.Updated, Entries: &d.Entries}
		if search.HoldsAlone(q.Where) && alone.Meets(q.Where) != want {
			t.Errorf("%s?%s, held against the resource alone: %v", d.Type, query, !want)
		}
	}
}

var tokenCases = []matching{
	{"CodeableConcept", `{"resourceType":"Observation","id":"1","code":{"coding":[{"system":"http://loinc.org","code":"85354-9"},{"code":"bp"}],"text":"panel"}}`,
		`code=85354-9 code=http://loinc.org|85354-9 code=http://loinc.org| code=bp code=|bp code=x,bp code:not=x
		 code:missing=false category:missing=true combo-code=bp category:not=x`,
		`code=85354 code=http://snomed.info/sct|85354-9 code=|85354-9 code=http://snomed.info/sct| code=panel code:not=bp
		 code=http://loinc.org|bp code:missing=true category:missing=false code=BP`},
	{"code", `{"resourceType":"Observation","id":"1","status":"final","code":{"text":"x"}}`,
		`status=final status=http://hl7.org/fhir/observation-status|final status=http://hl7.org/fhir/observation-status|
		 status=|final status=amended,final status:missing=false status:not=amended`,
		`status=amended status=http://loinc.org|final status=http://loinc.org| status:missing=true
		 status:not=http://hl7.org/fhir/observation-status|`},
	{"code of a value set elsewhere", `{"resourceType":"Composition","id":"1","confidentiality":"N"}`,
		`confidentiality=N confidentiality=http://terminology.hl7.org/CodeSystem/v3-Confidentiality|N confidentiality:not=urn:other|N`, `confidentiality=urn:other|N`},
	{"boolean", `{"resourceType":"Patient","id":"1","active":true,"deceasedDateTime":"2020-02"}`,
		`active=true deceased=true active=http://terminology.hl7.org/CodeSystem/special-values|true`,
		`active=false deceased=false active=x|true`},
	{"deceased", `{"resourceType":"Patient","id":"1","deceasedBoolean":false}`, `deceased=false`, `deceased=true`},
	{"Identifier", `{"resourceType":"Patient","id":"1","identifier":[{"system":"urn:mrn","value":"12|3"},{"value":"bare"},{"system":"urn:only"}]}`,
		`identifier=urn:mrn|12\|3 identifier=12\|3 identifier=urn:mrn| identifier=|bare identifier=bare identifier=urn:only|`,
		`identifier=12 identifier=urn:other|12\|3 identifier=|12\|3 identifier=urn:mrn|bare`},
	{"of-type", `{"resourceType":"Patient","id":"1","identifier":[{"type":{"coding":[{"system":"urn:t","code":"MR"}]},"value":"7"}]}`,
		`identifier:of-type=urn:t|MR|7 identifier=7`, `identifier:of-type=urn:t|MR|8 identifier:of-type=urn:t|SS|7 identifier:of-type=|MR|7`},
	{"ContactPoint", `{"resourceType":"Patient","id":"1","telecom":[{"system":"email","value":"Ann@Example.org"},{"system":"phone","value":"+1 555"}]}`,
		`telecom=ann@example.org email=ANN@example.org phone=%2B1+555 telecom=email|Ann@Example.org`,
		`phone=ann@example.org email=%2B1+555 telecom=phone|Ann@Example.org`},
	{"Coding and meta", `{"resourceType":"Encounter","id":"1","meta":{"tag":[{"system":"urn:t","code":"a,b"}],"profile":["http://x/p|1.0"],"source":"http://s"},"class":{"system":"http://c","code":"AMB"}}`,
		`class=AMB class=http://c|AMB _tag=urn:t|a\,b _profile=http://x/p _profile=http://x/p|1.0 _source=http://s _id=1 _id=2,1 _lastUpdated=2026-01-01`,
		`class=IMP _tag=a _tag=a,b _profile=http://x/p|2.0 _profile=http://x _id=2 _lastUpdated=lt2026`},
}

var referenceCases = []matching{
	{"relative", `{"resourceType":"Observation","id":"1","subject":{"reference":"Patient/p1/_history/2"},"encounter":{"reference":"https://tributary.example/fhir/R4/Encounter/e1"},"performer":[{"reference":"http://other.example/fhir/Practitioner/d1"},{"reference":"#c"},{"display":"x"}]}`,
		`subject=Patient/p1 subject=p1 patient=p1 patient=Patient/p1 subject:Patient=p1 patient=x,p1 encounter=e1
		 encounter=https://tributary.example/fhir/R4/Encounter/e1 subject=https://tributary.example/fhir/R4/Patient/p1
		 performer=http://other.example/fhir/Practitioner/d1 subject:missing=false device:missing=true subject=Patient/p1/_history/2
		 subject=https://tributary.example/fhir/R4/Patient/p1/_history/2`,
		`subject=Group/p1 subject=p2 subject:Group=p1 patient=p2 encounter=e2 performer=d1 performer=Practitioner/d1
		 patient=Group/p1 subject:missing=true subject:Patient=Group/p1 subject=Patient/p1/_history/3`},
	{"identifier", `{"resourceType":"Observation","id":"1","subject":{"identifier":{"system":"urn:mrn","value":"7"}}}`,
		`subject:identifier=urn:mrn|7 subject:identifier=7`, `subject:identifier=8 subject:identifier=urn:x|7 performer:identifier=7 subject=7`},
	{"group", `{"resourceType":"Observation","id":"1","subject":{"reference":"Group/p1"}}`,
		`subject=Group/p1 subject=p1 subject:Group=p1`, `patient=p1 patient=Group/p1 subject:Patient=p1`},
	{"canonical", `{"resourceType":"QuestionnaireResponse","id":"1","questionnaire":"http://q.example/a|2"}`,
		`questionnaire=http://q.example/a questionnaire=http://q.example/a\|2`, `questionnaire=http://q.example/a\|1 questionnaire=http://q.example`},
	{"urn", `{"resourceType":"Condition","id":"1","subject":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}}`,
		`subject=urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0`, `subject=0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0`},
	{"first entry", `{"resourceType":"Bundle","id":"1","type":"document","entry":[{"resource":{"resourceType":"Composition","id":"c"}}]}`,
		`composition=c composition=Composition/c`, `composition=d message=c`},
}

var stringCases = []matching{
	{"HumanName", `{"resourceType":"Patient","id":"1","name":[{"family":"Núñez de  Arce","given":["Zoë","Ann"],"text":"Dr Zoë Núñez","prefix":["Dr"]}]}`,
		`name=nun name=NUÑEZ+DE+arce family=nunez name=zoe given=ann given:exact=Zo%C3%AB family:contains=arce name=dr+zoe name:contains=e+nu family=x,nun`,
		`name=arce given:exact=Zoe family=zoe given=dr given:exact=Zo family:missing=true`},
	{"NUL", `{"resourceType":"Patient","id":"1","name":[{"family":"A\u0000B"}]}`, `family=ab family:exact=AB`, `family=b`},
	{"Address", `{"resourceType":"Patient","id":"1","address":[{"line":["1 Main St"],"city":"Łódź","postalCode":"90-001","country":"PL"}]}`,
		`address=1+main address=90-0 address-city=%C5%81%C3%B3d address-city=lodz address-postalcode=90-001 address-country=pl`,
		`address-city=main address=main address-city:exact=%C5%82%C3%B3d%C5%BA`},
	{"uri", `{"resourceType":"ValueSet","id":"1","url":"http://acme.org/fhir/ValueSet/a","status":"draft","name":"Abc"}`,
		`url=http://acme.org/fhir/ValueSet/a url:below=http://acme.org/fhir url:below=http://acme.org/fhir/ url:above=http://acme.org/fhir/ValueSet/a/b name=ab`,
		`url=http://acme.org/fhir/ValueSet/ url:below=http://acme.org/fh url:above=http://acme.org url=HTTP://acme.org/fhir/ValueSet/a`},
}

var dateCases = []matching{
	{"date", `{"resourceType":"Patient","id":"1","birthDate":"1974-12-25"}`,
		`birthdate=1974-12-25 birthdate=1974 birthdate=eq1974-12 birthdate=gt1974-12-24 birthdate=ge1974-12-25 birthdate=le1974-12-25
		 birthdate=lt1975 birthdate=ne1975 birthdate=sa1974-11 birthdate=eb1975-01-01 birthdate=ap1974-12 birthdate=1980,1974
		 birthdate=gt1974-12-25T12:00Z`,
		`birthdate=1974-12-24 birthdate=gt1974-12-25 birthdate=lt1974-12-25 birthdate=ne1974 birthdate=sa1974-12-25 birthdate=eb1974-12-25
		 birthdate=1974-12-25T12:00Z birthdate=ap1900`},
	{"instant with zone", `{"resourceType":"Observation","id":"1","effectiveDateTime":"2020-03-01T00:30:00.250+02:00"}`,
		`date=2020-02-29 date=2020-02-29T22:30Z date=2020-02-29T22:30:00.25Z date=2020-03-01T00:30+02:00 date=2020-03-01T00:30:00%2B02:00 date=lt2020-03-01`,
		`date=2020-03-01 date=2020-02-29T22:30:00.251Z date=gt2020-02-29T22:30:00Z`},
	{"Period", `{"resourceType":"Encounter","id":"1","period":{"start":"2020-05-10T09:00:00Z"}}`,
		`date=gt2030 date=ge2020-05-10 date=lt2020-06 date=ne2020`, `date=2020 date=sa2020-05-10 date=eb2030 date=lt2020-05-10`},
	{"Timing", `{"resourceType":"ServiceRequest","id":"1","occurrenceTiming":{"event":["2020-01-05","2020-01-01"],"repeat":{"boundsPeriod":{"start":"2020-01-02","end":"2020-01-03"}}}}`,
		`occurrence=2020-01 occurrence=ge2020-01-01 occurrence=ap2020-01-04`, `occurrence=2020-01-01 occurrence=gt2020-01-05 occurrence=lt2020-01-01`},
	{"events", `{"resourceType":"MedicationRequest","id":"1","dosageInstruction":[{"timing":{"event":["2020-01-05","2020-01-01"]}}]}`,
		`date=2020-01-01 date=2020-01-05`, `date=2020-01-03`},
}

var numberCases = []matching{
	{"number", `{"resourceType":"RiskAssessment","id":"1","prediction":[{"probabilityDecimal":0.50}]}`,
		`probability=0.5 probability=0.50 probability=gt0.4 probability=ge0.5 probability=le0.5 probability=lt0.51 probability=ap0.54 probability=ne0.6 probability=5e-1`,
		`probability=0.501 probability=gt0.5 probability=lt0.5 probability=0.6 probability=ap0.6 probability=ne0.5`},
	{"Quantity", `{"resourceType":"Observation","id":"1","valueQuantity":{"value":5.35,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}}`,
		`value-quantity=5.4 value-quantity=5.4|http://unitsofmeasure.org|mg value-quantity=5.4||mg value-quantity=gt5|http://unitsofmeasure.org|mg value-quantity=5.35`,
		`value-quantity=5.45 value-quantity=5.3 value-quantity=5.4|http://unitsofmeasure.org|g value-quantity=5.4|http://x|mg value-quantity=5.4||g value-quantity=lt5`},
	{"comparator", `{"resourceType":"Observation","id":"1","valueQuantity":{"value":5,"comparator":"<"}}`,
		`value-quantity=lt5 value-quantity=lt1`, `value-quantity=gt5 value-quantity=5`},
	{"Range and Age", `{"resourceType":"Condition","id":"1","onsetRange":{"low":{"value":30,"unit":"a"},"high":{"value":40}},"abatementAge":{"value":50}}`,
		`onset-age=gt35 onset-age=lt31 onset-age=ap35 abatement-age=50 onset-age=gt35||a`, `onset-age=35 onset-age=gt41 onset-age=sa30 abatement-age=lt50`},
	{"Money", `{"resourceType":"Invoice","id":"1","totalNet":{"value":12.5,"currency":"EUR"}}`,
		`totalnet=12.5 totalnet=12.5||EUR totalnet=12.5|urn:iso:std:iso:4217|EUR`, `totalnet=12.5||USD totalnet=13.5`},
}

const pressure = `{"resourceType":"Observation","id":"1","code":{"coding":[{"system":"http://loinc.org","code":"bp"}]},
 "component":[{"code":{"coding":[{"system":"http://loinc.org","code":"sys"}]},"valueQuantity":{"value":120,"code":"mm","system":"http://u"}},
 {"code":{"coding":[{"system":"http://loinc.org","code":"dia"}]},"valueQuantity":{"value":80,"code":"mm","system":"http://u"}}]}`

var compositeCases = []matching{
	{"component", pressure,
		`component-code-value-quantity=sys$120 component-code-value-quantity=http://loinc.org|sys$gt110|http://u|mm combo-code-value-quantity=dia$80||mm
		 component-code-value-quantity=dia$lt90,sys$lt90 component-code-value-quantity:missing=false code-value-quantity:missing=true`,
		`component-code-value-quantity=sys$80 component-code-value-quantity=http://x|sys$120 code-value-quantity=bp$120 component-code-value-quantity=sys$120|http://u|kg`},
	{"concept, text and date", `{"resourceType":"Observation","id":"1","code":{"coding":[{"code":"c"}]},"valueCodeableConcept":{"coding":[{"system":"urn:s","code":"v"}]}}`,
		`code-value-concept=c$v code-value-concept=|c$urn:s|v code-value-concept=c$urn:s|`, `code-value-concept=c$|v code-value-concept=v$c`},
	{"text", `{"resourceType":"Observation","id":"1","code":{"coding":[{"code":"c"}]},"valueString":"Über all"}`,
		`code-value-string=c$uber+all value-string=uber`, `code-value-string=c$ub code-value-string=d$uber+all`},
	{"date", `{"resourceType":"Observation","id":"1","code":{"coding":[{"code":"c"}]},"valueDateTime":"2020-05-01"}`,
		`code-value-date=c$2020-05 code-value-date=c$gt2020` + `-04`, `code-value-date=c$gt2020-05-01`},
	{"code and reference", `{"resourceType":"DocumentReference","id":"1","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/2"}}]}`,
		`relationship=replaces$2 relationship=http://hl7.org/fhir/document-relationship-type|replaces$DocumentReference/2`, `relationship=appends$2 relationship=replaces$3`},
	{"three parts", `{"resourceType":"MolecularSequence","id":"1","referenceSeq":{"referenceSeqId":{"coding":[{"code":"NC_1"}]},"windowStart":10,"windowEnd":20},"variant":[{"start":12,"end":13}]}`,
		`referenceseqid-window-coordinate=NC_1$10$le20 referenceseqid-variant-coordinate=NC_1$gt11$lt14`, `referenceseqid-window-coordinate=NC_1$11$20 referenceseqid-variant-coordinate=NC_2$12$13`},
}
