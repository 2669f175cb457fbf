package fhirserver

import (
	"net/http"

	"tributary/internal/errs"
	"tributary/internal/operation"
)

// convert answers $convert (R4, operation Resource-convert): the resource that was sent,
// in the format that Accept asks for. The edge of the server has read it and will write
// it; nothing is kept, and nobody is asked, for the client has the resource already.
func convert(s *Server, w http.ResponseWriter, r *request) error {
	if err := s.admit(r); err != nil {
		return err
	}
	in, err := operation.Read(w, r.Request, s.limit(r))
	if err != nil {
		return err
	}
	resource := in.Resource("input")
	if !resource.Exists() {
		return errs.New(errs.Invalid, "the body is the resource to convert, or Parameters with the parameter input")
	}
	write(w, http.StatusOK, resource.Raw())
	return nil
}
