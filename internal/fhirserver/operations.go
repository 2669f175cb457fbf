package fhirserver

import (
	"net/http"
	"slices"

	"tributary/fhir"
	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
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

// input reads the parameters of an operation: of the URL and, when it is posted, of
// a Parameters resource (R4, section 3.2.0.4) or a form.
func (s *Server) input(w http.ResponseWriter, r *request) ([]search.Pair, error) {
	pairs, err := records.Pairs(r.URL.RawQuery)
	if err != nil || r.Method != http.MethodPost || r.ContentLength == 0 {
		return pairs, err
	}
	if mediaType(r.Header.Get("Content-Type")) == formType {
		form, err := readAll(w, r.Request, 1<<20)
		if err != nil {
			return nil, err
		}
		more, err := records.Pairs(string(form))
		return append(pairs, more...), err
	}
	if !jsonTypes[mediaType(r.Header.Get("Content-Type"))] {
		return nil, errs.New(errs.Unsupported, "the body must be %s", fhirJSON)
	}
	body, err := readAll(w, r.Request, s.config.BodyLimit)
	if err != nil {
		return nil, err
	}
	more, err := parameters(body)
	return append(pairs, more...), err
}

const formType = "application/x-www-form-urlencoded"

// parameters reads the values of a Parameters resource as they would stand in a URL.
func parameters(body []byte) (pairs []search.Pair, err error) {
	in, err := parametersOf(body)
	if err != nil {
		return nil, err
	}
	for p := range in.Get("parameter").Elements() {
		value, found := primitive(p)
		if !found {
			return nil, errs.New(errs.Invalid, "this parameter takes a primitive value").At(p.Expression())
		}
		pairs = append(pairs, search.Pair{Name: p.Get("name").Text(), Value: value})
	}
	return pairs, nil
}

func parametersOf(body []byte) (tree.Value, error) {
	in, err := fhir.Parse(body)
	switch {
	case err != nil:
		return tree.Value{}, errs.Wrap(err, errs.Invalid, "this is no valid R4 resource")
	case in.Type != "Parameters":
		return tree.Value{}, errs.New(errs.Invalid, "an operation takes a Parameters resource").At(in.Type)
	}
	return in.Root, nil
}

// primitive is the value[x] of a parameter that has one without parts.
func primitive(p tree.Value) (string, bool) {
	for m := p.First(); m.Exists(); m = m.Next() {
		name := m.Key()
		if len(name) > 5 && name[:5] == "value" && slices.Contains([]tree.Kind{tree.String, tree.Number, tree.Bool}, m.Kind()) {
			return m.Text(), true
		}
	}
	return "", false
}
