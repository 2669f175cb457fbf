package fhirserver

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"tributary/internal/errs"
)

// The media types of resources.
const (
	fhirJSON = "application/fhir+json"
	fhirXML  = "application/fhir+xml"
)

const formType = "application/x-www-form-urlencoded"

// format is one of the formats in which resources are exchanged.
type format uint8

const (
	unknown format = iota
	inJSON
	inXML
)

// formats are the names that they go by in Accept, Content-Type and _format.
var formats = map[string]format{
	fhirJSON: inJSON, "application/json": inJSON, "text/json": inJSON, "json": inJSON, "application/json+fhir": inJSON,
	fhirXML: inXML, "application/xml": inXML, "text/xml": inXML, "xml": inXML, "application/xml+fhir": inXML,
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
	switch typ := mediaType(r.Header.Get("Content-Type")); {
	case formats[typ] == inJSON:
	case r.typ == "Binary" && strings.Contains(typ, "/"):
		return s.wrapped(w, r)
	default:
		return nil, errs.New(errs.Unsupported, "the body must be %s or %s", fhirJSON, fhirXML)
	}
	body, err := readAll(w, r.Request, s.limit(r))
	return bytes.TrimPrefix(body, byteOrder), err
}

// byteOrder is the mark that some systems put before a text in UTF-8 (RFC 8259, section
// 8.1: it may be passed over).
var byteOrder = []byte("\xef\xbb\xbf")

func readAll(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		pass(r)
		return nil, tooLarge(limit)
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
		pass(r)
		return nil, tooLarge(limit)
	case err != nil:
		return nil, errs.Wrap(err, errs.Invalid, "the body ended early")
	case len(body) == 0:
		return nil, errs.New(errs.Invalid, "the body is empty")
	}
	return body, nil
}

// passed is how much of a body that is too large is read past.
const passed = 64 << 20

// pass reads past a body that is refused. Most clients read no answer before they have
// sent all of theirs, and would see the connection break instead of the reason. Who
// waits to be told to go on (Expect: 100-continue) has sent nothing.
func pass(r *http.Request) {
	if r.Header.Get("Expect") == "" && r.ContentLength <= passed {
		io.CopyN(io.Discard, r.Body, passed) //nolint:errcheck // the answer is the same
	}
}

// preferences are what Prefer asks for (RFC 7240; R4, section 3.1.0.1.5.2). What is
// not known is passed over.
type preferences struct {
	answer  string // minimal, representation, OperationOutcome, or ""
	lenient bool
}

func preferred(r *http.Request) preferences {
	var p preferences
	for _, line := range r.Header["Prefer"] {
		for part := range strings.FieldsFuncSeq(line, func(c rune) bool { return c == ',' || c == ';' }) {
			name, value, _ := strings.Cut(part, "=")
			value = strings.Trim(strings.TrimSpace(value), `"`)
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, "return") && p.answer == "" && slices.Contains(returns, value):
				p.answer = value
			case strings.EqualFold(name, "handling"):
				p.lenient = value == "lenient"
			}
		}
	}
	return p
}

var returns = []string{"minimal", "representation", "OperationOutcome"}
