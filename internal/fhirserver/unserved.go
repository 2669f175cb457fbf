package fhirserver

import (
	"net/http"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/model"
	"tributary/internal/errs"
)

// unserved says why nothing is served under a path, as closely as the path tells: of a
// slip in a type's name, an id or an operation's name, what is right.
func (s *Server) unserved(r *http.Request) error {
	path, _ := strings.CutPrefix(r.URL.Path, s.path+"/")
	steps := append(strings.Split(path, "/"), "", "")
	typ, second, third := steps[0], steps[1], steps[2]
	switch {
	case strings.HasPrefix(typ, "$"):
		return s.noOperation("")
	case !fhir.IsResource(typ):
		return noType(typ)
	case strings.HasPrefix(second, "$"):
		return s.noOperation(typ)
	case second != "" && !strings.HasPrefix(second, "_") && !fhir.IsID(second):
		return noID(r)
	case strings.HasPrefix(third, "$"):
		return s.noOperation(typ)
	case third == "_history":
		return errs.New(errs.NotFound, "no such version: versions are whole numbers, from 1 on")
	}
	return errNoPath
}

var errNoPath = errs.New(errs.NotFound, "nothing is served under this path")

func noType(name string) error {
	for _, typ := range model.Resources() {
		if strings.EqualFold(typ, name) {
			return errs.New(errs.NotFound, "R4 has no such resource type; capital letters count: %s", typ)
		}
	}
	return errs.New(errs.NotFound, "R4 has no such resource type")
}

// noID is a fault of who writes; who reads only learns that there is nothing.
func noID(r *http.Request) error {
	kind := errs.NotFound
	if r.Method == http.MethodPut || r.Method == http.MethodPatch {
		kind = errs.Invalid
	}
	return errs.New(kind, "that is no id: 1 to 64 letters, digits, hyphens and dots")
}

func (s *Server) noOperation(typ string) error {
	var names []string
	for _, o := range s.operations {
		if o.Type == typ && !slices.Contains(names, "$"+o.Name) {
			names = append(names, "$"+o.Name)
		}
	}
	slices.Sort(names)
	return errs.New(errs.NotFound, "there is no such operation here; there are %s. Their OperationDefinitions, in /metadata, say at which paths", strings.Join(names, ", "))
}
