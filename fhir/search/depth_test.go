package search_test

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"tributary/fhir/search"
	"tributary/fhir/search/searchtest"
	"tributary/fhir/tree"
)

var textCases = []matching{
	{"narrative", `{"resourceType":"Patient","id":"1","text":{"div":"<div xmlns=\"http://x\"><p>Chronic <b>Hépatitis</b>&amp;more</p><p>left knee</p></div>"},"name":[{"family":"Ångström"}],"photo":[{"data":"QUFB","title":"face"}]}`,
		`_text=hepatitis _text=Chronic+HEPATITIS _text="chronic+hepatitis" _text=hep* _text="chronic+hep*" _text="chronic+hep"* _text=lung+OR+knee _text=knee+-lung
		 _text=knee+NOT+lung _text=nothing,knee _content=angstrom _content=face _content=hepatitis _text=more`,
		`_text=angstrom _text="hepatitis+chronic" _text=hep _text=knee+lung _text=knee+-left _text=div _text=xmlns _text=b _content=quFB _content=amp _text="lung+knee"`},
	{"labels", `{"resourceType":"Observation","id":"1","code":{"coding":[{"system":"http://loinc.org","code":"1","display":"Systolic blood pressure"}],"text":"Blut-Druck"},"category":[{"text":"Vital Signs"}],
		"subject":{"reference":"Patient/1","display":"Zoë Ann"},"component":[{"code":{"text":"left arm"}}]}`,
		`code:text=systolic code:text=BLOOD+press code:text=blut code:text=blut-dr code:text=pressure category:text=vital combo-code:text=left+a combo-code:text=syst component-code:text=arm
		 subject:text=zoe code:text=nothing,druck`,
		`code:text=signs code:text=systolic+pressure code:text=olic code:text=left category:text=systolic code:text=pressure+blut subject:text=1`},
	{"label in an extension", `{"resourceType":"Observation","id":"1","code":{"text":"x"},"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-geneticsGene",
		"valueCodeableConcept":{"coding":[{"system":"urn:g","code":"1097","display":"CYP2C9 gene"}]}}]}`, `gene-identifier:text=cyp2c9 gene-identifier=1097`, `gene-identifier:text=x gene-identifier:text=1097`},
	{"identifier type", `{"resourceType":"Patient","id":"1","identifier":[{"type":{"text":"Medical record"},"value":"7"}]}`, `identifier:text=record`, `identifier:text=7`},
	{"hierarchy", `{"resourceType":"Observation","id":"1","code":{"coding":[{"system":"urn:a","code":"cat"}]},"valueCodeableConcept":{"coding":[{"system":"urn:a","code":"pet"}]}}`,
		`code:below=urn:a|pet code:below=urn:a|dog,urn:a|pet value-concept:above=urn:a|cat code:above=urn:a|cat value-concept:below=urn:a|pet`,
		`code:below=urn:a|dog value-concept:below=urn:a|cat code:above=urn:a|pet code:above=urn:a|dog`},
	{"sound", `{"resourceType":"Patient","id":"1","name":[{"family":"Schmidt","given":["Cathérine","Фёдор"]}]}`,
		`phonetic=smith phonetic=schmitt phonetic=Katharina phonetic=catherine+smyth phonetic=jones,smit phonetic=фёдор phonetic:missing=false`,
		`phonetic=jones phonetic=catherine+jones phonetic=smithers`},
	{"missing", `{"resourceType":"Observation","id":"1","code":{"text":"x"},"subject":{"reference":"Group/g"},"valueQuantity":{"value":1}}`,
		`_id:missing=false _lastUpdated:missing=false code-value-quantity:missing=true patient:missing=true combo-value-quantity:missing=false`,
		`_id:missing=true _lastUpdated:missing=true code-value-quantity:missing=false patient:missing=false`},
}

var placeCases = []matching{
	{"near", `{"resourceType":"Location","id":"1","position":{"latitude":52.3702,"longitude":4.8952}}`, // Amsterdam; Utrecht is 34.7 km away
		`near=52.0907|5.1214|35|km near=52.0907|5.1214|35 near=52.0907|5.1214|21.7|[mi_i] near=52.0907|5.1214|34900|m near=52.0907|5.1214 near=52.3702|4.8952|0|km
		 near=0|0|1|km,52.3|4.9|10|km near=-52.3702|-175.1048|20100|km near:missing=false`,
		`near=52.0907|5.1214|34.6|km near=52.0907|5.1214|21.5|[mi_i] near=0|0|1000|km near:missing=true`},
	{"date line", `{"resourceType":"Location","id":"1","position":{"latitude":-16.8,"longitude":179.99}}`, `near=-16.8|-179.99|3|km near=-90|0|8200|km`, `near=-16.8|-179.99|2|km near=-90|0|8100|km`},
	{"pole", `{"resourceType":"Location","id":"1","position":{"latitude":89.999,"longitude":0}}`, `near=89.999|180|1|km`, `near=89.999|180|0.2|km`},
	{"no position", `{"resourceType":"Location","id":"1","name":"here"}`, `near:missing=true`, `near=0|0|30000|km near:missing=false`},
}

const filteredPatient = `{"resourceType":"Patient","id":"1","active":true,"gender":"female","birthDate":"1980-05-01","name":[{"family":"Núñez","given":["Ann Mary"]}],
 "identifier":[{"system":"urn:mrn","value":"1,2"}],"managingOrganization":{"reference":"Organization/o"}}`

var filterCases = []matching{
	{"operators", filteredPatient, escaped(
		`family eq "nunez"`, `family ne "smith"`, `family co "une"`, `family sw "nu"`, `family ew "NEZ"`, `family pr true`, `email pr false`,
		`gender eq female`, `gender ne male`, `gender eq http://hl7.org/fhir/administrative-gender|female`, `identifier eq urn:mrn|1,2`, `identifier eq "1,2"`,
		`birthdate eq 1980`, `birthdate gt 1980-04-30`, `birthdate le 1980-05-01`, `birthdate sa 1979`, `birthdate eb 1981`, `birthdate po 1980-05`, `birthdate ne 1981`,
		`birthdate ap 1980-05`, `_id eq 1`, `_id ne 2`, `_lastUpdated ge 2026`, `organization re Organization/o`, `organization eq o`, `organization ne p`,
		`gender eq female and active eq true`, `gender eq male or active eq true`, `not (gender eq male)`, `not(gender eq male and active eq true)`,
		`gender eq male and active eq false or family sw "n"`, `gender eq male and (active eq false or family sw "n") or _id eq 1`, `(((_id eq 1)))`, "\tgender  eq female ",
		`given eq "Ann\u0020Mary"`, `_content co "mary"`, `family eq "x" or family eq "nunez"`, `not (family pr false)`, `name co "ann"`),
		escaped(`family eq "nune"`, `family ne "nunez"`, `family ew "nu"`, `family pr false`, `gender eq male`, `email ne "x"`, `phone ne 5`, `birthdate ne 1980`, `_id ne 1`,
			`gender eq male and active eq true`, `not (gender eq female or _id eq 2)`, `active eq true or family sw "n" and gender eq male`, `birthdate po 1981`, `not (family pr true)`)},
	{"composite", pressure, escaped(`component-code-value-quantity[component-code eq sys].component-value-quantity gt 100`, `component-code-value-quantity[code eq http://loinc.org|dia].value-quantity eq 80`,
		`combo-code-value-quantity[combo-code eq bp].combo-value-quantity lt 1 or combo-code eq bp`),
		escaped(`component-code-value-quantity[component-code eq dia].component-value-quantity gt 100`)},
}

// escaped joins filters as one word each of a table.
func escaped(filters ...string) string {
	for i, f := range filters {
		filters[i] = "_filter=" + url.QueryEscape(f)
	}
	return strings.Join(filters, " ")
}

func TestFiltersFollowReferences(t *testing.T) {
	set := searchtest.Set{
		doc(t, filteredPatient), doc(t, `{"resourceType":"Patient","id":"2","gender":"male","birthDate":"1990"}`), doc(t, `{"resourceType":"Organization","id":"o","name":"Org"}`),
		doc(t, `{"resourceType":"Observation","id":"a","code":{"text":"x"},"subject":{"reference":"Patient/1"}}`),
		doc(t, `{"resourceType":"Observation","id":"b","code":{"text":"x"},"subject":{"reference":"Patient/2"}}`),
		doc(t, `{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{"item":{"reference":"Observation/b"}}]}`),
	}
	for query, want := range map[string]string{
		escaped(`patient.birthdate lt 1985`):                                  "a",
		escaped(`subject:Patient.gender eq male`):                             "b",
		escaped(`subject[type eq Patient].birthdate gt 1970`):                 "a b",
		escaped(`patient[gender eq female and active eq true].name pr true`):  "a",
		escaped(`patient[gender eq male].name pr true`):                       "",
		escaped(`patient.organization.name eq "org"`):                         "a",
		escaped(`not (patient.gender eq male)`):                               "a",
		escaped(`patient.gender eq male or patient.organization.name sw "o"`): "a b",
		"_list=l": "b", "_list=List/l,m": "b", "_list=m": "",
	} {
		var got []string
		for _, hit := range set.Select(parse(t, "Observation", query)) {
			got = append(got, hit.ID)
		}
		if slices.Sort(got); strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", query, got, want)
		}
	}
}

func TestRefusedFilters(t *testing.T) {
	for filter, reason := range map[string]string{
		"": "at character 1: the name of a search parameter", "gender": "at character 7: an operator", "gender is x": "an operator is expected: ap", "gender eq": "a value is expected",
		`family eq "x`: "a closing quote", `family eq "\q"`: "none of JSON's", "(gender eq male": "a closing parenthesis", "gender eq male)": "and, or, or the end",
		"gender eq male and": "the name of a search parameter", "nothing eq 1": "nothing: there is no such", "gender gt 1": "gender is not compared by that operator",
		"birthdate co 1": "valid: ap, eb, eq", "family.x eq 1": "only a reference parameter can be followed", "organization[name eq \"a\"] eq 1": "behind brackets",
		"family pr maybe": "true or false", "birthdate eq x": "a date is expected", "general-practitioner.name eq \"x\"": "name the type",
		"organization:Patient.name eq \"x\"": "does not refer to that type", "family:x eq \"y\"": "only a reference leads to a type",
		strings.Repeat("(", 30) + "gender eq male": "nests too deeply", strings.Repeat("_id eq 1 or ", 200) + "_id eq 2": "more than 100 comparisons",
		"link.link.link.link.link.link.link eq 1": "too many steps",
	} {
		_, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "_filter", Value: filter}}, options)
		faults := search.Faults(err)
		if len(faults) != 1 || faults[0].Expression != "http._filter" || !strings.Contains(faults[0].Error(), reason) {
			t.Errorf("%s: %v", filter, err)
		}
	}
}

func FuzzFilter(f *testing.F) {
	for _, seed := range []string{`family eq "a\u00e9" and not (birthdate gt 2000 or link[type eq Patient].name co "x")`, `a[b eq c].d pr true`, `(((`, `not(not(_id eq 1))`, "gender\u00a0eq x"} {
		f.Add(seed)
	}
	d := doc(f, filteredPatient)
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "_filter", Value: text}}, options)
		if err != nil {
			return
		}
		negated, err := search.Base().ParseQuery("Patient", []search.Pair{{Name: "_filter", Value: "not (" + text + ")"}}, options)
		if err != nil {
			return // it nested as deeply as can be
		}
		if (searchtest.Set{d}).Match(parsed.Query, d) == (searchtest.Set{d}).Match(negated.Query, d) {
			t.Errorf("%q and its opposite are equally true", text)
		}
	})
}

// The square of the chord stands for the great-circle distance that the haversine formula gives.
func TestNearAgreesWithTheHaversine(t *testing.T) {
	places := [][2]float64{{0, 0}, {52.37, 4.89}, {52.09, 5.12}, {-33.86, 151.2}, {90, 0}, {-90, 77}, {0.0001, 0.0001}, {10, 180}, {10, -180}, {37.77, -122.42}}
	for _, a := range places {
		root, err := tree.Parse([]byte(`{"resourceType":"Location","id":"x","position":{"latitude":` + number(a[0]) + `,"longitude":` + number(a[1]) + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		e, err := search.Base().Extract("Location", "x", root, "")
		if err != nil || len(e.Composites) != 1 {
			t.Fatal(err, e)
		}
		for _, b := range places {
			d := haversine(a, b)
			for _, reach := range []float64{d*0.999 - 0.001, d*1.001 + 0.001} {
				if reach < 0 {
					continue
				}
				q := parse(t, "Location", "near="+number(b[0])+"|"+number(b[1])+"|"+number(reach)+"|m")
				if got := q.Where[0].AnyOf[0].(search.NearValue).Holds(e.Composites[0]); got != (reach > d) {
					t.Errorf("%v from %v, %g m away: within %g m is %v", a, b, d, reach, got)
				}
			}
		}
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func haversine(a, b [2]float64) float64 {
	rad := math.Pi / 180
	h := math.Pow(math.Sin((b[0]-a[0])*rad/2), 2) + math.Cos(a[0]*rad)*math.Cos(b[0]*rad)*math.Pow(math.Sin((b[1]-a[1])*rad/2), 2)
	return 2 * 6371008.8 * math.Asin(math.Sqrt(min(h, 1)))
}
