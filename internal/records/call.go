package records

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// call is the request of a Bundle's entry, taken apart.
type call struct {
	method   string
	typ, id  string
	version  int64     // of the read of a version
	in       store.Ref // of a search in its compartment
	asks     asks      // of a GET
	criteria *string   // of a conditional write
	query    string    // of a search or a history
	unless   string    // of a read: the tag of a version that the client has (ifNoneMatch)
	since    string    // of a read: when the client last saw it (ifModifiedSince)
	match    string    // of a read: the tags of the versions that it may be of (ifMatch)
}

// asks is what a GET is about.
type asks uint8

const (
	aResource asks = iota // or a version of it
	aSearch
	aHistory
)

// parseCall reads Bundle.entry.request: a URL relative to the service's base, or
// below it.
func parseCall(e *fhir.Entry, base string) (call, error) {
	c := call{method: e.Method, unless: e.IfNoneMatch, since: e.IfModifiedSince, match: e.IfMatch}
	path, query, asked := strings.Cut(Relative(e.URL, base), "?")
	steps := strings.Split(strings.Trim(path, "/"), "/")
	if strings.Contains(path, "$") {
		return c, errs.New(errs.Invalid, "operations are called in a batch or by themselves, not in a transaction")
	}
	read, ok := callForms[c.method]
	if !ok {
		return c, errs.New(errs.Invalid, "the method %.10q is not supported here", c.method)
	}
	if e.IfNoneExist != "" && c.method == "POST" {
		query, asked = e.IfNoneExist, true
	}
	if fits := read(&c, steps, query, asked); c.typ != "" && !fhir.IsResource(c.typ) {
		return c, errs.New(errs.Invalid, "the url of a request is Type, Type/id or Type?query")
	} else if !fits {
		return c, errs.New(errs.Invalid, "this url does not go with %s", c.method)
	}
	return c, nil
}

// Relative is the URL of a Bundle's entry as seen from the base: without it, and without
// a slash before.
func Relative(url, base string) string {
	if rest, below := strings.CutPrefix(url, base); below && (rest == "" || rest[0] == '/' || rest[0] == '?') {
		url = rest
	}
	return strings.TrimPrefix(url, "/")
}

// callForms read what a method's url may be.
var callForms = map[string]func(c *call, steps []string, query string, asked bool) bool{
	"GET": getForm, "HEAD": getForm, "POST": postForm, "PUT": writeForm, "PATCH": writeForm, "DELETE": writeForm,
}

// getForm reads what stands after GET: a resource or one of its versions, a history, or a
// search of a type, of several, or in a compartment.
func getForm(c *call, steps []string, query string, _ bool) bool {
	c.query = query
	n := len(steps)
	if steps[n-1] == "_history" && n <= 3 {
		c.asks = aHistory
		c.name(steps[:n-1])
		return true
	}
	if n == 3 {
		return c.inCompartment(steps)
	}
	if c.name(steps); n == 1 {
		c.asks = aSearch
	}
	return n <= 2 || n == 4 && c.ofVersion(steps[2:])
}

// name takes the type and the id, as far as they are there.
func (c *call) name(steps []string) {
	if len(steps) > 0 {
		c.typ = steps[0]
	}
	if len(steps) > 1 {
		c.id = steps[1]
	}
}

func (c *call) ofVersion(steps []string) bool {
	var err error
	c.version, err = strconv.ParseInt(steps[1], 10, 64)
	return steps[0] == "_history" && err == nil && c.version > 0
}

// where is the path of a search or a history: what the links of its pages begin with.
func (c call) where() string {
	if c.asks == aHistory {
		return historyPath(c.typ, c.id)
	}
	return c.search().Path()
}

// inCompartment reads Encounter/1/Observation and, of Patients alone, Patient/1/*.
func (c *call) inCompartment(steps []string) bool {
	of, all := steps[0], steps[2] == "*"
	if c.asks, c.in = aSearch, (store.Ref{Type: of, ID: steps[1]}); !all {
		c.typ = steps[2]
	}
	return fhir.IsID(c.in.ID) && (of == "Patient" || !all && slices.Contains(Compartments(), of))
}

// search is what the entry searches.
func (c call) search() Search {
	if c.in.Type == "Patient" {
		return Search{Type: c.typ, Patient: c.in.ID}
	}
	return Search{Type: c.typ, Of: c.in}
}

// Path is the path of a search, below the base: Observation, Patient/1/*.
func (q Search) Path() string {
	switch {
	case q.Of.Type != "":
		return q.Of.Type + "/" + q.Of.ID + "/" + q.Type
	case q.Patient != "":
		return "Patient/" + q.Patient + "/" + cmp.Or(q.Type, "*")
	}
	return q.Type
}

func postForm(c *call, steps []string, query string, asked bool) bool {
	if c.typ = steps[0]; asked {
		c.criteria = &query
	}
	return len(steps) == 1 && c.typ != ""
}

func writeForm(c *call, steps []string, query string, asked bool) bool {
	c.name(steps)
	if len(steps) == 1 && asked {
		c.criteria = &query
		return c.typ != ""
	}
	return len(steps) == 2 && !asked
}
