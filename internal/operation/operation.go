// Package operation is what FHIR operations have in common over HTTP (R4, section
// 3.2): where one is served, how its parameters come in, how its answer goes out.
//
//	Route                the place of an operation, and its place in the CapabilityStatement
//	Read -> Input        parameters of the URL, a form, a Parameters resource, or the bare resource
//	Answer               a resource as the body
//	Definitions          the OperationDefinitions of what Routes serve
//
// A package that has operations lists them as Routes; internal/app mounts them on
// the FHIR server, which authenticates before a Handler is called and makes an
// OperationOutcome of an error that it returns. Bodies are JSON here: XML is
// translated at the server's edge.
//
// Neighbours: internal/fhirserver serves the routes; terminology, validation and
// the others answer them.
package operation

import (
	"net/http"
	"strconv"

	"tributary/internal/access"
)

// Handler answers an authenticated request. What it returns as an error is
// answered as an OperationOutcome; nothing may have been written then.
type Handler func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// Route is one method of one path at which an operation is served.
type Route struct {
	Method string
	// Path is a template below the FHIR base, such as /Patient/{id}/$match; mux.Vars
	// has its variables.
	Path string
	// Name is the operation's code, without the $; "" for a further path or method
	// of one that another Route names.
	Name       string
	Definition string   // canonical of its OperationDefinition
	Types      []string // the types that list it; none: the whole system
	// Of an operation that R4 does not define, what its OperationDefinition says
	// beside: in a sentence, the parameters, and that it changes what is stored though
	// it is served by GET as well.
	About      string
	Parameters []Parameter
	Changes    bool
	Handle     Handler
}

// Media types of bodies.
const (
	JSON = "application/fhir+json"
	XML  = "application/fhir+xml" // at the edge of the server, which makes JSON of it
	form = "application/x-www-form-urlencoded"
)

var (
	jsonContent = []string{JSON + "; charset=utf-8"}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// Answer writes a resource as JSON. Nothing of it may stay in a cache on the way.
func Answer(w http.ResponseWriter, status int, resource []byte) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = jsonContent, noStore, noSniff
	h["Content-Length"] = []string{strconv.Itoa(len(resource))}
	w.WriteHeader(status)
	w.Write(resource) //nolint:errcheck // the client has gone
}
