package fhirserver

import (
	"net/http"
	"slices"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/operation"
	"tributary/internal/records"
)

// eachType is the Type of an operation that every resource type has.
const eachType = "*"

// operations are those that are served here; other packages add theirs with Handle.
var operations = []struct {
	Operation
	path string
	methods
}{
	{Operation{"everything", definitionURL + "Patient-everything", "Patient"}, "/Patient/" + idStep + named("everything"), methods{"GET": everything, "POST": everything}},
	{Operation{"convert", definitionURL + "Resource-convert", ""}, "/" + named("convert"), methods{"POST": convert}},
	{Operation{"everything", definitionURL + "Group-everything", "Group"}, "/Group/" + idStep + named("everything"), methods{"GET": everybody, "POST": everybody}},
	{Operation{"everything", definitionURL + "Encounter-everything", "Encounter"}, "/Encounter/" + idStep + named("everything"), methods{"GET": encounterEverything, "POST": encounterEverything}},
	{Operation{"lastn", definitionURL + "Observation-lastn", "Observation"}, "/Observation/" + named("lastn"), methods{"GET": lastn, "POST": lastn}},
	{Operation{"meta", definitionURL + "Resource-meta", eachType}, typeStep + idStep + named("meta"), methods{"GET": readMeta, "POST": readMeta}},
	{Operation{"meta", definitionURL + "Resource-meta", ""}, "/" + named("meta"), methods{"GET": labelsInUse, "POST": labelsInUse}},
	{Operation{"meta-add", definitionURL + "Resource-meta-add", eachType}, typeStep + idStep + named("meta-add"), methods{"POST": changeMeta((*records.Service).AddMeta)}},
	{Operation{"meta-delete", definitionURL + "Resource-meta-delete", eachType}, typeStep + idStep + named("meta-delete"), methods{"POST": changeMeta((*records.Service).DeleteMeta)}},
}

// further paths of the API, of several resources at a time.
var further = []struct {
	path string
	methods
}{
	{"/_history", methods{"GET": history}},
	{"/{type:[A-Z][A-Za-z]+}/_history", methods{"GET": history}},
	{"/Patient/" + named("everything"), methods{"GET": everybody, "POST": everybody}},
	{"/_search", methods{"POST": findPosted}},
	{"/Patient/{patient:" + idPattern + `}/{all:\*|%2[aA]}`, methods{"GET": find}},
	{"/Patient/{patient:" + idPattern + "}/{type:[A-Z][A-Za-z]+}/_search", methods{"POST": findPosted}},
	{"/Patient/{patient:" + idPattern + `}/{all:\*|%2[aA]}/_search`, methods{"POST": findPosted}},
	{typeStep + named("meta"), methods{"GET": labelsInUse, "POST": labelsInUse}},
	{"/" + named("explain"), methods{"GET": explain}},
	{typeStep + named("explain"), methods{"GET": explain}},
}

const (
	typeStep = "/{type:[A-Z][A-Za-z]+}/"
	idStep   = "{id:" + idPattern + "}/"
)

// named is the step of a path that names an operation; some clients escape its $.
func named(name string) string { return `{operation:(?:\$|%24)` + name + `}` }

const definitionURL = "http://hl7.org/fhir/OperationDefinition/"

func (s *Server) routeOperations() {
	for _, of := range records.Compartments() {
		in := "/" + of + "/" + idStep + "{type:[A-Z][A-Za-z]+}"
		s.add(in, methods{"GET": findIn(of)})
		s.add(in+"/_search", methods{"POST": findPostedIn(of)})
	}
	for _, row := range further {
		s.add(row.path, row.methods)
	}
	for _, o := range operations {
		s.add(o.path, o.methods)
		types := []string{o.Type}
		if o.Type == eachType {
			types = kept()
		}
		for _, typ := range types {
			s.operations = append(s.operations, Operation{o.Name, o.Definition, typ})
		}
	}
	for _, r := range explained(s.config.BaseURL) {
		if r.Name != "" {
			s.operations = append(s.operations, Operation{r.Name, r.Definition, ""})
		}
	}
}

// Operations are those that a server at the base URL serves by itself, as routes
// without handlers: for their definitions.
func Operations(base string) []operation.Route {
	routes := explained(base)
	for _, o := range operations {
		routes = append(routes, operation.Route{Method: http.MethodGet, Path: o.path, Name: o.Name, Definition: o.Definition})
	}
	return routes
}

// explained is $explain, which is not HL7's.
func explained(base string) []operation.Route {
	return []operation.Route{
		{Method: http.MethodGet, Path: "/$explain", Name: "explain", Definition: base + "/OperationDefinition/explain",
			About: "How a search would be answered: in words, in SQL, and in the database's own plan. The other parameters are the search's own. For maintenance clients.",
			Parameters: []operation.Parameter{
				{Name: "_type", Use: "in", Max: "*", Type: "code"},
				{Name: "words", Use: "out", Max: "*", Type: "string"},
				{Name: "sql", Use: "out", Max: "*", Type: "string"},
				{Name: "plan", Use: "out", Max: "*", Type: "string"},
			}},
		{Method: http.MethodGet, Path: "/{type}/$explain"},
	}
}

// kept are the types of the resources that a client can write.
func kept() []string {
	return slices.DeleteFunc(slices.Clone(model.Resources()), func(typ string) bool { return access.ClassOf(typ) == access.AuditTrail })
}

// input reads the parameters of an operation that takes primitive ones only.
func (s *Server) input(w http.ResponseWriter, r *request) ([]search.Pair, error) {
	in, err := operation.Read(w, r.Request, s.config.BodyLimit)
	if err != nil {
		return nil, err
	}
	return in.Pairs()
}
