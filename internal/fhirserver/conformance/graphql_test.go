package conformance

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"tributary/fhir/fhirtest"
	"tributary/internal/store"
	"tributary/internal/store/storetest"
)

// graphqlCases are the official cases of fhir-test-cases that are not run, or whose
// answer is another one here.
var graphqlCases = map[string]string{
	"extension-simple": "its resource is none of R4's examples",
	"list-sub":         "its resource is none of R4's examples",
	"search-simple":    "its answer is that of a fixed pair of Patients",
	"search-full":      "its answer is that of a fixed pair of Patients",
}

// graphqlWorld are the examples that the cases walk.
var graphqlWorld = []string{
	"Patient-example.json", "Patient-glossy.json", "Observation-example.json", "Condition-example.json", "MedicationDispense-meddisp008.json",
}

func (s *site) loadSome(t testing.TB, files []string) {
	t.Helper()
	for _, e := range examples(t) {
		if slices.Contains(files, e.file) && !s.put(t, e) {
			t.Fatalf("%s was not taken", e.file)
		}
	}
}

func TestGraphQLOfficialCases(t *testing.T) {
	dir := filepath.Join(fhirtest.Data(t, "fhir-test-cases"), "r4", "graphql")
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.loadSome(t, graphqlWorld)
		run := 0
		for _, c := range manifest(t, dir) {
			if graphqlCases[c.Name] != "" {
				continue
			}
			run++
			t.Run(c.Name, func(t *testing.T) { s.official(t, dir, c) })
		}
		if run != 25 {
			t.Errorf("%d cases were run", run)
		}
	})
}

type graphqlCase struct {
	Name      string `xml:"name,attr"`
	Source    string `xml:"source,attr"`
	Output    string `xml:"output,attr"`
	Context   string `xml:"context,attr"`
	Operation string `xml:"operation,attr"`
}

func manifest(t *testing.T, dir string) []graphqlCase {
	t.Helper()
	var m struct {
		Cases []graphqlCase `xml:"test"`
	}
	if err := xml.Unmarshal(content(t, dir, "manifest.xml"), &m); err != nil {
		t.Fatal(err)
	}
	return m.Cases
}

func content(t *testing.T, dir, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (s *site) official(t *testing.T, dir string, c graphqlCase) {
	place := c.Context
	if place == "" {
		place = "$graphql"
	}
	query := url.Values{"query": {string(content(t, dir, c.Source))}}
	if c.Operation != "" {
		query.Set("operationName", c.Operation)
		query.Set("variables", `{"var":true}`)
	}
	r := s.call(t, "GET /"+place+"?"+query.Encode(), "")
	got := r.graphql(t)
	if c.Output == "$error" {
		if len(got.Errors) == 0 {
			t.Errorf("no error: %s", r.body)
		}
		return
	}
	var want any
	if err := json.Unmarshal(content(t, dir, c.Output), &want); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(withoutNull(got.Data), withoutNull(want)) || len(got.Errors) > 0 {
		t.Errorf("got %s, want %v", r.body, want)
	}
}

type graphqlReply struct {
	Data   any
	Errors []struct{ Message string }
}

func (r reply) graphql(t testing.TB) (g graphqlReply) {
	t.Helper()
	if typ := r.header.Get("Content-Type"); !strings.HasPrefix(typ, "application/json") {
		t.Errorf("%.100s: the type is %s", r.line, typ)
	}
	if err := json.Unmarshal(r.body, &g); err != nil {
		t.Fatalf("%s: %v", r.body, err)
	}
	return g
}

// withoutNull drops members that are null: the cases leave out what is not there.
func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, m := range v {
			if m = withoutNull(m); m != nil {
				out[name] = m
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		for i := range v {
			v[i] = withoutNull(v[i])
		}
	}
	return v
}

// A query shows what the actor may read, and no more: neither by id, nor by
// reference, nor by what refers to it.
func TestGraphQLReachesNoFurtherThanTheActor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.loadSome(t, graphqlWorld)
		as := func(token, text string) graphqlReply {
			body, err := json.Marshal(map[string]any{"query": text})
			if err != nil {
				t.Fatal(err)
			}
			return s.call(t, "POST /$graphql", string(body), "Content-Type", "application/json", "Authorization", "Bearer "+token).graphql(t)
		}
		for _, text := range []string{
			`{Observation(id:"example"){status}}`, `{ObservationList{id}}`, `{Patient(id:"example"){ObservationList(_reference:subject){status}}}`,
		} {
			if got := as("all", text); len(got.Errors) > 0 {
				t.Errorf("%s: %v", text, got.Errors)
			}
			if got := as("patients", text); len(got.Errors) != 1 {
				t.Errorf("%s: %+v", text, got)
			}
		}
		if got := as("patients", `{Patient(id:"example"){id}}`); len(got.Errors) > 0 {
			t.Error(got.Errors)
		}
	})
}

func TestGraphQLPagesAndMutations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		post := func(text string, status int) reply {
			return s.call(t, "POST /$graphql", text, "Content-Type", "application/graphql").is(t, status)
		}
		for _, family := range []string{"Ahn", "Boe", "Cox"} {
			r := post(`mutation{PatientCreate(res:{name:[{family:"`+family+`"}]}){meta{versionId}}}`, 200)
			if !strings.Contains(string(r.body), `"versionId":"1"`) {
				t.Fatalf("%s", r.body)
			}
		}
		var families []string
		cursor := `_sort:family,_count:2`
		for range 3 {
			var got struct {
				Data struct {
					PatientConnection struct {
						Count int
						Next  string
						Edges []struct{ Resource struct{ Family []string } }
					}
				}
			}
			r := post(`{PatientConnection(`+cursor+`){count next first edges{resource{name @flatten{family}}}}}`, 200)
			if err := json.Unmarshal(r.body, &got); err != nil || got.Data.PatientConnection.Count != 3 {
				t.Fatalf("%s: %v", r.body, err)
			}
			for _, e := range got.Data.PatientConnection.Edges {
				families = append(families, e.Resource.Family...)
			}
			if cursor = `_cursor:"` + got.Data.PatientConnection.Next + `"`; got.Data.PatientConnection.Next == "" {
				break
			}
		}
		if !slices.Equal(families, []string{"Ahn", "Boe", "Cox"}) {
			t.Errorf("%v", families)
		}
		s.call(t, "GET /$graphql?query="+url.QueryEscape(`mutation{PatientDelete(id:"x")}`), "").is(t, http.StatusMethodNotAllowed)
		s.call(t, "GET /%24graphql", "").is(t, http.StatusBadRequest)
		post(`{`, http.StatusBadRequest)
		post(`{PatientList(nme:"x"){id}}`, http.StatusBadRequest)
		post(`{Patient(id:"none"){id}}`, http.StatusNotFound)
		post(`{PatientConnection(_cursor:"x"){next}}`, http.StatusBadRequest)
		if r := post(`mutation{PatientCreate(res:{gender:"x"}){id}}`, http.StatusBadRequest); !strings.Contains(string(r.body), "Patient.gender") {
			t.Errorf("%s", r.body)
		}
	})
}

// GraphQL picks from the answers of operations (R4's page, section Operations).
func TestGraphQLOfAnOperation(t *testing.T) {
	s := start(t, storetest.SQLite(t, storetest.Options{}))
	s.loadSome(t, graphqlWorld)
	for text, want := range map[string]string{
		`{total entry @flatten{resource @flatten{resourceType}}}`: `{"data":{"total":3,"resourceType":["Patient","Observation","Condition"]}}`,
		`{tot}`: `Bundle has no element tot`,
	} {
		r := s.call(t, "GET /Patient/example/$everything?_type=Patient,Observation,Condition&_graphql="+url.QueryEscape(text), "")
		if got := r.graphql(t); got.Data == nil && len(got.Errors) == 0 || !strings.Contains(string(r.body), want) {
			t.Errorf("%s: %d %s", text, r.status, r.body)
		}
	}
}

// The expressions of a request know R4's codes.
func TestGraphQLKnowsCodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db store.Store) {
		s := start(t, db)
		s.call(t, `PUT /Patient/p`, `{"resourceType":"Patient","id":"p","name":[{"use":"official","family":"A"},{"use":"nickname","family":"B"}],"gender":"female"}`).is(t, 201)
		for expression, want := range map[string]string{
			"use.memberOf('http://hl7.org/fhir/ValueSet/name-use')":                                                           `{"data":{"Patient":{"name":[{"family":"A"},{"family":"B"}]}}}`,
			"use.memberOf('http://hl7.org/fhir/ValueSet/administrative-gender')":                                              `{"data":{"Patient":{"name":null}}}`,
			"%terminologies.validateVS('http://hl7.org/fhir/ValueSet/name-use', use).parameter.exists() and use = 'official'": `{"data":{"Patient":{"name":[{"family":"A"}]}}}`,
		} {
			query := url.Values{"query": {`{ Patient(id: "p") { name(fhirpath: "` + expression + `") { family } } }`}}
			r := s.call(t, "GET /$graphql?"+query.Encode(), "")
			if string(r.body) != want {
				t.Errorf("%s: %s", expression, r.body)
			}
		}
	})
}
