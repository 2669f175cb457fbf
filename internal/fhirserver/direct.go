package fhirserver

import (
	"net/http"
	"strings"

	"tributary/fhir"
)

// instancePath is the template of a resource; its handlers are most of the load.
const instancePath = "/{type:[A-Z][A-Za-z]+}/{id:" + idPattern + "}"

// instance reads the path of a resource, as the router would. Whatever is not
// plainly one is left to the router.
func (s *Server) instance(r *http.Request) (typ, id string, ok bool) {
	rest, ok := strings.CutPrefix(r.URL.Path, s.path+"/")
	if !ok || r.URL.RawPath != "" {
		return "", "", false
	}
	typ, id, ok = strings.Cut(rest, "/")
	return typ, id, ok && fhir.IsResource(typ) && fhir.IsID(id)
}

// ServeHTTP answers below the base URL's path. Resources by their id are found
// without the router, which costs as much as all else that is done here for a read.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	typ, id, ok := s.instance(r)
	if !ok {
		s.router.ServeHTTP(w, r)
		return
	}
	s.answer(w, r, func(w http.ResponseWriter, r *request) error {
		r.typ, r.id = typ, id
		return s.dispatch(w, r, instanceMethods, false)
	})
}
