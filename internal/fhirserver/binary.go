package fhirserver

import (
	"encoding/base64"
	"net/http"
	"strings"

	"tributary/fhir/tree"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// A Binary may go over the wire as what it holds (R4, section 2.34.4): who accepts no
// format of resources gets the content, who sends another type sends it.

// plainly tells a read of a Binary whose client accepts none of the formats.
func (r *request) plainly() bool {
	return r.refused != nil && r.typ == "Binary" && methodOf(r.Request) == http.MethodGet && strings.HasSuffix(r.URL.Path, "/Binary/"+r.id)
}

// content answers what a Binary holds. A browser that shows it runs nothing of it.
func (r *request) content(w http.ResponseWriter, found store.Resource) error {
	root, err := tree.Parse(found.Body)
	if err != nil {
		return errs.Wrap(err, errs.Internal, "%s/%s cannot be read back", found.Type, found.ID)
	}
	typ := root.Get("contentType").Text()
	if !ranges(r.Header["Accept"], mediaType(typ)) || formats[mediaType(typ)] != unknown {
		return r.refused
	}
	data, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(root.Get("data").Text()), ""))
	if err != nil {
		return errs.Wrap(err, errs.Internal, "the content of %s/%s cannot be read back", found.Type, found.ID)
	}
	versioned(w.Header(), found)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	if context := root.At("securityContext", "reference").Text(); context != "" {
		w.Header().Set("X-Security-Context", context)
	}
	form{[]string{typ}, data}.write(w, http.StatusOK)
	return nil
}

// ranges tells whether media ranges hold a type.
func ranges(accept []string, typ string) bool {
	major, _, _ := strings.Cut(typ, "/")
	for _, line := range accept {
		for part := range strings.SplitSeq(line, ",") {
			name, params, _ := strings.Cut(part, ";")
			name = strings.ToLower(strings.TrimSpace(name))
			if (name == typ || name == major+"/*") && qualityOf(params) > 0 {
				return true
			}
		}
	}
	return false
}

// wrapped makes a Binary of a body that is none.
func (s *Server) wrapped(w http.ResponseWriter, r *request) ([]byte, error) {
	data, err := readAll(w, r.Request, s.limit(r))
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 200+base64.StdEncoding.EncodedLen(len(data)))
	b = append(b, `{"resourceType":"Binary"`...)
	if r.id != "" {
		b = quote(append(b, `,"id":`...), r.id)
	}
	b = quote(append(b, `,"contentType":`...), strings.TrimSpace(r.Header.Get("Content-Type")))
	if context := r.Header.Get("X-Security-Context"); context != "" {
		b = append(quote(append(b, `,"securityContext":{"reference":`...), context), '}')
	}
	b = append(b, `,"data":"`...)
	b = base64.StdEncoding.AppendEncode(b, data)
	return append(b, `"}`...), nil
}
