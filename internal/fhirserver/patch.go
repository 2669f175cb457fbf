package fhirserver

import (
	"bytes"
	"net/http"
	"strings"

	"tributary/fhir"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// patchFormats are the media types of patches: JSON Patch, and FHIRPath Patch as a
// Parameters resource (R4, section 3.1.0.6).
var patchFormats = []string{records.JSONPatchType, fhirJSON, fhirXML}

// patch answers PATCH Type/id and PATCH Type?criteria.
func patch(s *Server, w http.ResponseWriter, r *request) error {
	p, err := s.patchBody(w, r)
	if err != nil {
		return err
	}
	result, err := s.config.Records.Patch(r.Context(), r.actor, r.op(), p)
	if err != nil {
		return err
	}
	s.written(w, r, result)
	return nil
}

// patchBody reads the patch in the form that Content-Type says.
func (s *Server) patchBody(w http.ResponseWriter, r *request) (records.Patch, error) {
	typ := mediaType(r.Header.Get("Content-Type"))
	if typ != records.JSONPatchType && formats[typ] != inJSON {
		w.Header().Set("Accept-Patch", strings.Join(patchFormats, ", ")) // RFC 5789, section 2.2
		return records.Patch{}, errs.New(errs.Unsupported, "the body must be %s, or %s or %s with a Parameters resource", records.JSONPatchType, fhirJSON, fhirXML)
	}
	body, err := readAll(w, r.Request, s.config.BodyLimit)
	if err != nil {
		return records.Patch{}, err
	}
	if typ == records.JSONPatchType {
		return records.Patch{JSON: body}, nil
	}
	parameters, err := fhir.Parse(body)
	switch {
	case err != nil && bytes.HasPrefix(bytes.TrimSpace(body), []byte("[")):
		w.Header().Set("Accept-Patch", strings.Join(patchFormats, ", "))
		return records.Patch{}, errs.New(errs.Unsupported, "this looks like a JSON Patch, which is sent as %s", records.JSONPatchType)
	case err != nil:
		return records.Patch{}, errs.Wrap(err, errs.Invalid, "this is no valid R4 resource")
	case parameters.Type != "Parameters":
		return records.Patch{}, errs.New(errs.Invalid, "a patch of %s is a Parameters resource; JSON Patch is sent as %s", fhirJSON, records.JSONPatchType)
	}
	return records.Patch{Parameters: body}, nil
}
