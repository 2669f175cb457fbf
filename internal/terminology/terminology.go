// Package terminology serves R4's terminology operations (section 4.7) over the code
// systems, value sets and concept maps that the one who asks reaches, and those of R4
// itself:
//
//	ValueSet/$expand, ValueSet/$validate-code       by url, by id, or of a value set that is sent along
//	CodeSystem/$lookup, $validate-code, $subsumes
//	ConceptMap/$translate                           by url, by id, or by what is to be translated
//
// Each takes its parameters from the URL, a form or a Parameters resource. The
// answers are worked out by fhir/terminology; what it cannot know it says, and so
// does this package: a code of a system that is not loaded is not valid, with a
// message that tells why.
//
// Neighbours: internal/records decides who reaches what, keeps it compiled and
// records the access; internal/operation reads and writes; internal/fhirserver
// mounts the routes.
package terminology

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir/terminology"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/operation"
	"tributary/internal/records"
)

// Records is where terminology comes from: records.Service.
type Records interface {
	Consult(ctx context.Context, actor access.Actor, typ, asked string, answer func(*terminology.Service) error) error
	Compiled(ctx context.Context, actor access.Actor, typ, id string) (any, error)
}

var _ Records = (*records.Service)(nil)

// Service answers the operations.
type Service struct {
	records Records
	now     func() time.Time
}

// New returns a Service.
func New(records Records, now func() time.Time) *Service { return &Service{records, now} }

// maxBody bounds a value set or code system that is sent along.
const maxBody = 8 << 20

// an operation of a type: what it takes, and how it answers.
type op struct {
	typ, name  string
	instance   bool // also at Type/id
	parameters []string
	answer     func(c *call) ([]byte, error)
}

var operations = []op{
	{"ValueSet", "expand", true, words(`url valueSet valueSetVersion filter offset count includeDesignations designation includeDefinition
		activeOnly excludeNested excludeNotForUI excludePostCoordinated displayLanguage exclude-system system-version
		check-system-version force-system-version`), expand},
	{"ValueSet", "validate-code", true, words(`url valueSet valueSetVersion code system systemVersion display coding codeableConcept
		abstract displayLanguage`), validateInSet},
	{"CodeSystem", "validate-code", true, words("url codeSystem version code display coding codeableConcept abstract displayLanguage"), validateInSystem},
	{"CodeSystem", "lookup", false, words("code system version coding displayLanguage property"), lookup},
	{"CodeSystem", "subsumes", true, words("codeA codeB system version codingA codingB"), subsumes},
	{"ConceptMap", "translate", true, words(`url conceptMap conceptMapVersion code system version source coding codeableConcept target
		targetsystem dependency reverse`), translate},
}

func words(text string) []string { return strings.Fields(text) }

// Routes are the operations' places.
func (s *Service) Routes() (routes []operation.Route) {
	for _, o := range operations {
		definition := "http://hl7.org/fhir/OperationDefinition/" + o.typ + "-" + o.name
		handle := s.handler(o)
		routes = append(routes,
			operation.Route{Method: http.MethodGet, Path: "/" + o.typ + "/$" + o.name, Name: o.name, Definition: definition, Types: []string{o.typ}, Handle: handle},
			operation.Route{Method: http.MethodPost, Path: "/" + o.typ + "/$" + o.name, Handle: handle})
		if o.instance {
			path := "/" + o.typ + "/{id}/$" + o.name
			routes = append(routes,
				operation.Route{Method: http.MethodGet, Path: path, Handle: handle},
				operation.Route{Method: http.MethodPost, Path: path, Handle: handle})
		}
	}
	return routes
}

// call is one request of an operation.
type call struct {
	context.Context
	*terminology.Service
	in    operation.Input
	typ   string
	id    string // of the instance; "" on the type
	named any    // the instance
	now   time.Time
}

func (s *Service) handler(o op) operation.Handler {
	return func(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
		c := &call{Context: r.Context(), typ: o.typ, id: mux.Vars(r)["id"], now: s.now()}
		var err error
		if c.in, err = operation.Read(w, r, maxBody); err != nil {
			return err
		}
		if err := c.in.Only(o.parameters...); err != nil {
			return err
		}
		if c.id != "" {
			if c.named, err = s.records.Compiled(c, actor, o.typ, c.id); err != nil {
				return err
			}
		}
		var answer []byte
		err = s.records.Consult(c, actor, o.typ, asked(o, r), func(t *terminology.Service) (err error) {
			c.Service = t
			answer, err = o.answer(c)
			return told(err)
		})
		if err == nil {
			operation.Answer(w, http.StatusOK, answer)
		}
		return err
	}
}

// asked is what the audit trail keeps of the question.
func asked(o op, r *http.Request) string { return "$" + o.name + "?" + r.URL.RawQuery }

// outcomes are the kinds of what cannot be answered.
var outcomes = map[terminology.Reason]errs.Kind{
	terminology.Invalid: errs.Invalid, terminology.NotFound: errs.NotFound,
	terminology.TooCostly: errs.TooCostly, terminology.Unsupported: errs.Unprocessable,
}

// told gives a fault its kind.
func told(err error) error {
	var f *terminology.Fault
	if errors.As(err, &f) {
		return errs.Wrap(err, outcomes[f.Reason], "%s", f.Text)
	}
	return err
}
