package graphql_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"tributary/fhir/graphql"
	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// shelf is a Source of a few resources; a search finds all of a type.
type shelf struct {
	resources map[string]string
	asked     []string
	next      string
}

func (s *shelf) Read(_ context.Context, typ, id string) (tree.Value, error) {
	s.asked = append(s.asked, typ+"/"+id)
	text, ok := s.resources[typ+"/"+id]
	if !ok {
		return tree.Value{}, errors.New("no such " + typ)
	}
	return tree.Parse([]byte(text))
}

func (s *shelf) Search(_ context.Context, typ string, query []search.Pair, cursor string, counted bool) (graphql.Page, error) {
	s.asked = append(s.asked, fmt.Sprint(typ, query, cursor))
	page := graphql.Page{Total: -1, Next: s.next}
	for name, text := range s.resources {
		if strings.HasPrefix(name, typ+"/") {
			v, err := tree.Parse([]byte(text))
			if err != nil {
				return page, err
			}
			page.Resources = append(page.Resources, v)
		}
	}
	if counted {
		page.Total = int64(len(page.Resources))
	}
	return page, nil
}

func (s *shelf) Local(reference string) (typ, id string, ok bool) {
	return strings.Cut(reference, "/")
}

func (s *shelf) Create(_ context.Context, typ string, body []byte) (tree.Value, error) {
	s.asked = append(s.asked, "create "+typ+" "+string(body))
	return tree.Parse(body)
}

func (s *shelf) Update(_ context.Context, typ, id string, body []byte) (tree.Value, error) {
	s.asked = append(s.asked, "update "+typ+"/"+id+" "+string(body))
	return tree.Parse(body)
}

func (s *shelf) Delete(_ context.Context, typ, id string) error {
	s.asked = append(s.asked, "delete "+typ+"/"+id)
	return nil
}

var now = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func books() *shelf {
	return &shelf{resources: map[string]string{
		"Patient/a": `{"resourceType":"Patient","id":"a","active":true,"birthDate":"1980-01-02","_birthDate":{"extension":[{"url":"http://x.y/z","valueString":"s"}]},
			"name":[{"use":"official","family":"Ahn","given":["Bo","Cy"]},{"use":"usual","given":["Di"]}],"generalPractitioner":[{"reference":"#p"}],
			"contained":[{"resourceType":"Practitioner","id":"p","active":false}]}`,
		"Observation/o": `{"resourceType":"Observation","id":"o","status":"final","valueQuantity":{"value":6.50,"unit":"kg"},"subject":{"reference":"Patient/a"},
			"performer":[{"reference":"Practitioner/none"}]}`,
	}}
}

func run(t *testing.T, s *shelf, focus, text, variables string) string {
	t.Helper()
	var vars, at tree.Value
	var err error
	if variables != "" {
		if vars, err = tree.Parse([]byte(variables)); err != nil {
			t.Fatal(err)
		}
	}
	if focus != "" {
		if at, err = tree.Parse([]byte(s.resources[focus])); err != nil {
			t.Fatal(err)
		}
	}
	request, err := graphql.Parse(text, "", vars)
	var fault *graphql.Fault
	if errors.As(err, &fault) {
		return string(graphql.Refusal(fault))
	}
	result := request.Run(t.Context(), s, at, now)
	if _, err := tree.Parse(result.JSON); err != nil {
		t.Fatalf("%s: %v", result.JSON, err)
	}
	return string(result.JSON)
}

func TestQueries(t *testing.T) {
	for _, c := range []struct{ name, focus, text, variables, want string }{
		{"elements in their order", "Patient/a", `{active id name{given}}`, "", `{"active":true,"id":"a","name":[{"given":["Bo","Cy"]},{"given":["Di"]}]}`},
		{"what is not there is null", "Patient/a", `{gender telecom{value}}`, "", `{"gender":null,"telecom":null}`},
		{"decimals as they are", "Observation/o", `{valueQuantity{value}}`, "", `{"valueQuantity":{"value":6.50}}`},
		{"extensions of a primitive", "Patient/a", `{_birthDate{extension{url}}}`, "", `{"_birthDate":{"extension":[{"url":"http://x.y/z"}]}}`},
		{"aliases, and one key asked twice", "Patient/a", `{n:name(use:official){family} n:name(use:official){use} __typename}`, "", `{"n":[{"family":"Ahn","use":"official"}],"__typename":"Patient"}`},
		{"a filter by FHIRPath", "Patient/a", `{name(fhirpath:"family.empty()"){use}}`, "", `{"name":[{"use":"usual"}]}`},
		{"a page of a list", "Patient/a", `{name(_offset:1,_count:5){use}}`, "", `{"name":[{"use":"usual"}]}`},
		{"a reference, by type", "Observation/o", `{subject{resource(type:Patient){id} other:resource(type:Group){id}}}`, "", `{"subject":{"resource":{"id":"a"},"other":null}}`},
		{"a reference, by fragment", "Observation/o", `{subject{resource{...on Patient{id} ...on Group{quantity}}}}`, "", `{"subject":{"resource":{"id":"a"}}}`},
		{"a contained resource", "Patient/a", `{generalPractitioner{resource{...p}}} fragment p on Practitioner {active}`, "", `{"generalPractitioner":[{"resource":{"active":false}}]}`},
		{"an optional reference", "Observation/o", `{performer{resource(optional:true){id}}}`, "", `{"performer":[{"resource":null}]}`},
		{"variables and conditions", "Patient/a", `query($no:Boolean!,$use:code="usual"){id @skip(if:$no) name(use:$use){use} active @include(if:false)}`, `{"no":true}`, `{"name":[{"use":"usual"}]}`},
		{"flatten, first, singleton", "Patient/a", `{name @flatten @first {family @singleton given @first}}`, "", `{"family":"Ahn","given":["Bo"]}`},
		{"slices", "Patient/a", `{name @flatten @slice(path:"use"){given}}`, "", `{"given.official":["Bo","Cy"],"given.usual":["Di"]}`},
		{"one of the system", "", `{Patient(id:"a"){id}}`, "", `{"Patient":{"id":"a"}}`},
		{"a list of the system", "", `{PatientList(name:"x"){id} GroupList{id}}`, "", `{"PatientList":[{"id":"a"}],"GroupList":[]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, want := run(t, books(), c.focus, c.text, c.variables), `{"data":`+c.want+`}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// A fault leaves no data, and tells where it is.
func TestFaultsOfFields(t *testing.T) {
	for text, want := range map[string]string{
		`{id performer{resource{id}}}`:                           `{"data":null,"errors":[{"message":"no such Practitioner","locations":[{"line":1,"column":15}],"path":["performer",0,"resource"],"extensions":{"resource":{"resourceType":"OperationOutcome"`,
		`{subject{resource{status}}}`:                            `"message":"Patient has no element status"`,
		`{PatientList{id}}`:                                      `takes _reference`,
		`{PatientConnection(_reference:link,_cursor:"x"){next}}`: `at the root`,
	} {
		if got := run(t, books(), "Observation/o", text, ""); !strings.Contains(got, want) {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
	if got := run(t, books(), "Patient/a", `{name @flatten {given @singleton}}`, ""); !strings.Contains(got, "several values") {
		t.Errorf("several values were taken for one: %s", got)
	}
}

// What does not fit the types is refused before anything is read.
func TestRefusals(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                            "no GraphQL",
		`{Patient(id:a){nme{family}}}`: "Patient has no element nme",
		`{Patient(id:a){id{x}}}`:       "id is a scalar",
		`{Patient(id:a){name}}`:        "say which fields of name",
		`{Patient(id:a){...f}} fragment f on Patient {...f}`:    "contains itself",
		`{Patient(id:a){...f}}`:                                 "no fragment f",
		`{Nothing{id}}`:                                         "begins with a resource type",
		`{Patient(id:a){... on Nothing {id}}}`:                  "no type Nothing",
		`query($a:ID!){Patient(id:$a){id}}`:                     "$a is required",
		`query a{Patient(id:a){id}} query b{Patient(id:a){id}}`: "several operations",
		`subscription{Patient(id:a){id}}`:                       "FHIR Subscriptions",
		`{PatientConnection{edges}}`:                            "say which fields",
		`mutation{PatientMake(id:a){location}}`:                 "a mutation is",
		strings.Repeat(`{a`, 500):                               "no GraphQL",
	} {
		s := books()
		if got := run(t, s, "", text, ""); !strings.Contains(got, want) || !strings.Contains(got, `"data":null`) || len(s.asked) > 0 {
			t.Errorf("%s: %s, asked %v", text, got, s.asked)
		}
	}
}

func TestWhatASearchAsks(t *testing.T) {
	s := books()
	s.next = "more"
	got := run(t, s, "", `{ObservationConnection(value_quantity:"6",_sort:"-date,code",code:["a","b,c"],_count:3){count offset next pageSize edges{mode score resource{id}}}}`, "")
	want := `{"data":{"ObservationConnection":{"count":1,"offset":0,"next":"more","pageSize":1,"edges":[{"mode":"match","score":null,"resource":{"id":"o"}}]}}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if asked := s.asked[0]; asked != `Observation[{value-quantity 6} {_sort -date,code} {code a,b\,c} {_count 3}]` {
		t.Error(asked)
	}
	if got := run(t, s, "", `{ObservationList{id}}`, ""); !strings.Contains(got, "more than 1000 match") {
		t.Errorf("part of a list was given for all of it: %s", got)
	}
	s.next = ""
	run(t, s, "Patient/a", `{ObservationList(_reference:subject,status:final){id}}`, "")
	if asked := s.asked[2]; asked != "Observation[{subject Patient/a} {status final} {_count 1000}]" {
		t.Error(asked)
	}
	if got := run(t, s, "", `{ObservationList(fhirpath:"value.value > 7"){id}}`, ""); got != `{"data":{"ObservationList":[]}}` {
		t.Error(got)
	}
	if got := run(t, s, "", `{ObservationConnection(_cursor:"there"){offset}}`, ""); got != `{"data":{"ObservationConnection":{"offset":null}}}` || s.asked[4] != "Observation[]there" {
		t.Error(got, s.asked[4])
	}
}

func TestMutations(t *testing.T) {
	s := books()
	got := run(t, s, "", `mutation($name:[HumanName]){
		PatientCreate(resource:{active:true,gender:male,name:$name,birthDate:null}){id name{family}}
		PatientUpdate(id:"a",res:{resourceType:"Patient",id:"a"}){id}
		PatientDelete(id:"a")}`, `{"name":[{"family":"B\"e","text":null}]}`)
	want := `{"data":{"PatientCreate":{"id":null,"name":[{"family":"B\"e"}]},"PatientUpdate":{"id":"a"},"PatientDelete":null}}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	asked := strings.Join(s.asked, "\n")
	if asked != `create Patient {"resourceType":"Patient","active":true,"gender":"male","name":[{"family":"B\"e"}]}`+"\n"+
		`update Patient/a {"resourceType":"Patient","id":"a"}`+"\ndelete Patient/a" {
		t.Error(asked)
	}
}

// The first mutation that fails is the last, and what came before it is told.
func TestAMutationThatFailsIsTheLast(t *testing.T) {
	s := books()
	got := run(t, s, "", `mutation{a:PatientDelete(id:"a") b:PatientUpdate(id:"a"){id} c:PatientDelete(id:"c")}`, "")
	if !strings.HasPrefix(got, `{"data":{"a":null,"b":null},"errors":[{"message":"PatientUpdate takes the argument res"`) || len(s.asked) != 1 {
		t.Error(got, s.asked)
	}
}

// A request cannot ask for more than its bounds, however it is written.
func TestWorkIsBounded(t *testing.T) {
	s := books()
	var wide strings.Builder
	wide.WriteString("{")
	for i := range 1200 {
		fmt.Fprintf(&wide, "a%d:PatientList{id}", i)
	}
	wide.WriteString("}")
	if got := run(t, s, "", wide.String(), ""); !strings.Contains(got, "more than one request may") || len(s.asked) != graphql.MaxCalls {
		t.Errorf("%d searches", len(s.asked))
	}
	var laughs strings.Builder
	for i := range 40 {
		fmt.Fprintf(&laughs, "fragment f%d on Patient {...f%d ...f%d} ", i, i+1, i+1)
	}
	laughs.WriteString("fragment f40 on Patient {id} {Patient(id:a){...f0}}")
	if got := run(t, s, "", laughs.String(), ""); !strings.Contains(got, "too deep or too large") {
		t.Error(got)
	}
}

func FuzzRun(f *testing.F) {
	for _, text := range []string{`{Patient(id:a){id}}`, `{PatientList{name @flatten @slice(path:"use"){given @first}}}`, `mutation{PatientCreate(res:{a:[1,{b:null}]}){location}}`, `query($a:x=[1]){PatientConnection(_id:$a){edges{resource{id}}}}`} {
		f.Add(text, `{"a":[1,"b",null]}`)
	}
	f.Fuzz(func(t *testing.T, text, variables string) {
		vars, err := tree.Parse([]byte(variables))
		if err != nil {
			return
		}
		request, err := graphql.Parse(text, "", vars)
		if err != nil {
			return
		}
		result := request.Run(t.Context(), books(), tree.Value{}, now)
		if _, err := tree.Parse(result.JSON); err != nil {
			t.Fatalf("%s: %v", result.JSON, err)
		}
	})
}

// The introspection names only what it describes, and what it describes can be asked.
func TestIntrospection(t *testing.T) {
	got := run(t, books(), "", `{__schema{queryType{name} mutationType{name} subscriptionType{name} directives{name locations args{name type{kind ofType{name}}}}
		types{kind name interfaces{name} possibleTypes{name} fields(includeDeprecated:true){name args{name type{...ref}} type{...ref}} inputFields{name type{...ref}}}}}
		fragment ref on __Type {kind name ofType{kind name ofType{kind name}}}`, "")
	var schema struct {
		Errors []any
		Data   struct {
			Schema struct {
				QueryType struct{ Name string }
				Types     []struct {
					Kind, Name string
					Fields     []struct {
						Name string
						Args []struct {
							Name string
							Type ref
						}
						Type ref
					}
					InputFields []struct {
						Name string
						Type ref
					}
				}
			} `json:"__schema"`
		}
	}
	if err := json.Unmarshal([]byte(got), &schema); err != nil || len(schema.Errors) > 0 {
		t.Fatalf("%v, %.300s", err, got)
	}
	known := map[string]string{}
	for _, typ := range schema.Data.Schema.Types {
		if known[typ.Name] != "" || !regexp.MustCompile(`^[_A-Za-z][_A-Za-z0-9]*$`).MatchString(typ.Name) {
			t.Errorf("the type %q is described twice, or no name", typ.Name)
		}
		known[typ.Name] = typ.Kind
	}
	fields := 0
	for _, typ := range schema.Data.Schema.Types {
		for _, f := range typ.Fields {
			fields++
			if kind := known[f.Type.named()]; kind == "" || kind == "INPUT_OBJECT" {
				t.Errorf("%s.%s is of type %s", typ.Name, f.Name, f.Type.named())
			}
			for _, a := range f.Args {
				if kind := known[a.Type.named()]; kind != "SCALAR" && kind != "INPUT_OBJECT" {
					t.Errorf("%s.%s(%s) is of type %s", typ.Name, f.Name, a.Name, a.Type.named())
				}
			}
		}
		for _, f := range typ.InputFields {
			if kind := known[f.Type.named()]; kind != "SCALAR" && kind != "INPUT_OBJECT" {
				t.Errorf("%s.%s is of type %s", typ.Name, f.Name, f.Type.named())
			}
		}
	}
	if schema.Data.Schema.QueryType.Name != "Query" || len(known) < 1500 || fields < 10_000 {
		t.Errorf("%d types, %d fields", len(known), fields)
	}
	t.Logf("%d types, %d fields, %d KB", len(known), fields, len(got)/1024)
	for text, want := range map[string]string{
		`{__type(name:"PatientContact"){name fields{name}}}`:     `{"data":{"__type":{"name":"PatientContact","fields":[{"name":"id"}`,
		`{__type(name:"Nothing"){name}}`:                         `{"data":{"__type":null}}`,
		`{__type(name:"Patient"){nam}}`:                          `introspection has no field nam`,
		`{Patient(id:a){contact{...on PatientContact{gender}}}}`: `{"data":{"Patient":{"contact":null}}}`,
	} {
		if got := run(t, books(), "", text, ""); !strings.Contains(got, want) {
			t.Errorf("%s: %.300s", text, got)
		}
	}
}

type ref struct {
	Kind, Name string
	OfType     *ref
}

func (r ref) named() string {
	if r.OfType != nil {
		return r.OfType.named()
	}
	return r.Name
}
