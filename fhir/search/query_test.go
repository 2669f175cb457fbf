package search_test

import (
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/search/searchtest"
)

func TestRefused(t *testing.T) {
	for _, c := range []struct{ typ, query, param, reason string }{
		{"Patient", "nmae=x", "nmae", "no such search parameter; valid: _content, _id, _lastUpdated, _profile"},
		{"Patient", "_compartment=Patient/1", "_compartment", "no such search parameter"},
		{"Patient", "birthdate=2020-13", "birthdate", "a date is expected: YYYY"},
		{"Patient", "birthdate=2020-02-30", "birthdate", "a date is expected"},
		{"Patient", "birthdate=xx2020", "birthdate", "a date is expected"},
		{"Patient", "birthdate=2020-01-01T10", "birthdate", "a date is expected"},
		{"Patient", "birthdate=2020-01-01T10:00:00.Z", "birthdate", "a date is expected"},
		{"Patient", "birthdate=2020-01-01T10:00:00%2B25:00", "birthdate", "a date is expected"},
		{"Patient", "birthdate:contains=2020", "birthdate:contains", "modifier is not supported here; valid: :missing"},
		{"Patient", "name:text=x", "name:text", "valid: :contains, :exact, :missing"},
		{"Patient", "gender:of-type=a|b|c", "gender:of-type", "valid: :above, :below, :missing, :not, :text"},
		{"Patient", "identifier:of-type=a|b", "identifier:of-type", "system|code|value"},
		{"Patient", "identifier:in=a", "identifier:in", "valid: :above, :below, :missing, :not, :of-type, :text"},
		{"Observation", "encounter:x=a", "encounter:x", "valid: :Encounter, :EpisodeOfCare, :identifier, :missing"},
		{"Patient", "name=", "name", "a value is expected"},
		{"Observation", "focus=" + strings.Repeat("a,", 99) + "a", "focus", "too many values"},
		{"Patient", "_sort=name,name,name,name,name,name", "_sort", "too many sort keys"},
		{"Patient", strings.TrimSuffix(strings.Repeat("_include=Patient:organization&", 31), "&"), "_include", "too many includes: 30 at most"},
		{"Patient", "link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient._id=1", "link:Patient.link:Patient.link:Patient.link:Patient.link:Patient.link:Patient._id", "too many steps: 4 at most"},
		{"Patient", "name=a%FF", "name", "UTF-8"},
		{"Patient", "name=a%00", "name", "UTF-8"},
		{"Patient", "name=x,,y", "name", "a value is expected"},
		{"Patient", "active:missing=maybe", "active:missing", "true or false"},
		{"Patient", "identifier=a|b|c", "identifier", "system|code"},
		{"Patient", "identifier=|", "identifier", "system|code"},
		{"Patient", "_id=a%20b", "_id", "a resource id is expected"},
		{"Patient", "_count=-1", "_count", "whole number"},
		{"Observation", "_sort=code-value-quantity", "_sort", "a composite has no order"},
		{"Patient", "_sort=_text", "_sort", "cannot be sorted"},
		{"Patient", "_text:missing=true", "_text:missing", "every resource has text"},
		{"Patient", "_text=%22open", "_text", "a closing quote"},
		{"Patient", "_content=-absent", "_content", "not only what must be absent"},
		{"Patient", "_content=" + strings.Repeat("a+", 51), "_content", "at most 50 words"},
		{"Patient", "identifier:text=..", "identifier:text", "words are expected"},
		{"Patient", "phonetic=-", "phonetic", "a name is expected"},
		{"Patient", "phonetic:exact=x", "phonetic:exact", "modifier is not supported"},
		{"Patient", "_list=$current-allergies", "_list", "lists by function ($current-allergies)"},
		{"Patient", "_list=$secret", "_list", "lists by function (those with a $)"},
		{"Patient", "_list=a b", "_list", "the id of a List"},
		{"Observation", "code:below=http://loinc.org|1", "code:below", "is not known here"},
		{"Location", "near=91|0", "near", "a latitude"},
		{"Location", "near=1|0|x|km", "near", "the distance is a number"},
		{"Location", "near=1|0|5|parsec", "near", "valid: km, m"},
		{"Location", "near=1", "near", "latitude|longitude|distance|units"},
		{"Patient", "_total=some", "_total", "valid: none, estimate, accurate"},
		{"Patient", "_summary=x", "_summary", "valid: true"},
		{"Patient", "_elements=a,(", "_elements", "names of elements"},
		{"Patient", "_type=Patient", "_type", "only a search over all types"},
		{"Patient", "_include=Patient", "_include", "Type:parameter"},
		{"Patient", "_include=Patient:name", "_include", "no such reference parameter"},
		{"Observation", "_include=Observation:subject:Practitioner", "_include", "does not refer to that type"},
		{"Observation", "subject=a/b/c", "subject", "an id, Type/id or a URL"},
		{"Observation", "subject=%23x", "subject", "an id, Type/id or a URL"},
		{"Observation", "subject:Practitioner=1", "subject:Practitioner", "modifier is not supported here"},
		{"Observation", "value-quantity=abc", "value-quantity", "number, number|system|code"},
		{"Observation", "value-quantity=5|mg", "value-quantity", "number, number|system|code"},
		{"Observation", "code-value-quantity=a", "code-value-quantity", "joined by $, for; valid: code, value-quantity"},
		{"Observation", "code-value-quantity=a$b", "code-value-quantity", "value-quantity: number"},
		{"Observation", "code-value-quantity=http://x|$5", "code-value-quantity", "needs a code"},
		{"Observation", "code.x=1", "code.x", "only a reference parameter"},
		{"Observation", "subject.identifier=1", "subject.identifier", "name the type that the chain goes through"},
		{"Observation", "subject:Patient.nmae=1", "subject:Patient.nmae", "no such search parameter"},
		{"Observation", "subject:Practitioner.name=1", "subject:Practitioner.name", "does not refer to that type"},
		{"Patient", "_has:Observation:code=1", "_has:Observation:code", "_has:Type:reference:parameter"},
		{"Patient", "_has:Observation:device:code=1", "_has:Observation:device:code", "that leads here; valid: focus, patient, performer, subject"},
		{"Patient", "_has:Nothing:device:code=1", "_has:Nothing:device:code", "no resource type"},
		{"RiskAssessment", "probability=1e400", "probability", "a number is expected"},
		{"RiskAssessment", "probability=NaN", "probability", "a number is expected"},
		{"RiskAssessment", "probability=0x10", "probability", "a number is expected"},
		{"Practitioner", "na%3Cm%3E=x", "na?m?", "no such search parameter"},
		{"", "name=x", "name", "valid: _id, _lastUpdated"},
		{"Patients", "name=x", "Patients", "no such resource type"},
	} {
		_, err := search.Base().ParseQuery(c.typ, pairs(t, c.query), options)
		faults := search.Faults(err)
		if len(faults) != 1 || faults[0].Param != c.param || !strings.Contains(faults[0].Error(), c.reason) {
			t.Errorf("%s?%s: %v", c.typ, c.query, err)
		}
	}
}

func TestErrorsComeTogetherAndQuoteNoValue(t *testing.T) {
	_, err := search.Base().ParseQuery("Patient", pairs(t, "birthdate=secret1&name=ok&identifier=secret2|a|b&secret=x"), options)
	faults := search.Faults(err)
	if len(faults) != 3 {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); strings.Contains(text, "secret1") || strings.Contains(text, "secret2") {
		t.Errorf("a value is quoted: %s", text)
	}
	if faults[0].Expression != "http.birthdate" {
		t.Errorf("%+v", faults[0])
	}
}

func TestLenientPassesOverWhatIsUnknownOnly(t *testing.T) {
	o := options
	o.Lenient = true
	p, err := search.Base().ParseQuery("Patient", pairs(t, "nmae=x&name:text=y&name=z&_sort=_text"), o)
	if err != nil || len(p.Ignored) != 3 || len(p.Query.Where) != 1 || len(p.Used) != 1 || p.Used[0].Name != "name" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err = search.Base().ParseQuery("Patient", pairs(t, "birthdate=x"), o); err == nil {
		t.Error("a bad value is passed over")
	}
}

func TestResultParameters(t *testing.T) {
	p, err := search.Base().ParseQuery("Observation", pairs(t,
		"code=x&_count=1000&_sort=-date,_id,_lastUpdated&_total=estimate&_summary=data&_elements=code,value&_cursor=abc&_format=json"+
			"&_include=Observation:patient&_include:iterate=Patient:organization&_revinclude=Provenance:target:Observation&_include=*"), options)
	if err != nil {
		t.Fatal(err)
	}
	q := p.Query
	if q.Count != 100 || q.Total != search.TotalEstimate || p.Summary != "data" || p.Cursor != "abc" || strings.Join(p.Elements, " ") != "code value" {
		t.Errorf("%+v", p)
	}
	if len(q.Sort) != 3 || q.Sort[0].Param.Code != "date" || !q.Sort[0].Descending || q.Sort[1].Param.Code != search.ID || q.Sort[1].Descending {
		t.Errorf("sort %+v", q.Sort)
	}
	i := p.Includes
	if len(i) != 4 || i[0].Param.Code != "patient" || i[0].Target != "Patient" || !i[1].Iterate || !i[2].Reverse || i[2].Target != "Observation" || i[3].Param != nil || i[3].Type != "Observation" {
		t.Errorf("includes %+v", i)
	}
	if len(p.Used) != 11 {
		t.Errorf("used %v", p.Used)
	}
	for _, query := range []string{"_summary=count", "_count=0"} {
		if q := parse(t, "Patient", query); q.Count != 0 || q.Total != search.TotalAccurate {
			t.Errorf("%s: %+v", query, q)
		}
	}
	if q := parse(t, "Patient", "name=x"); q.Count != 20 || q.Total != search.TotalNone {
		t.Errorf("%+v", q)
	}
}

func TestSearchOverAllTypes(t *testing.T) {
	p, err := search.Base().ParseQuery("", pairs(t, "_id=1&_type=Patient,Observation&_lastUpdated=ge2026&_sort=_lastUpdated"), options)
	if err != nil || len(p.Types) != 2 || len(p.Query.Where) != 2 || p.Query.Type != "" {
		t.Fatalf("%+v, %v", p, err)
	}
	if d := doc(t, `{"resourceType":"Patient","id":"1"}`); !(searchtest.Set{d}).Match(p.Query, d) {
		t.Error("not found")
	}
}

func TestChains(t *testing.T) {
	set := searchtest.Set{
		doc(t, `{"resourceType":"Patient","id":"p","name":[{"family":"Ann"}],"generalPractitioner":[{"reference":"Practitioner/d"}],"managingOrganization":{"reference":"Organization/o"}}`),
		doc(t, `{"resourceType":"Practitioner","id":"d","name":[{"family":"Doc"}]}`),
		doc(t, `{"resourceType":"Organization","id":"o","name":"Org"}`),
		doc(t, `{"resourceType":"Observation","id":"b","status":"final","code":{"coding":[{"code":"c"}]},"subject":{"reference":"Patient/p"}}`),
		doc(t, `{"resourceType":"Provenance","id":"v","target":[{"reference":"Observation/b"}],"agent":[{"who":{"reference":"Practitioner/d"}}],"recorded":"2020-01-01T00:00:00Z"}`),
	}
	for _, c := range []struct {
		typ, query string
		hits       int
	}{
		{"Observation", "patient.name=ann", 1}, {"Observation", "subject:Patient.name=ann", 1}, {"Observation", "patient.name=bob", 0},
		{"Observation", "patient.organization.name=org", 1}, {"Observation", "patient.general-practitioner:Practitioner.family=doc", 1},
		{"Observation", "patient.general-practitioner:Practitioner.family=ann", 0}, {"Observation", "patient._id=p", 1},
		{"Observation", "patient.active:missing=true", 1}, {"Observation", "patient.name:exact=ann", 0},
		{"Patient", "_has:Observation:patient:code=c", 1}, {"Patient", "_has:Observation:subject:code=d", 0},
		{"Patient", "_has:Observation:patient:_has:Provenance:target:recorded=2020", 1},
		{"Patient", "_has:Observation:patient:code=c&name=ann", 1}, {"Patient", "_has:Observation:patient:code=c&name=bob", 0},
		{"Practitioner", "_has:Patient:general-practitioner:_has:Observation:patient:status=final", 1},
		{"Observation", "patient._has:Provenance:target:recorded=2020", 0},
		{"Observation", "_has:Provenance:target:agent=d", 1},
	} {
		if hits := set.Select(parse(t, c.typ, c.query)); len(hits) != c.hits {
			t.Errorf("%s?%s: %d", c.typ, c.query, len(hits))
		}
	}
	deep := strings.Repeat("partof.", 5) + "name=x"
	if _, err := search.Base().ParseQuery("Organization", pairs(t, deep), options); err == nil || !strings.Contains(err.Error(), "too many steps") {
		t.Errorf("a chain without end: %v", err)
	}
}

func FuzzParseQuery(f *testing.F) {
	for _, seed := range []string{"name=x", "birthdate=ge2020-01-01", "code=http://l|a,b", "value-quantity=lt5.4||mg", "code-value-quantity=a$5",
		"subject:Patient.name:exact=x", "_has:Observation:patient:code=1", "_include=Observation:patient", "_sort=-date", "date=2020-01-01T10:00+02:00"} {
		f.Add("Observation", seed)
		f.Add("Patient", seed)
	}
	f.Fuzz(func(t *testing.T, typ, query string) {
		name, value, _ := strings.Cut(query, "=")
		p, err := search.Base().ParseQuery(typ, []search.Pair{{Name: name, Value: value}}, options)
		if err != nil && len(search.Faults(err)) != 1 {
			t.Errorf("%v", err)
		}
		for _, c := range p.Query.Where {
			if c.Param == nil || (len(c.AnyOf) == 0) == (c.Chain == nil && c.Missing == search.NotAsked) {
				t.Errorf("%+v", c)
			}
		}
	})
}
