package app

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tributary/internal/access"
)

// allowance tells whether the policy lets a role reach a route of a type at all.
type allowance func(role access.Role, typ string) bool

func by(i access.Interaction) allowance {
	return func(role access.Role, typ string) bool { return access.Allows(role, typ, i) }
}

func of(typ string, i access.Interaction) allowance {
	return func(role access.Role, _ string) bool { return access.Allows(role, typ, i) }
}

func anything(i access.Interaction) allowance {
	return func(role access.Role, _ string) bool {
		return access.Allows(role, "Patient", i) || access.Allows(role, "Practitioner", i)
	}
}

func conditional(i access.Interaction) allowance {
	return func(role access.Role, typ string) bool {
		return access.Allows(role, typ, access.Search) && access.Allows(role, typ, i)
	}
}

func only(roles ...access.Role) allowance {
	return func(role access.Role, _ string) bool { return slices.Contains(roles, role) }
}

// everyone may ask for what is about no one. unknown is of routes that answer each
// role alike, with what is not there: another's jobs.
func anybody(access.Role, string) bool { return true }

// exporters ask for Groups; everything is for maintenance.
func exporters(role access.Role, _ string) bool { return access.Exports(role) }

// routeRow says who reaches a route and what is sent to it: bodies with %s for the
// prefix of ids.
type routeRow struct {
	who    allowance
	bodies []string
	query  []string
}

const parametersOf = `{"resourceType":"Parameters"}`

// searches are queries that would tell of the other if they were not narrowed.
var searches = []string{
	"", "_id=%spatient", "_summary=count", "_total=accurate&_count=1", "_sort=_lastUpdated", "subject=Patient/%spatient", "patient=%spatient",
	"_has:Observation:patient:code=Zyxw", "patient.family=Zyxw", "patient:Patient.birthdate=1911-11-11", "_include=*", "_revinclude=Observation:patient", "_include:iterate=*&_revinclude:iterate=Provenance:target",
	"_filter=_id%%20eq%%20%spatient", "_text=zyxw", "_content=zyxw", "name=Zyxw", "identifier=urn:x|Zyxw", "_sort=birthdate&_elements=id", "value-quantity=gt900", "_has:Provenance:target:_id=%sprovenance", "link=Patient/%spatient", "code-value-quantity=x$987.654",
	"_list=%slist", "_contained=true", "_source=x", "_lastUpdated=gt2000-01-01",
}

var lookups = []string{"", "code=zyxw&system=urn:x", "url=urn:zyxw"}

// graphQLs ask through GraphQL.
var graphQLs = []string{
	"query={Patient(id:\"%spatient\"){id,name{family}}}", "query={PatientList{id,name{family},birthDate}}", "query={ObservationList(patient:\"%spatient\"){id,subject{resource{id}}}}",
	"query={Observation(id:\"%sobservation\"){id,subject{reference}}}", "query={PatientConnection{count,edges{resource{id}}}}",
	"query={Patient(id:\"qa-patient\"){id,link{other{resource(type:Patient){id,name{family}}}},ObservationList(_reference:patient){id,code{text}}}}",
}

const thePatient = `{"resourceType":"Patient","name":[{"family":"Zyxwvut"}],"birthDate":"1911-11-12"}`

const batchOf = `{"resourceType":"Bundle","type":"batch","entry":[
	{"request":{"method":"GET","url":"Patient/%[1]spatient"}},{"request":{"method":"GET","url":"Observation?patient=%[1]spatient"}},
	{"request":{"method":"GET","url":"Observation/%[1]sobservation/_history/1"}},{"request":{"method":"GET","url":"Patient?_summary=count"}},
	{"request":{"method":"GET","url":"Observation/%[1]sobservation/_history"}},{"request":{"method":"GET","url":"Patient/%[1]spatient/*"}},{"request":{"method":"GET","url":"?_type=Patient,Observation"}},
	{"resource":{"resourceType":"Parameters","parameter":[{"name":"_id","valueString":"%[1]spatient"}]},"request":{"method":"POST","url":"Patient/_search"}},
	{"request":{"method":"DELETE","url":"Observation/%[1]sobservation"}},{"request":{"method":"DELETE","url":"Patient?identifier=urn:x|Zyxw"}},
	{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient?identifier=urn:x|Zyxw"}},"request":{"method":"POST","url":"Observation"}},
	{"resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%[1]spatient"}},"request":{"method":"POST","url":"Observation","ifNoneExist":"patient=%[1]spatient"}}]}`

const transactionOf = `{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Observation/%[1]sobservation"}}]}`

// transactionsOf read otherwise, each by itself: what one refuses, another may tell.
var transactionsOf = []string{batchOf, transactionOf,
	`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Observation/%[1]sobservation/_history"}}]}`,
	`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/_history"}}]}`,
	`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"?_type=Patient,Observation"}},{"request":{"method":"POST","url":"Patient/_search?_id=%[1]spatient"}}]}`,
	`{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"GET","url":"Patient/%[1]spatient/Observation"}}]}`,
}

var newOne = []string{`{"resourceType":"%[2]s"}`, `{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%[1]spatient"}}`}

var patches = []string{`[{"op":"test","path":"/status","value":"final"}]`, `[{"op":"add","path":"/language","value":"en"}]`}

var checks = []string{`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Observation","status":"final","code":{"text":"x"},"subject":{"reference":"Patient/%[1]spatient"}}},{"name":"mode","valueCode":"update"}]}`, parametersOf}

var metas = []string{`{"resourceType":"Parameters","parameter":[{"name":"meta","valueMeta":{"tag":[{"system":"urn:x","code":"y"}]}}]}`}

// routeRows are the routes of the FHIR API. A route that is not here fails the test:
// say who reaches it before it is served.
var routeRows = map[string]routeRow{
	"GET /metadata": {who: anybody},

	"GET /{type}/{id}":                    {who: by(access.Read), query: []string{"", "_summary=true", "_elements=id"}},
	"GET /{type}/{id}/_history":           {who: by(access.History), query: []string{"", "_since=2000-01-01T00:00:00Z", "_count=1"}},
	"GET /{type}/{id}/_history/{version}": {who: by(access.VRead)},
	"GET /{type}/{id}/$meta":              {who: by(access.Read)},
	"POST /{type}/{id}/$meta":             {who: by(access.Read), bodies: []string{`{"resourceType":"Parameters"}`}},
	"PUT /{type}/{id}":                    {who: by(access.Update)},
	"PATCH /{type}/{id}":                  {who: by(access.Patch), bodies: patches},
	"DELETE /{type}/{id}":                 {who: by(access.Delete)},
	"POST /{type}/{id}/$meta-add":         {who: by(access.Update), bodies: metas},
	"POST /{type}/{id}/$meta-delete":      {who: by(access.Update), bodies: metas},
	"GET /{type}/{id}/$validate":          {who: by(access.Read)},
	"POST /{type}/{id}/$validate":         {who: anything(access.Read), bodies: checks},
	"POST /{type}/$validate":              {who: anything(access.Read), bodies: checks},
	"GET /{type}/{id}/$graphql":           {who: by(access.Read), query: []string{"query={id}", "query={meta{versionId}}"}},
	"POST /{type}/{id}/$graphql":          {who: by(access.Read), bodies: []string{`{"query":"{id,meta{versionId}}"}`}},

	"GET /{type}":                            {who: by(access.Search), query: searches},
	"POST /{type}/_search":                   {who: by(access.Search), query: searches},
	"GET /{type}/_history":                   {who: by(access.Search), query: []string{"", "_count=2"}},
	"POST /{type}":                           {who: by(access.Create), bodies: newOne},
	"PUT /{type}":                            {who: conditional(access.Update), query: []string{"identifier=urn:x|Zyxw", "patient=%spatient"}, bodies: newOne},
	"PATCH /{type}":                          {who: conditional(access.Patch), query: []string{"identifier=urn:x|Zyxw", "patient=%spatient"}, bodies: patches},
	"DELETE /{type}":                         {who: conditional(access.Delete), query: []string{"identifier=urn:x|Zyxw", "patient=%spatient"}},
	"GET /Patient/{patient}/{type}":          {who: by(access.Search), query: []string{"", "_summary=count", "_include=*"}},
	"POST /Patient/{patient}/{type}/_search": {who: by(access.Search)},
	"GET /Device/{id}/{type}":                {who: by(access.Search)}, "POST /Device/{id}/{type}/_search": {who: by(access.Search)},
	"GET /Encounter/{id}/{type}": {who: by(access.Search)}, "POST /Encounter/{id}/{type}/_search": {who: by(access.Search)},
	"GET /Practitioner/{id}/{type}": {who: by(access.Search)}, "POST /Practitioner/{id}/{type}/_search": {who: by(access.Search)},
	"GET /RelatedPerson/{id}/{type}": {who: by(access.Search)}, "POST /RelatedPerson/{id}/{type}/_search": {who: by(access.Search)},
	"GET /Patient/{patient}/*":          {who: of("Patient", access.Search), query: []string{"", "_summary=count"}},
	"POST /Patient/{patient}/*/_search": {who: of("Patient", access.Search)},
	"GET /{type}/$meta":                 {who: by(access.Search)},
	"POST /{type}/$meta":                {who: by(access.Search), bodies: []string{`{"resourceType":"Parameters"}`}},

	"GET ":          {who: anything(access.Search), query: []string{"", "_summary=count", "_type=Patient,Observation", "_id=%spatient", "_lastUpdated=gt2000-01-01&_include=*"}},
	"GET /":         {who: anything(access.Search), query: []string{"_summary=count"}},
	"POST /_search": {who: anything(access.Search), query: []string{"_type=Patient"}},
	"GET /$meta":    {who: anything(access.Search)},
	"POST /$meta":   {who: anything(access.Search), bodies: []string{`{"resourceType":"Parameters"}`}},
	"POST ":         {who: anything(access.Read), bodies: transactionsOf},
	"POST /":        {who: anything(access.Read), bodies: []string{batchOf}},
	"GET /_history": {who: only(access.Maintenance)},

	"GET /Patient/{id}/$everything":   {who: of("Patient", access.Read), query: []string{"", "_type=Observation", "_since=2000-01-01", "start=1900-01-01"}},
	"POST /Patient/{id}/$everything":  {who: of("Patient", access.Read), bodies: []string{parametersOf}},
	"GET /Patient/$everything":        {who: of("Patient", access.Search), query: []string{"", "_count=1", "_type=Observation"}},
	"POST /Patient/$everything":       {who: of("Patient", access.Search), bodies: []string{parametersOf}},
	"GET /Group/{id}/$everything":     {who: of("Group", access.Read), query: []string{"", "_type=Observation"}},
	"POST /Group/{id}/$everything":    {who: of("Group", access.Read), bodies: []string{parametersOf}},
	"GET /Encounter/{id}/$everything": {who: of("Encounter", access.Read), query: []string{"", "_type=Patient", "_count=1"}}, "POST /Encounter/{id}/$everything": {who: of("Encounter", access.Read), bodies: []string{parametersOf}},
	"GET /Patient/{id}/$eligibility": {who: of("Patient", access.Read), query: []string{""}}, "POST /Patient/{id}/$eligibility": {who: of("Patient", access.Read), bodies: []string{parametersOf}},
	"GET /Observation/$lastn":          {who: of("Observation", access.Search), query: []string{"patient=%spatient", "max=3", "subject=Patient/%spatient&code=zyxw"}},
	"POST /Observation/$lastn":         {who: of("Observation", access.Search), bodies: []string{parametersOf}},
	"GET /Composition/{id}/$document":  {who: of("Composition", access.Read), query: []string{""}},
	"POST /Composition/{id}/$document": {who: of("Composition", access.Read), bodies: []string{parametersOf}},
	"GET /Composition/$document":       {who: of("Composition", access.Read), query: []string{"id=%scomposition"}},
	"POST /Composition/$document":      {who: of("Composition", access.Read), bodies: []string{parametersOf}},
	"POST /Patient/$match": {who: of("Patient", access.Search), bodies: []string{
		`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":` + thePatient + `}]}`,
		`{"resourceType":"Parameters","parameter":[{"name":"resource","resource":{"resourceType":"Patient","identifier":[{"system":"urn:x","value":"Zyxw"}]}}]}`}},
	"POST /$convert": {who: anybody, bodies: []string{thePatient}},
	"GET /$graphql":  {who: anything(access.Read), query: graphQLs},
	"POST /$graphql": {who: anything(access.Read), bodies: []string{`{"query":"{Patient(id:\"%[1]spatient\"){id,name{family}}}"}`}},

	"GET /CodeSystem/$lookup": {who: of("CodeSystem", access.Search), query: lookups}, "POST /CodeSystem/$lookup": {who: of("CodeSystem", access.Search)},
	"GET /CodeSystem/$subsumes": {who: of("CodeSystem", access.Search), query: lookups}, "POST /CodeSystem/$subsumes": {who: of("CodeSystem", access.Search)},
	"GET /CodeSystem/{id}/$subsumes": {who: of("CodeSystem", access.Search)}, "POST /CodeSystem/{id}/$subsumes": {who: of("CodeSystem", access.Search)},
	"GET /CodeSystem/$validate-code": {who: of("CodeSystem", access.Search), query: lookups}, "POST /CodeSystem/$validate-code": {who: of("CodeSystem", access.Search)},
	"GET /CodeSystem/{id}/$validate-code": {who: of("CodeSystem", access.Search)}, "POST /CodeSystem/{id}/$validate-code": {who: of("CodeSystem", access.Search)},
	"GET /ValueSet/$expand": {who: of("ValueSet", access.Search), query: lookups}, "POST /ValueSet/$expand": {who: of("ValueSet", access.Search)},
	"GET /ValueSet/{id}/$expand": {who: of("ValueSet", access.Search)}, "POST /ValueSet/{id}/$expand": {who: of("ValueSet", access.Search)},
	"GET /ValueSet/$validate-code": {who: of("ValueSet", access.Search), query: lookups}, "POST /ValueSet/$validate-code": {who: of("ValueSet", access.Search)},
	"GET /ValueSet/{id}/$validate-code": {who: of("ValueSet", access.Search)}, "POST /ValueSet/{id}/$validate-code": {who: of("ValueSet", access.Search)},
	"GET /ConceptMap/$translate": {who: of("ConceptMap", access.Search), query: lookups}, "POST /ConceptMap/$translate": {who: of("ConceptMap", access.Search)},
	"GET /ConceptMap/{id}/$translate": {who: of("ConceptMap", access.Search)}, "POST /ConceptMap/{id}/$translate": {who: of("ConceptMap", access.Search)},

	"GET /Subscription/{id}/$status": {who: of("Subscription", access.Read)}, "POST /Subscription/{id}/$status": {who: of("Subscription", access.Read)},
	"GET /Subscription/$status": {who: of("Subscription", access.Search)}, "POST /Subscription/$status": {who: of("Subscription", access.Search)},
	"GET /Subscription/{id}/$events": {who: of("Subscription", access.Read)}, "POST /Subscription/{id}/$events": {who: of("Subscription", access.Read)},
	"GET /Subscription/$get-ws-binding-token": {who: of("Subscription", access.Read)}, "POST /Subscription/$get-ws-binding-token": {who: of("Subscription", access.Read)},
	"GET /Subscription/{id}/$get-ws-binding-token": {who: of("Subscription", access.Read)}, "POST /Subscription/{id}/$get-ws-binding-token": {who: of("Subscription", access.Read)},
	"POST /Subscription/{id}/$signing-secret": {who: of("Subscription", access.Read)},

	"GET /$explain":                     {who: only(access.Maintenance), query: []string{"_type=Patient&name=Zyxw"}},
	"GET /{type}/$explain":              {who: only(access.Maintenance)},
	"POST /$reindex":                    {who: only(access.Maintenance, access.Operator), bodies: []string{`{"resourceType":"Parameters","parameter":[{"name":"type","valueCode":"Basic"}]}`}},
	"POST /{type}/$reindex":             {who: only(access.Maintenance, access.Operator)},
	"GET /$reindex-status/{job}":        {who: only(access.Maintenance, access.Operator)},
	"DELETE /$reindex-status/{job}":     {who: only(access.Maintenance, access.Operator)},
	"GET /SearchParameter/{id}/$status": {who: of("SearchParameter", access.Read)},

	"GET /$export": {who: only(access.Maintenance)}, "POST /$export": {who: only(access.Maintenance)},
	"GET /Patient/$export": {who: only(access.Maintenance)}, "POST /Patient/$export": {who: only(access.Maintenance)},
	"GET /Group/{id}/$export": {who: only(access.Maintenance)}, "POST /Group/{id}/$export": {who: only(access.Maintenance)},
	"GET /$export-status/{job}": {who: exporters}, "DELETE /$export-status/{job}": {who: exporters},
}

var (
	operationOf = regexp.MustCompile(`\{operation:[^}]*\}`)
	pattern     = regexp.MustCompile(`\{([a-z]+):(?:[^{}]|\{[^}]*\})*\}`)
)

// plain is a route as the rows name it.
func plain(route string) string {
	for _, op := range operationOf.FindAllString(route, -1) {
		route = strings.Replace(route, op, "$"+op[strings.LastIndex(op, ")")+1:len(op)-1], 1)
	}
	return strings.Replace(pattern.ReplaceAllString(route, "{$1}"), "{all}", "*", 1)
}

func TestEveryRouteHasARow(t *testing.T) {
	s := service(t, t.TempDir())
	served := map[string]bool{}
	for _, route := range s.fhir.Routes() {
		served[plain(route)] = true
		if _, known := routeRows[plain(route)]; !known {
			t.Errorf("nothing says who reaches %q", plain(route))
		}
	}
	for route := range routeRows {
		if !served[route] {
			t.Errorf("%q is not served", route)
		}
	}
}

// typesAsked are the types that a route of any type is asked for.
func typesAsked(route string) []string {
	if !strings.Contains(route, "{type}") {
		return []string{""}
	}
	types := []string{"Practitioner", "AuditEvent", "Subscription"}
	for _, b := range belongings {
		types = append(types, b.typ)
	}
	return types
}

// requests are those of a route and type, about what has the prefix.
func requests(route, typ, prefix string) (all []ask) {
	row := routeRows[route]
	method, path, _ := strings.Cut(route, " ")
	ids := strings.NewReplacer("{type}", typ, "{id}", prefix+idOf(route, typ), "{patient}", prefix+"patient", "{version}", "1", "{job}", prefix+"job")
	fill := func(text string) string {
		return strings.NewReplacer("%[1]s", prefix, "%[2]s", typ, "%s", prefix, "%%", "%").Replace(text)
	}
	queries, bodies := row.query, row.bodies
	if len(queries) == 0 {
		queries = []string{""}
	}
	if len(bodies) == 0 {
		bodies = []string{""}
		if method == http.MethodPost && !strings.HasSuffix(path, "_search") {
			bodies = []string{parametersOf}
		}
	}
	for _, query := range queries {
		for _, body := range bodies {
			a := ask{method: method, path: ids.Replace(path), body: fill(body)}
			switch query = strings.NewReplacer(" ", "%20", "\"", "%22", "{", "%7B", "}", "%7D").Replace(fill(query)); {
			case strings.HasSuffix(path, "_search"):
				a.body, a.headers = query, []string{"Content-Type", "application/x-www-form-urlencoded"}
			case query != "":
				a.path += "?" + query
			}
			if method == http.MethodPatch {
				a.headers = []string{"Content-Type", "application/json-patch+json"}
			}
			if strings.HasSuffix(path, "$export") {
				a.headers = []string{"Prefer", "respond-async"}
			}
			all = append(all, a)
		}
	}
	return all
}

// idOf is the rest of the id in the path: operations on one type name it.
func idOf(route, typ string) string {
	if typ == "" {
		_, rest, _ := strings.Cut(route, " /")
		typ, _, _ = strings.Cut(rest, "/")
	}
	return strings.ToLower(typ)
}

// Whoever asks whatever, by whichever route, is refused what the policy does not
// have, and is told the same of another person as of nobody: not one word, id, count
// or error differs.
func TestNoRouteTellsOfTheOther(t *testing.T) {
	w := newLeakWorld(t)
	for _, who := range slices.Sorted(keysOf(askers)) {
		if who == "maintenance" {
			continue
		}
		for route, row := range routeRows {
			for _, typ := range typesAsked(route) {
				w.compare(who, route, typ, row)
			}
		}
	}
}

func keysOf[V any](m map[string]V) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func (w *leakWorld) compare(who, route, typ string, row routeRow) {
	role := askers[who].role
	own, others, nobodys := requests(route, typ, reached), requests(route, typ, hidden), requests(route, typ, ghost)
	for i := range own {
		first := w.send(who, own[i])
		text := learnt(first)
		w.unseen(who, own[i], text)
		if strings.Contains(text, hidden) && typ != "AuditEvent" { // a Group that lists both is named to both
			w.t.Errorf("%s: %s %s names another's: …%s", who, own[i].method, own[i].path, around(text, hidden))
		}
		if !row.who(role, typ) && first.Code < 400 {
			w.t.Errorf("%s: %s %s is not refused: %d %.300s", who, own[i].method, own[i].path, first.Code, first.Body)
		}
		another, none := learnt(w.send(who, others[i])), learnt(w.send(who, nobodys[i]))
		if strings.ReplaceAll(another, hidden, ghost) != none { // most answers are the same to the letter
			another, none = alike(another), alike(none)
		}
		w.unseen(who, others[i], another)
		if strings.ReplaceAll(another, hidden, ghost) != none && !made(none) && typ != "AuditEvent" {
			w.t.Errorf("%s: %s %s tells that it is there:\n%.500s\n%.500s", who, others[i].method, others[i].path, another, none)
		}
	}
}

// chance is what differs between two answers to one request: sealed page links, ids
// of Bundles, times, and the length that these make.
var chance = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{60,}|20\d\d-\d\d-\d\dT[0-9:.]+Z|Content-Length \[\d+\]`)

func alike(text string) string { return chance.ReplaceAllString(text, "*") }

// made: an id that nobody has can be created by who may create; ids are not to be
// guessed.
func made(none string) bool { return strings.HasPrefix(none, "201") }

// unseen holds that an answer has no word of the other's that was not asked with.
func (w *leakWorld) unseen(who string, a ask, text string) {
	w.t.Helper()
	for _, word := range canaries {
		said := strings.Contains(strings.ToLower(a.path+a.body), word)
		if strings.Contains(strings.ToLower(text), word) && !said {
			w.t.Errorf("%s: %s %s shows %s: %.600s", who, a.method, a.path, word, text)
		}
	}
}

// around is where a text has a word.
func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-300):min(len(text), i+100)]
}
