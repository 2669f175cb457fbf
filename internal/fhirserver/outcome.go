package fhirserver

import (
	"errors"
	"net/http"
	"strconv"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// errMethod is the one failure whose status is no kind's.
var errMethod = errors.New("fhirserver: method not allowed")

// issues are what an OperationOutcome says of an error: all that is wrong with a
// resource or a query, or the safe text.
func issues(err error) []fhir.Issue {
	if errors.Is(err, errMethod) {
		return []fhir.Issue{{Severity: "error", Code: "not-supported", Diagnostics: "this method is not served here; see the Allow header"}}
	}
	var all records.Faults
	if errors.As(err, &all) {
		var list []fhir.Issue
		for _, one := range all {
			list = append(list, issues(one)...)
		}
		return list
	}
	var invalid *fhir.Invalid
	if errors.As(err, &invalid) {
		return invalid.Issues
	}
	e := errs.Of(err)
	if faults := search.Faults(e.Cause); len(faults) > 0 {
		list := make([]fhir.Issue, len(faults))
		for i, f := range faults {
			list[i] = fhir.Issue{Severity: "error", Code: e.Kind.IssueCode(), Expression: f.Expression, Diagnostics: f.Error()}
			if e.Expression != "" { // of the bundle's entry that searches
				list[i].Expression = e.Expression
			}
		}
		return list
	}
	return []fhir.Issue{{Severity: "error", Code: e.Kind.IssueCode(), Expression: e.Expression, Diagnostics: e.Safe}}
}

func statusOf(err error) int {
	if errors.Is(err, errMethod) {
		return http.StatusMethodNotAllowed
	}
	return errs.Of(err).Kind.Status()
}

// fail answers an error.
func (s *Server) fail(w http.ResponseWriter, r *request, err error) {
	e, status := errs.Of(err), statusOf(err)
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		s.config.Logger.Error("a request failed", "request", r.requestID, "method", r.Method, "type", r.typ, "error", err)
	}
	h := w.Header()
	if e.Kind == errs.Unauthorized {
		challenge := s.realm
		if r.Header.Get("Authorization") != "" {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	}
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(e.RetryAfter.Seconds()+0.999)))
	}
	write(w, status, fhir.OperationOutcome(issues(err)...))
}

var (
	jsonContent = []string{fhirJSON + "; charset=utf-8"}
	xmlContent  = []string{fhirXML + "; charset=utf-8"}
	noStore     = []string{"no-store"}
	noSniff     = []string{"nosniff"}
)

// form is a resource in one of its forms.
type form struct {
	content []string // Content-Type
	body    []byte
}

// write answers a resource. Nothing of it may stay in a cache on the way.
func (f form) write(w http.ResponseWriter, status int) {
	h := w.Header()
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = f.content, noStore, noSniff
	h["Content-Length"] = []string{strconv.Itoa(len(f.body))}
	w.WriteHeader(status)
	w.Write(f.body) //nolint:errcheck // the client has gone
}

// write answers JSON.
func write(w http.ResponseWriter, status int, body []byte) { form{jsonContent, body}.write(w, status) }
