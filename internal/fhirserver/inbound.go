package fhirserver

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"strings"

	"tributary/fhir/xml"
	"tributary/internal/errs"
)

// inbound turns the body of a request into what handlers know: plain bytes, and
// JSON where they are a resource. A body that is so already is not touched.
func (s *Server) inbound(w http.ResponseWriter, r *request) error {
	switch r.Method {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		return nil
	}
	if r.Header["Content-Encoding"] != nil {
		if err := s.inflate(w, r); err != nil {
			return err
		}
	}
	types := r.Header["Content-Type"]
	if len(types) == 0 || types[0] == fhirJSON {
		return nil
	}
	typ, params, _ := strings.Cut(types[0], ";")
	format := formats[strings.ToLower(strings.TrimSpace(typ))]
	if format == unknown {
		return nil
	}
	if err := readable(params); err != nil || format == inJSON {
		return err
	}
	return s.fromXML(w, r)
}

// readable holds the parameters of Content-Type against what is read here.
func readable(params string) error {
	if charset, ok := param(params, "charset"); ok && !charsets[strings.ToLower(charset)] {
		return errs.New(errs.Unsupported, "a resource is sent in UTF-8")
	}
	if !ourVersion(params) {
		return errs.New(errs.Unsupported, "resources are read of fhirVersion 4.0")
	}
	return nil
}

var charsets = map[string]bool{"": true, "utf-8": true, "utf8": true, "us-ascii": true, "ascii": true}

// limit is how many bytes a body may have.
func (s *Server) limit(r *request) int64 {
	if r.typ == "" || r.typ == "Bundle" {
		return s.config.BundleLimit
	}
	return s.config.BodyLimit
}

// inflate unpacks a compressed body; the limit is that of what comes out, too.
func (s *Server) inflate(w http.ResponseWriter, r *request) error {
	encoding := strings.ToLower(strings.TrimSpace(strings.Join(r.Header["Content-Encoding"], ",")))
	switch encoding {
	case "", "identity":
		return nil
	case "gzip", "x-gzip":
	default:
		w.Header().Set("Accept-Encoding", "gzip") // RFC 7694, section 3
		return errs.New(errs.Unsupported, "the body may be compressed by gzip, and by nothing else")
	}
	limit := s.limit(r)
	packed, err := gzip.NewReader(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		return unpacked(err, limit)
	}
	body, err := io.ReadAll(io.LimitReader(packed, small+1))
	if err == nil && len(body) > small {
		r.ContentLength = -1 // of what comes out
		if err := s.admit(r); err != nil {
			return err
		}
		var rest []byte
		rest, err = io.ReadAll(io.LimitReader(packed, limit+1-int64(len(body))))
		body = append(body, rest...)
	}
	switch {
	case err != nil:
		return unpacked(err, limit)
	case int64(len(body)) > limit:
		return tooLarge(limit)
	}
	delete(r.Header, "Content-Encoding")
	r.replace(body)
	return nil
}

func unpacked(err error, limit int64) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return tooLarge(limit)
	}
	return errs.Wrap(err, errs.Invalid, "the body is no complete gzip")
}

func tooLarge(limit int64) error {
	return errs.New(errs.TooLarge, "the body is over the limit of %d bytes", limit)
}

// replace gives a request another body.
func (r *request) replace(body []byte) {
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
}

// fromXML makes JSON of a resource in XML. An empty body stays one.
func (s *Server) fromXML(w http.ResponseWriter, r *request) error {
	r.Header["Content-Type"] = []string{fhirJSON}
	if r.ContentLength == 0 {
		return nil
	}
	if err := s.admit(r); err != nil {
		return err
	}
	body, err := readAll(w, r.Request, s.limit(r))
	if err != nil {
		return err
	}
	json, err := xml.ToJSON(body)
	var wrong *xml.Error
	if errors.As(err, &wrong) {
		return errs.Wrap(err, errs.Invalid, "%s", wrong.Error()).At(wrong.Expression)
	}
	if err != nil {
		return err
	}
	r.replace(json)
	return nil
}
