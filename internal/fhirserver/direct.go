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
		s.router.ServeHTTP(w, s.tidied(r))
		return
	}
	s.answer(w, r, func(w http.ResponseWriter, r *request) error {
		r.typ, r.id = typ, id
		return s.dispatch(w, r, instanceMethods, false)
	})
}

// tidied is the request without empty steps in its path below the base: what programs
// send that put a slash more than is needed between the base and a type, or at the end.
// No step of R4's paths is empty, so nothing else can be meant.
func (s *Server) tidied(r *http.Request) *http.Request {
	rest, below := strings.CutPrefix(r.URL.Path, s.path+"/")
	if !below || !strings.Contains(rest, "//") && !strings.HasPrefix(rest, "/") && !strings.HasSuffix(rest, "/") {
		return r
	}
	tidy := *r
	u := *r.URL
	tidy.URL, u.Path, u.RawPath = &u, s.path+"/"+full(rest), full(u.RawPath)
	if u.RawPath != "" {
		u.RawPath = "/" + u.RawPath
	}
	return &tidy
}

// full is a path of the steps that are not empty.
func full(path string) string {
	return strings.Join(strings.FieldsFunc(path, func(c rune) bool { return c == '/' }), "/")
}
