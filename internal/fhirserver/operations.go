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
	{Operation{"lastn", definitionURL + "Observation-lastn", "Observation"}, "/Observation/" + named("lastn"), methods{"GET": lastn, "POST": lastn}},
	{Operation{"meta", definitionURL + "Resource-meta", eachType}, typeStep + idStep + named("meta"), methods{"GET": readMeta}},
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
	{"/_search", methods{"POST": findPosted}},
	{"/Patient/{patient:" + idPattern + `}/{all:\*|%2[aA]}`, methods{"GET": find}},
	{"/Patient/{patient:" + idPattern + "}/{type:[A-Z][A-Za-z]+}/_search", methods{"POST": findPosted}},
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
