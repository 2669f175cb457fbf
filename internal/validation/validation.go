// Package validation answers $validate (R4, operation Resource-validate): whether a
// resource is valid R4, conforms to the profiles that it claims and to those that are
// asked for, and would be accepted from this client.
//
//	body -> package fhir: structure, types, cardinalities, required codes
//	     -> fhir/profile: R4's invariants, the profiles, the extensions
//	     -> the policy: whether the client could do what mode names
//
// The answer is an OperationOutcome with status 200, whatever is found: a fault of the
// resource is no fault of the request. What stops the request itself (no resource, no
// such resource, no right) is answered as everywhere.
//
// Profiles are the StructureDefinitions of the store, found by their canonical,
// compiled and kept (definitions.go). They and the terminology are read for this
// package's own job: rules are the server's, and hold for those, too, who could not
// read where they are written. What a reference names is read for the client, so that
// nobody learns of a resource by referring to it.
//
// Writes are not validated by profiles; $validate is how a client asks before.
//
// Neighbours: fhir/profile holds; internal/records reads; internal/app mounts.
package validation

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir/model"
	"tributary/fhir/terminology"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Records is what the package asks of records.Service.
type Records interface {
	Read(ctx context.Context, actor access.Actor, typ, id string) (store.Resource, error)
	Search(ctx context.Context, actor access.Actor, q records.Search) (records.Page, error)
	Versions(ctx context.Context, actor access.Actor, v records.Versions) (store.Page, error)
	Vocabulary(actor access.Actor) *terminology.Service
}

// Policy decides; access.Policy does.
type Policy interface {
	Decide(ctx context.Context, a access.Actor, r access.Request) (access.Decision, error)
}

// Config is what a Service works with; all must be set.
type Config struct {
	Records Records
	Policy  Policy
	BaseURL string // of the FHIR API, without a slash at the end: references to it are ours
	Now     func() time.Time
	Limit   int64 // of a body in bytes
}

// Service answers $validate.
type Service struct {
	Config
	definitions *definitions
	supported   atomic.Pointer[supported]
}

// New returns a Service.
func New(c Config) *Service {
	return &Service{Config: c, definitions: &definitions{records: c.Records, now: c.Now, entries: map[string]*entry{}}}
}

// Definition is the canonical of the operation's definition.
const Definition = "http://hl7.org/fhir/OperationDefinition/Resource-validate"

const (
	typePath     = `/{type:[A-Z][A-Za-z]+}/$validate`
	instancePath = `/{type:[A-Z][A-Za-z]+}/{id:[A-Za-z0-9\-.]{1,64}}/$validate`
)

// Routes are the operation's places: of every type that clients can write.
func (s *Service) Routes() []operation.Route {
	var types []string
	for _, typ := range model.Resources() {
		if access.ClassOf(typ) != access.AuditTrail {
			types = append(types, typ)
		}
	}
	return []operation.Route{
		{Method: http.MethodPost, Path: typePath, Name: "validate", Definition: Definition, Types: types, Handle: s.answer},
		{Method: http.MethodGet, Path: instancePath, Handle: s.answer},
		{Method: http.MethodPost, Path: instancePath, Handle: s.answer},
	}
}

// question is one call.
type question struct {
	actor    access.Actor
	typ, id  string // of the URL; id is "" of a type
	mode     string // create, update, delete, profile or ""
	profiles []string
	resource tree.Value
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if _, err := s.Policy.Decide(r.Context(), actor, access.Request{Interaction: access.Transaction}); err != nil {
		return err
	}
	q, err := s.question(w, r, actor)
	if err != nil {
		return err
	}
	found, err := s.findings(r.Context(), q)
	if err != nil {
		return err
	}
	operation.Answer(w, http.StatusOK, outcome(found))
	return nil
}

// modes are those of the specification, and whether one is of an instance only.
var modes = map[string]bool{"": false, "create": false, "update": false, "delete": true, "profile": true}

func (s *Service) question(w http.ResponseWriter, r *http.Request, actor access.Actor) (question, error) {
	vars := mux.Vars(r)
	q := question{actor: actor, typ: vars["type"], id: vars["id"]}
	in, err := operation.ReadUnchecked(w, r, s.Limit)
	if err != nil {
		return q, err
	}
	if err := in.Only("resource", "mode", "profile"); err != nil {
		return q, err
	}
	q.mode, q.profiles, q.resource = in.Text("mode"), in.All("profile"), in.Resource("resource")
	ofInstance, known := modes[q.mode]
	switch {
	case !known:
		return q, errs.New(errs.Invalid, "mode is create, update, delete or profile").At("Parameters.parameter")
	case ofInstance && q.id == "":
		return q, errs.New(errs.Invalid, "the mode %s is for a resource that is here: call %s/id/$validate", q.mode, q.typ).At("Parameters.parameter")
	case q.mode == "profile" && len(q.profiles) == 0:
		return q, errs.New(errs.Invalid, "the mode profile needs the parameter profile").At("Parameters.parameter")
	case len(q.profiles) > maxProfiles:
		return q, errs.New(errs.Invalid, "at most %d profiles are held against at once", maxProfiles).At("Parameters.parameter")
	case q.resource.Exists() && q.resource.Kind() != tree.Object:
		return q, errs.New(errs.Invalid, "the parameter resource holds a resource").At("Parameters.parameter")
	case !q.resource.Exists() && q.id == "":
		return q, errs.New(errs.Invalid, "post the resource, or a Parameters resource with a parameter named resource").At("Parameters.parameter")
	}
	return q, nil
}

// maxProfiles bounds those that one call may ask for.
const maxProfiles = 20
