package fhirserver

import (
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/mux"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// request is a request with what the server found out about it.
type request struct {
	*http.Request
	actor     access.Actor
	typ, id   string
	requestID string
	wish      wish
	refused   error  // why no form of an answer is acceptable
	release   func() // gives back what admit took
	graphql   Select
}

type handler func(s *Server, w http.ResponseWriter, r *request) error

type methods map[string]handler

// table is the API: path templates below the base, the most frequent first.
var table = []struct {
	path string
	methods
}{
	{instancePath, instanceMethods},
	{"/metadata", methods{"GET": capabilities}},
	{"/{type:[A-Z][A-Za-z]+}", methods{"GET": find, "POST": create, "PUT": update, "PATCH": patch, "DELETE": remove}},
	{"/{type:[A-Z][A-Za-z]+}/_search", methods{"POST": findPosted}},
	{"/{type:[A-Z][A-Za-z]+}/{id:" + idPattern + "}/_history", methods{"GET": history}},
	{"/{type:[A-Z][A-Za-z]+}/{id:" + idPattern + "}/_history/{version:[0-9]{1,18}}", methods{"GET": readVersion}},
	{"/Patient/{patient:" + idPattern + "}/{type:[A-Z][A-Za-z]+}", methods{"GET": find}},
	{"", methods{"GET": find, "POST": bundle}},
	{"/", methods{"GET": find, "POST": bundle}},
}

var instanceMethods = methods{"GET": read, "PUT": update, "PATCH": patch, "DELETE": remove}

const idPattern = `[A-Za-z0-9\-.]{1,64}`

// open are the handlers that need no token.
func open(path string) bool { return path == "/metadata" }

func (s *Server) route() {
	s.router = mux.NewRouter().UseEncodedPath().SkipClean(true)
	for _, row := range table {
		s.add(row.path, row.methods)
	}
	s.router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, func(http.ResponseWriter, *request) error { return s.unserved(r) })
	})
}

// add routes a path to the handlers of its methods. Paths may be added twice with
// different methods.
func (s *Server) add(path string, m methods) {
	if known, ok := s.paths[path]; ok {
		maps.Copy(known, m)
		return
	}
	known := maps.Clone(m)
	s.paths[path] = known
	s.router.Handle(s.path+path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, func(w http.ResponseWriter, r *request) error { return s.dispatch(w, r, known, open(path)) })
	}))
}

// answer is round every request: the headers of all answers, CORS, and the form
// that was asked for.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, serve func(http.ResponseWriter, *request) error) {
	q := &request{Request: r, requestID: s.requestID(r), graphql: s.config.GraphQL}
	h := w.Header()
	h["X-Request-Id"] = []string{q.requestID}
	h["Access-Control-Allow-Origin"] = anyOrigin
	if r.Header.Get("Origin") != "" { // who is no page needs no leave; beyond eight headers a map of them costs twice as much
		h["Access-Control-Expose-Headers"] = exposed
	}
	if r.Method == http.MethodOptions {
		h["Access-Control-Allow-Methods"], h["Access-Control-Allow-Headers"], h["Access-Control-Max-Age"] = allowedMethods, allowedHeaders, preflightAge
		w.WriteHeader(http.StatusNoContent)
		return
	}
	q.wish, q.refused = wished(r)
	if q.wish == (wish{}) && !strings.HasSuffix(r.URL.Path, "/_search") { // a form may ask, too
		s.guard(w, q, serve)
		return
	}
	t := &translation{ResponseWriter: w, request: q}
	s.guard(t, q, serve)
	t.send()
}

// guard is what becomes of errors and panics.
func (s *Server) guard(w http.ResponseWriter, q *request, serve func(http.ResponseWriter, *request) error) {
	defer func() {
		p := recover()
		if q.release != nil {
			q.release()
		}
		if p != nil {
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.config.Logger.Error("a request panicked", "request", q.requestID, "panic", p, "stack", string(debug.Stack()))
			s.fail(w, q, errs.New(errs.Internal, "something failed on our side; it has been logged"))
		}
	}()
	if err := serve(w, q); err != nil {
		s.fail(w, q, err)
	}
}

// dispatch finds the method's handler, and who asks.
func (s *Server) dispatch(w http.ResponseWriter, r *request, m methods, open bool) error {
	handle, ok := m[methodOf(r.Request)]
	if !ok {
		w.Header().Set("Allow", strings.Join(allowed(m), ", "))
		return errMethod
	}
	if r.typ == "" {
		vars := mux.Vars(r.Request)
		r.typ, r.id = vars["type"], vars["id"]
	}
	if r.typ != "" && !fhir.IsResource(r.typ) {
		return noType(r.typ)
	}
	if r.refused != nil && !r.plainly() {
		return r.refused
	}
	if !open {
		if err := s.authenticate(r); err != nil {
			return err
		}
	}
	if err := s.inbound(w, r); err != nil {
		return err
	}
	return handle(s, w, r)
}

func methodOf(r *http.Request) string {
	if r.Method == http.MethodHead {
		return http.MethodGet
	}
	return r.Method
}

func allowed(m methods) []string {
	names := []string{http.MethodOptions}
	for name := range m {
		if names = append(names, name); name == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return names
}

func (s *Server) authenticate(r *request) error {
	actor, err := s.config.Auth.Authenticate(r.Request)
	if err != nil {
		return err
	}
	actor.RequestID = r.requestID
	if actor.Address == "" {
		if actor.Address, _, err = net.SplitHostPort(r.RemoteAddr); err != nil {
			actor.Address = r.RemoteAddr
		}
	}
	r.actor = actor
	return nil
}

// requestID is the client's X-Request-Id, where it is fit for a log, or our own.
func (s *Server) requestID(r *http.Request) string {
	if id := r.Header["X-Request-Id"]; len(id) == 1 && fhir.IsID(id[0]) {
		return id[0]
	}
	return s.boot + strconv.FormatUint(s.count.Add(1), 36)
}

// Apps in browsers may call from anywhere: they bring a token, and there are no
// cookies here (SMART App Launch 2.2, section 2.0.9).
var (
	anyOrigin      = []string{"*"}
	exposed        = []string{"ETag, Last-Modified, Location, Content-Location, Preference-Applied, Retry-After, WWW-Authenticate, X-Progress, X-Request-Id, X-Security-Context"}
	allowedMethods = []string{"GET, HEAD, POST, PUT, PATCH, DELETE"}
	allowedHeaders = []string{"Authorization, Content-Type, Content-Encoding, Accept, Origin, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since, X-Request-Id, X-Requested-With, X-Security-Context"}
	preflightAge   = []string{"3600"}
)

// Routes lists what is served, those that were mounted among them: "GET /{type}/{id}".
func (s *Server) Routes() []string {
	var all []string
	for path, m := range s.paths {
		for method := range m {
			all = append(all, method+" "+path)
		}
	}
	slices.Sort(all)
	return all
}
