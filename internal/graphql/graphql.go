// Package graphql serves $graphql (R4, http://hl7.org/fhir/R4/graphql.html) at the
// system and at single resources, by GET with the text as a parameter and by POST
// with the text (application/graphql) or the usual JSON of GraphQL clients.
//
// Whatever a query reads goes through package records for the actor who asks: it is
// decided, narrowed and audited like a read or a search of its own, so that a query
// shows nothing that the RESTful API would not. Mutations are writes of their own,
// one after the other; they are taken by POST only.
//
// Neighbours: fhir/graphql understands and runs the text; internal/records is its
// source.
package graphql

import (
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir/graphql"
	"tributary/fhir/model"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/paging"
	"tributary/internal/records"
)

// Config is what a Service works with; all but Now and Logger must be set.
type Config struct {
	Records *records.Service
	BaseURL string // of the FHIR API, without a slash at the end
	Cursors *paging.Cursors
	Now     func() time.Time
	Logger  *slog.Logger
}

// Service answers $graphql.
type Service struct{ config Config }

// New returns a Service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return &Service{c}
}

const definition = "http://hl7.org/fhir/OperationDefinition/Resource-graphql"

// Routes are the operation's places.
func (s *Service) Routes() []operation.Route {
	const instance = "/{type:[A-Z][A-Za-z]+}/{id}/$graphql"
	return []operation.Route{
		{Method: http.MethodGet, Path: "/$graphql", Name: "graphql", Definition: definition, Handle: s.answer},
		{Method: http.MethodPost, Path: "/$graphql", Handle: s.answer},
		{Method: http.MethodGet, Path: instance, Name: "graphql", Definition: definition, Types: model.Resources(), Handle: s.answer},
		{Method: http.MethodPost, Path: instance, Handle: s.answer},
	}
}

// maxBody bounds the text of a request, with its variables.
const maxBody = 2 << 20

// asked is a request as it came.
type asked struct {
	query, operation string
	variables        tree.Value
}

func (s *Service) answer(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	in, err := read(w, r)
	if err != nil {
		return err
	}
	request, err := graphql.Parse(in.query, in.operation, in.variables)
	var fault *graphql.Fault
	switch {
	case errors.As(err, &fault):
		write(w, http.StatusBadRequest, graphql.Refusal(fault))
		return nil
	case request.Mutates() && r.Method != http.MethodPost:
		write(w, http.StatusMethodNotAllowed, graphql.Refusal(&graphql.Fault{Message: "a mutation is sent by POST"}))
		return nil
	}
	focus, err := s.focus(r, actor)
	if err != nil {
		return err
	}
	result := request.Run(r.Context(), source{s, actor}, focus, s.config.Now())
	s.log(result)
	write(w, statusOf(result), result.JSON)
	return nil
}

// Select answers what a text selects of the result of an operation (R4's page,
// section Operations).
func (s *Service) Select(r *http.Request, actor access.Actor, resource []byte, text string) (int, []byte) {
	focus, err := tree.Parse(resource)
	if err != nil {
		return http.StatusInternalServerError, graphql.Refusal(&graphql.Fault{Message: "the result of the operation cannot be read"})
	}
	request, err := graphql.Parse(text, "", tree.Value{})
	var fault *graphql.Fault
	if errors.As(err, &fault) {
		return http.StatusBadRequest, graphql.Refusal(fault)
	}
	result := request.Run(r.Context(), source{s, actor}, focus, s.config.Now())
	s.log(result)
	return statusOf(result), result.JSON
}

// statusOf is 200 for data; what failed says which status (R4's page: 200 with data,
// or an error).
func statusOf(result graphql.Result) int {
	switch {
	case len(result.Faults) == 0:
		return http.StatusOK
	case result.Faults[0].Cause != nil:
		return errs.Of(result.Faults[0].Cause).Kind.Status()
	}
	return http.StatusBadRequest
}

// focus is the resource that a query of an instance walks.
func (s *Service) focus(r *http.Request, actor access.Actor) (tree.Value, error) {
	typ, id := mux.Vars(r)["type"], mux.Vars(r)["id"]
	if typ == "" {
		return tree.Value{}, nil
	}
	found, err := s.config.Records.Read(r.Context(), actor, typ, id)
	if err != nil {
		return tree.Value{}, err
	}
	return parsed(found)
}

// log tells of faults that are ours.
func (s *Service) log(result graphql.Result) {
	for _, f := range result.Faults {
		if f.Cause != nil && errs.Is(f.Cause, errs.Internal) {
			s.config.Logger.Error("a field of a GraphQL request failed", "error", f.Cause)
		}
	}
}

// read takes the request apart: of the URL, or of the body.
func read(w http.ResponseWriter, r *http.Request) (in asked, err error) {
	q := r.URL.Query()
	in.query, in.operation = q.Get("query"), q.Get("operationName")
	if text := q.Get("variables"); text != "" {
		if in.variables, err = tree.Parse([]byte(text)); err != nil {
			return in, errs.Wrap(err, errs.Invalid, "variables are a JSON object").At("http.variables")
		}
	}
	if r.Method == http.MethodPost {
		if err := in.posted(w, r); err != nil {
			return in, err
		}
	}
	if in.query == "" {
		return in, errs.New(errs.Invalid, "the parameter query has the text of the GraphQL request").At("http.query")
	}
	return in, nil
}

func (in *asked) posted(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return errs.New(errs.TooLarge, "the body is over the limit of %d bytes", maxBody)
	case err != nil:
		return errs.Wrap(err, errs.Invalid, "the body ended early")
	case len(body) == 0:
		return nil
	}
	switch typ, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); typ {
	case "application/graphql":
		in.query = string(body)
		return nil
	case "application/json", operation.JSON:
		return in.json(body)
	}
	return errs.New(errs.Unsupported, "the body is application/graphql, or application/json with the members query, operationName and variables")
}

func (in *asked) json(body []byte) error {
	root, err := tree.Parse(body)
	if err != nil || root.Kind() != tree.Object {
		return errs.Wrap(err, errs.Invalid, "the body is a JSON object with the members query, operationName and variables")
	}
	in.query, in.operation, in.variables = root.Get("query").Text(), root.Get("operationName").Text(), root.Get("variables")
	return nil
}

// write answers JSON that is no FHIR (R4's page: the type is application/json).
func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client has gone
}
