package fhirserver

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// object is a JSON object of the CapabilityStatement.
type object = map[string]any

// rendered is the CapabilityStatement as of a version of the search parameters. It
// is open to everybody, so that each form of it is made once, too.
type rendered struct {
	version int64
	mark    string // of the profiles
	body    []byte
	forms   sync.Map // wish to form
}

func (s *rendered) in(w wish) (form, error) {
	if w == (wish{}) {
		return form{jsonContent, s.body}, nil
	}
	if known, ok := s.forms.Load(w); ok {
		return known.(form), nil
	}
	made, err := w.form(s.body)
	if err == nil {
		s.forms.Store(w, made)
	}
	return made, err
}

// capabilities answers GET metadata. It is rendered anew when the search parameters or
// the profiles have changed; nothing else of it does while the process runs.
func capabilities(s *Server, w http.ResponseWriter, r *request) error {
	if s.described(w, r) {
		return nil
	}
	profiles, mark, err := s.supported(r.Context())
	if err != nil {
		return err
	}
	version := s.config.Registry.Version()
	statement := s.statement.Load()
	if statement == nil || statement.version != version || statement.mark != mark {
		body, err := json.Marshal(withProfiles(s.statementOf(), profiles))
		if err != nil {
			return errs.Wrap(err, errs.Internal, "the CapabilityStatement cannot be shown")
		}
		statement = &rendered{version: version, mark: mark, body: body}
		s.statement.Store(statement)
	}
	f, err := statement.in(r.wish)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the CapabilityStatement cannot be shown")
	}
	r.wish = wish{} // it is in that form already
	f.write(w, http.StatusOK)
	return nil
}

// statementOf says what is true of this server (R4, section 2.22): all resource
// types have the same interactions, so that the list is of what the routes serve.
func (s *Server) statementOf() object {
	return object{
		"resourceType": "CapabilityStatement", "status": "active", "kind": "instance",
		"date": s.config.Now().UTC().Format(time.RFC3339), "fhirVersion": "4.0.1", "format": []string{"json", "xml", fhirJSON, fhirXML}, "patchFormat": patchFormats,
		"software":       object{"name": s.config.Software.Name, "version": orUnknown(s.config.Software.Version)},
		"implementation": object{"description": s.config.Software.Name + " FHIR R4 API", "url": s.config.BaseURL},
		"rest":           []object{s.rest()},
	}
}

func (s *Server) rest() object {
	rest := object{
		"mode": "server", "security": s.security(), "resource": s.resources(), "interaction": coded("transaction", "batch", "history-system", "search-system"),
		"compartment": compartments(),
		"searchParam": []object{
			{"name": "_filter", "type": "special", "definition": "http://hl7.org/fhir/SearchParameter/filter", "documentation": "the expressions of section 3.1.3"},
			{"name": "_list", "type": "special", "documentation": "ids of Lists, not the lists by function"},
			{"name": "_has", "type": "special", "documentation": "also nested"},
		},
	}
	if operations := s.operationsOf(""); len(operations) > 0 {
		rest["operation"] = operations
	}
	return rest
}

// compartments are the canonicals of those in which can be searched.
func compartments() []string {
	all := []string{"http://hl7.org/fhir/CompartmentDefinition/patient"}
	for _, of := range records.Compartments() {
		all = append(all, "http://hl7.org/fhir/CompartmentDefinition/"+strings.ToLower(of[:1])+of[1:])
	}
	return all
}

func orUnknown(version string) string {
	if version == "" {
		return "development"
	}
	return version
}

func coded(codes ...string) []object {
	list := make([]object, len(codes))
	for i, code := range codes {
		list[i] = object{"code": code}
	}
	return list
}

func (s *Server) resources() []object {
	var list []object
	for _, typ := range model.Resources() {
		list = append(list, s.resource(typ))
	}
	return list
}

var (
	allInteractions  = []string{"read", "vread", "history-instance", "history-type", "search-type", "create", "update", "patch", "delete"}
	readInteractions = []string{"read", "search-type"}
)

func (s *Server) resource(typ string) object {
	if access.ClassOf(typ) == access.AuditTrail {
		return object{"type": typ, "interaction": coded(readInteractions...), "versioning": "no-version", "searchParam": s.searchParams(typ)}
	}
	r := object{
		"type": typ, "interaction": coded(allInteractions...), "versioning": "versioned-update",
		"readHistory": true, "updateCreate": true, "conditionalCreate": true, "conditionalRead": "full-support",
		"conditionalUpdate": true, "conditionalDelete": "single", "referencePolicy": []string{"literal", "local"},
		"searchParam": s.searchParams(typ),
	}
	if includes := s.includes(typ); len(includes) > 1 {
		r["searchInclude"] = includes
	}
	r["searchRevInclude"] = s.revIncludes(typ)
	if operations := s.operationsOf(typ); len(operations) > 0 {
		r["operation"] = operations
	}
	if typ == "Provenance" {
		r["documentation"] = "A Provenance is not edited: a write over one may change its meta alone."
	}
	if typ == "Subscription" && len(s.topics) > 0 {
		s.subscribable(r)
	}
	return r
}

const backport = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"

// subscribable lists the topics (Subscriptions R5 Backport, CapabilityStatement).
func (s *Server) subscribable(r object) {
	var topics []object
	for _, url := range s.topics {
		topics = append(topics, object{"url": backport + "capabilitystatement-subscriptiontopic-canonical", "valueCanonical": url})
	}
	r["extension"] = topics
	profiles, _ := r["supportedProfile"].([]string)
	r["supportedProfile"] = append(profiles, backport+"backport-subscription")
}

// Topics lists what can be subscribed to in the CapabilityStatement.
func (s *Server) Topics(urls ...string) { s.topics = append(s.topics, urls...) }

func (s *Server) searchParams(typ string) []object {
	var list []object
	for _, p := range s.config.Registry.Params(typ) {
		if access.ClassOf(typ) == access.AuditTrail && !records.EventParams[p.Code] {
			continue
		}
		if !s.config.Records.FullText() && (p.Code == search.TextParam || p.Code == search.ContentParam) {
			continue
		}
		row := object{"name": p.Code, "type": p.Kind.String()}
		if p.URL != "" {
			row["definition"] = p.URL
		}
		list = append(list, row)
	}
	return list
}

// includes are the references that an _include can follow.
func (s *Server) includes(typ string) []string {
	list := []string{"*"}
	for _, p := range s.config.Registry.Params(typ) {
		if p.Kind == search.Reference {
			list = append(list, typ+":"+p.Code)
		}
	}
	return list
}

// revIncludes are the references to the type, * for all of them. Those that may point to any type are
// served, too, but only Provenance's is listed: there are too many.
func (s *Server) revIncludes(typ string) []string {
	list := []string{"*"}
	for _, from := range model.Resources() {
		if access.ClassOf(from) == access.AuditTrail {
			continue
		}
		for _, p := range s.config.Registry.Params(from) {
			anything := len(p.Targets) == len(model.Resources()) && from != "Provenance"
			if p.Kind == search.Reference && !anything && slices.Contains(p.Targets, typ) {
				list = append(list, from+":"+p.Code)
			}
		}
	}
	return list
}

func (s *Server) operationsOf(typ string) []object {
	var list []object
	for _, o := range s.operations {
		if o.Type == typ {
			list = append(list, object{"name": o.Name, "definition": o.Definition})
		}
	}
	return list
}

// security names the OAuth endpoints (SMART App Launch 2.2, and its older
// extension that many clients still read).
func (s *Server) security() object {
	var urls []object
	for _, row := range []struct{ name, url string }{
		{"authorize", s.config.OAuth.Authorize}, {"token", s.config.OAuth.Token}, {"introspect", s.config.OAuth.Introspect},
		{"revoke", s.config.OAuth.Revoke}, {"register", s.config.OAuth.Register},
	} {
		if row.url != "" {
			urls = append(urls, object{"url": row.name, "valueUri": row.url})
		}
	}
	security := object{"cors": true, "service": []object{{
		"coding": []object{{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}},
		"text":   "OAuth 2.0 with SMART on FHIR",
	}}}
	if len(urls) > 0 {
		security["extension"] = []object{{"url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris", "extension": urls}}
	}
	return security
}
