package fhirserver

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"strings"

	"tributary/internal/errs"
)

const fhirJSON = "application/fhir+json"

const formType = "application/x-www-form-urlencoded"

// jsonTypes are the names that JSON goes by in Accept, Content-Type and _format.
var jsonTypes = map[string]bool{
	fhirJSON: true, "application/json": true, "text/json": true, "json": true, "application/json+fhir": true,
}

var anyTypes = map[string]bool{"*/*": true, "application/*": true}

// acceptable holds _format, or else Accept, against what is served: JSON (R4,
// section 3.1.0.1.11).
func acceptable(r *http.Request) error {
	if strings.Contains(r.URL.RawQuery, "_format") {
		if format := r.URL.Query().Get("_format"); format != "" {
			// a + that was not encoded has become a space
			return served(jsonTypes[mediaType(strings.ReplaceAll(format, " ", "+"))])
		}
	}
	accept := r.Header["Accept"]
	if len(accept) == 0 {
		return nil
	}
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			if wanted(part) {
				return nil
			}
		}
	}
	return served(false)
}

func served(ok bool) error {
	if ok {
		return nil
	}
	return errs.New(errs.NotAcceptable, "only JSON is served here: application/fhir+json")
}

// wanted reports whether a part of Accept is JSON, and not with q=0.
func wanted(part string) bool {
	typ, params, _ := strings.Cut(part, ";")
	typ = strings.ToLower(strings.TrimSpace(typ))
	if !jsonTypes[typ] && !anyTypes[typ] && typ != "" {
		return false
	}
	for param := range strings.SplitSeq(params, ";") {
		if name, value, _ := strings.Cut(strings.TrimSpace(param), "="); name == "q" {
			return strings.Trim(value, "0.") != ""
		}
	}
	return true
}

// mediaType is the type without its parameters.
func mediaType(header string) string {
	typ, _, err := mime.ParseMediaType(header)
	if err != nil {
		typ, _, _ = strings.Cut(header, ";")
	}
	return strings.ToLower(strings.TrimSpace(typ))
}

// body reads the request's JSON, up to the limit of its kind.
func (s *Server) body(w http.ResponseWriter, r *request) ([]byte, error) {
	if !jsonTypes[mediaType(r.Header.Get("Content-Type"))] {
		return nil, errs.New(errs.Unsupported, "the body must be %s", fhirJSON)
	}
	limit := s.config.BodyLimit
	if r.typ == "" || r.typ == "Bundle" {
		limit = s.config.BundleLimit
	}
	return readAll(w, r.Request, limit)
}

func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if e := r.Header.Get("Content-Encoding"); e != "" && e != "identity" {
		return nil, errs.New(errs.Unsupported, "the body must not be compressed")
	}
	if r.ContentLength > limit {
		return nil, errs.New(errs.TooLarge, "the body is over the limit of %d bytes", limit)
	}
	limited := http.MaxBytesReader(w, r.Body, limit)
	var body []byte
	var err error
	if r.ContentLength > 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(limited, body)
	} else {
		body, err = io.ReadAll(limited)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errs.New(errs.TooLarge, "the body is over the limit of %d bytes", limit)
	case err != nil:
		return nil, errs.Wrap(err, errs.Invalid, "the body ended early")
	case len(body) == 0:
		return nil, errs.New(errs.Invalid, "the body is empty")
	}
	return body, nil
}

// preferences are what Prefer asks for (RFC 7240).
type preferences struct {
	answer  string // minimal, representation, OperationOutcome, or ""
	lenient bool
}

func preferred(r *http.Request) preferences {
	var p preferences
	for _, line := range r.Header["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
			case "return":
				p.answer = value
			case "handling":
				p.lenient = value == "lenient"
			}
		}
	}
	return p
}
