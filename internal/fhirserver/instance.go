package fhirserver

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"tributary/fhir"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// read answers GET Type/id.
func read(s *Server, w http.ResponseWriter, r *request) error {
	found, err := s.config.Records.Read(r.Context(), r.actor, r.typ, r.id)
	if err != nil {
		return err
	}
	if asked := tags(r.Request, "If-Match"); asked != "" {
		if err := records.Match(asked, found.Version); err != nil {
			return err
		}
	}
	if notModified(r.Request, found) {
		versioned(w.Header(), found)
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if r.plainly() {
		return r.content(w, found)
	}
	return show(w, r, found)
}

// readVersion answers GET Type/id/_history/version.
func readVersion(s *Server, w http.ResponseWriter, r *request) error {
	version, err := strconv.ParseInt(mux.Vars(r.Request)["version"], 10, 64)
	if err != nil {
		return errs.Wrap(err, errs.NotFound, "no such version")
	}
	found, err := s.config.Records.ReadVersion(r.Context(), r.actor, r.typ, r.id, version)
	if err != nil {
		return err
	}
	return show(w, r, found)
}

func etag(version int64) string { return `W/"` + strconv.FormatInt(version, 10) + `"` }

func versioned(h http.Header, r store.Resource) {
	both := [2]string{etag(r.Version), r.Updated.UTC().Format(http.TimeFormat)}
	h["Etag"], h["Last-Modified"] = both[:1:1], both[1:]
}

// tags are the entity tags of a header, which may come in several lines.
func tags(r *http.Request, name string) string { return strings.Join(r.Header[name], ",") }

// notModified holds If-None-Match, or else If-Modified-Since, against a version
// (R4, section 3.1.0.1.5).
func notModified(r *http.Request, found store.Resource) bool {
	if tags := tags(r, "If-None-Match"); tags != "" {
		return records.Tagged(tags, found.Version)
	}
	text := r.Header.Get("If-Modified-Since")
	if text == "" {
		return false
	}
	since, err := http.ParseTime(text)
	return err == nil && !found.Updated.Truncate(time.Second).After(since)
}

// create answers POST Type.
func create(s *Server, w http.ResponseWriter, r *request) error {
	body, err := s.body(w, r)
	if err != nil {
		return err
	}
	result, err := s.config.Records.Create(r.Context(), r.actor, records.Op{
		Type: r.typ, JSON: body, IfNoneExist: r.Header.Get("If-None-Exist"),
	})
	if err != nil {
		return err
	}
	s.written(w, r, result)
	return nil
}

// update answers PUT Type/id and PUT Type?criteria.
func update(s *Server, w http.ResponseWriter, r *request) error {
	body, err := s.body(w, r)
	if err != nil {
		return err
	}
	op := r.op()
	op.JSON = body
	result, err := s.config.Records.Update(r.Context(), r.actor, op)
	if err != nil {
		return err
	}
	s.written(w, r, result)
	return nil
}

// op is the operation on what the URL names: an id, or criteria.
func (r *request) op() records.Op {
	op := records.Op{Type: r.typ, ID: r.id, IfMatch: tags(r.Request, "If-Match"), IfNoneMatch: tags(r.Request, "If-None-Match")}
	if r.id == "" {
		op.Criteria = &r.URL.RawQuery
	}
	return op
}

// remove answers DELETE Type/id and DELETE Type?criteria.
func remove(s *Server, w http.ResponseWriter, r *request) error {
	result, err := s.config.Records.Delete(r.Context(), r.actor, r.op())
	if err != nil {
		return err
	}
	if !result.Unchanged {
		w.Header()["Etag"] = []string{etag(result.Resource.Version)}
	}
	if preferred(r.Request).answer == "OperationOutcome" {
		w.Header()["Preference-Applied"] = []string{"return=OperationOutcome"}
		write(w, http.StatusOK, fhir.OperationOutcome())
		return nil
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// written answers a write as Prefer: return asks; with the resource by default.
func (s *Server) written(w http.ResponseWriter, r *request, result records.Result) {
	status := http.StatusOK
	versioned(w.Header(), result.Resource)
	if result.Created {
		status = http.StatusCreated
		w.Header().Set("Location", s.config.BaseURL+"/"+location(result.Resource))
	} else {
		w.Header().Set("Content-Location", s.config.BaseURL+"/"+location(result.Resource))
	}
	answer := preferred(r.Request).answer
	if result.Resource.Body == nil { // written by who may not read it
		answer = "minimal"
	}
	if answer != "" {
		w.Header()["Preference-Applied"] = []string{"return=" + answer} // RFC 7240, section 3
	}
	switch answer {
	case "minimal":
		w.WriteHeader(status)
	case "OperationOutcome":
		write(w, status, fhir.OperationOutcome())
	default:
		write(w, status, result.Resource.Body)
	}
}

func location(r store.Resource) string {
	return r.Type + "/" + r.ID + "/_history/" + strconv.FormatInt(r.Version, 10)
}
