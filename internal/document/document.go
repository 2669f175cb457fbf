// Package document answers Composition/$document (R4, operation Composition-document):
// a Composition and what it refers to, as a Bundle of type document (R4, section 3.3.1)
// that can be sent, signed or kept by itself.
//
//	Composition -> what it refers to -> what these refer to, ... -> Bundle
//
// In the document is all that the Composition refers to on this server, but for the
// documents that it replaces or appends to (relatesTo), and what that needs to be read by
// itself: the Medication of a MedicationRequest, the Practitioner of an Observation. A
// document is whole or not at all: when something that the Composition refers to is not
// here, or is not within the reach of who asks, the answer says which and is no document.
// What lies on other servers stays a reference to there.
//
// Neighbours: internal/records gathers the resources and keeps a document that is to be
// persisted.
package document

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Config is what a Service works with; all of it must be set.
type Config struct {
	Records *records.Service
	BaseURL string                  // of the FHIR API, without a slash at the end
	Now     func() time.Time        // of Bundle.timestamp
	NewID   func(typ string) string // UUIDs, of Bundle.identifier
}

// Service answers $document.
type Service struct{ Config }

// New returns a Service.
func New(c Config) *Service { return &Service{c} }

const definition = "http://hl7.org/fhir/OperationDefinition/Composition-document"

// Routes are the operation's places.
func (s *Service) Routes() (routes []operation.Route) {
	for _, path := range []string{"/Composition/$document", "/Composition/{id}/$document"} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			routes = append(routes, operation.Route{Method: method, Path: path, Handle: s.answer})
		}
	}
	routes[0].Name, routes[0].Definition, routes[0].Types = "document", definition, []string{"Composition"}
	return routes
}

const maxBody = 1 << 20

func (s *Service) answer(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := operation.Read(w, r, maxBody)
	if err != nil {
		return err
	}
	if err := in.Only("id", "persist"); err != nil {
		return err
	}
	id, err := s.idOf(mux.Vars(r)["id"], in.Text("id"))
	if err != nil {
		return err
	}
	persist, err := persists(r, in.Text("persist"))
	if err != nil {
		return err
	}
	document, err := s.generate(r.Context(), actor, id)
	if err != nil {
		return err
	}
	if !persist {
		operation.Answer(w, http.StatusOK, document)
		return nil
	}
	return s.persist(w, r, actor, document)
}

// persists tells whether the document is to be kept, which no GET may ask for.
func persists(r *http.Request, text string) (bool, error) {
	persist, err := strconv.ParseBool(cmp.Or(text, "false"))
	switch {
	case err != nil:
		return false, errs.Wrap(err, errs.Invalid, "persist is true or false").At("Parameters.parameter")
	case persist && r.Method != http.MethodPost:
		return false, errs.New(errs.Invalid, "a document is persisted by POST").At("Parameters.parameter")
	}
	return persist, nil
}

// idOf is the id of the Composition: the path's, or that of a parameter which is an id,
// Composition/id, or its URL here.
func (s *Service) idOf(path, given string) (string, error) {
	id := strings.TrimPrefix(strings.TrimPrefix(given, s.BaseURL+"/"), "Composition/")
	switch {
	case path != "" && id != "" && id != path:
		return "", errs.New(errs.Invalid, "the parameter id names another Composition than the URL").At("Parameters.parameter")
	case path != "":
		return path, nil
	case id == "":
		return "", errs.New(errs.Invalid, "say with the parameter id which Composition is meant, or ask Composition/[id]/$document").At("Parameters.parameter")
	case strings.Contains(id, "/"):
		return "", errs.New(errs.NotFound, "documents are made of the Compositions of this server").At("Parameters.parameter")
	}
	return id, nil
}

func (s *Service) generate(ctx context.Context, actor access.Actor, id string) ([]byte, error) {
	all, err := s.Records.Gather(ctx, actor, records.Gather{Type: "Composition", ID: id, Without: []string{"relatesTo"}, Query: "$document"})
	if err != nil {
		return nil, err
	}
	if len(all.Missing) > 0 {
		return nil, incomplete(all.Missing)
	}
	return s.bundle(slices.Insert(all.Others, 0, all.Root)), nil
}

// incomplete says of each reference that it leads nowhere.
func incomplete(places []string) error {
	faults := make(records.Faults, len(places))
	for i, place := range places {
		faults[i] = errs.New(errs.Unprocessable, "the document would not be whole: what this refers to is not here, or not within your reach").At(place)
	}
	return errs.Wrap(faults, errs.Unprocessable, "the document would not be whole")
}

// bundle is the document: the Composition first, each resource as it is stored.
func (s *Service) bundle(resources []store.Resource) []byte {
	b := fmt.Appendf(nil, `{"resourceType":"Bundle","identifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:%s"},"type":"document","timestamp":%q,"entry":[`,
		s.NewID("Bundle"), s.Now().UTC().Format("2006-01-02T15:04:05.000Z"))
	for i, r := range resources {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, `{"fullUrl":%q,"resource":`, s.BaseURL+"/"+r.Type+"/"+r.ID)
		b = append(append(b, r.Body...), '}')
	}
	return append(b, "]}"...)
}

// persist keeps the document as a Bundle of its own, and answers it as it is kept.
func (s *Service) persist(w http.ResponseWriter, r *http.Request, actor access.Actor, document []byte) error {
	kept, err := s.Records.Create(r.Context(), actor, records.Op{Type: "Bundle", JSON: document})
	if err != nil {
		return err
	}
	w.Header().Set("Location", s.BaseURL+"/Bundle/"+kept.Resource.ID+"/_history/"+strconv.FormatInt(kept.Resource.Version, 10))
	if kept.Resource.Body == nil { // who may create Bundles need not be able to read them
		kept.Resource.Body = document
	}
	operation.Answer(w, http.StatusOK, kept.Resource.Body)
	return nil
}
