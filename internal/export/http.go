package export

import (
	"net"
	"net/http"

	"tributary/fhir"
	"tributary/internal/access"
	"tributary/internal/errs"
)

// Authenticate tells who asks; without a token the error is errs.Unauthorized.
type Authenticate func(r *http.Request) (access.Actor, error)

// Files serves the files, which are not below the FHIR API: …/{job}/{file}. A
// bearer token is needed (requiresAccessToken is true); failures are
// OperationOutcomes.
func (s *Service) Files(who Authenticate) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			s.fail(w, r, http.StatusMethodNotAllowed, errs.New(errs.Unsupported, "files are only read"))
			return
		}
		a, err := who(r)
		if err == nil {
			if a.Address == "" {
				a.Address, _, _ = net.SplitHostPort(r.RemoteAddr)
			}
			err = s.File(w, r, a)
		}
		if err != nil {
			s.fail(w, r, errs.Of(err).Kind.Status(), err)
		}
	})
}

func (s *Service) fail(w http.ResponseWriter, r *http.Request, status int, err error) {
	e := errs.Of(err)
	if status >= http.StatusInternalServerError && r.Context().Err() == nil {
		s.Logger.Error("a file could not be served", "error", err)
	}
	h := w.Header()
	if e.Kind == errs.Unauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="`+s.FilesBase+`"`)
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Type", "application/fhir+json; charset=utf-8")
	w.WriteHeader(status)
	w.Write(fhir.OperationOutcome(fhir.Issue{Severity: "error", Code: e.Kind.IssueCode(), Diagnostics: e.Safe})) //nolint:errcheck // the client has gone
}
