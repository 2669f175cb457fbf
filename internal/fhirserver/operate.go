package fhirserver

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Bounds of what the operations of one batch may cost.
const (
	maxOperations   = 100
	operationAnswer = 16 << 20 // bytes of one's answer; together they have records.MaxAnswered
)

// edge is what this server lends to a Bundle.
func (s *Server) edge(r *request) records.Edge {
	return records.Edge{
		Operate: s.calling(r), Cut: cut, Lenient: preferred(r.Request).lenient,
		Place: func(where string, asked []search.Pair) ([]search.Pair, *store.Cursor, error) {
			return s.place(r, where, asked)
		},
	}
}

// calling carries out the entries of a batch that call operations, or ask for the
// metadata: each as the request that it stands for, by the same client, through the
// same door.
func (s *Server) calling(r *request) func(*fhir.Entry) (records.EntryResult, bool, error) {
	var count, answered atomic.Int64
	return func(e *fhir.Entry) (records.EntryResult, bool, error) {
		path, query, _ := strings.Cut(records.Relative(e.URL, s.config.BaseURL), "?")
		switch {
		case !operates(path) && (e.Method != http.MethodGet || path != "metadata"):
			return records.EntryResult{}, false, nil
		case count.Add(1) > maxOperations:
			return records.EntryResult{}, true, errs.New(errs.TooCostly, "a batch calls at most %d operations; send the others in another", maxOperations)
		case answered.Load() >= records.MaxAnswered:
			return records.EntryResult{}, true, errs.New(errs.TooCostly, "the answers of this batch's operations are over %d MB together; send the others in another", records.MaxAnswered>>20)
		case e.Method != http.MethodGet && e.Method != http.MethodPost:
			return records.EntryResult{}, true, errs.New(errs.Invalid, "an operation is called by GET or POST")
		}
		result, err := s.operate(r, e, path, query)
		answered.Add(int64(len(result.Answer)))
		return result, true, err
	}
}

func operates(path string) bool { return strings.HasPrefix(path, "$") || strings.Contains(path, "/$") }

func (s *Server) operate(r *request, e *fhir.Entry, path, query string) (records.EntryResult, error) {
	var body []byte
	if e.Resource != nil {
		body = e.Resource.Source()
	}
	called, err := http.NewRequestWithContext(r.Context(), e.Method, "http://"+r.Host+s.path+"/"+path+"?"+query, bytes.NewReader(body))
	if err != nil {
		return records.EntryResult{}, errs.Wrap(err, errs.Invalid, "this is no url of an operation")
	}
	called.RemoteAddr, called.RequestURI = r.RemoteAddr, called.URL.RequestURI()
	called.Header = http.Header{"Authorization": r.Header["Authorization"], "X-Request-Id": {r.requestID}, "Accept": {fhirJSON}}
	if body != nil {
		called.Header.Set("Content-Type", fhirJSON)
	}
	kept := &keeper{header: http.Header{}, status: http.StatusOK}
	s.ServeHTTP(kept, called)
	return kept.result()
}

// keeper keeps the answer of an operation.
type keeper struct {
	header http.Header
	status int
	body   bytes.Buffer
	full   bool
}

func (k *keeper) Header() http.Header    { return k.header }
func (k *keeper) WriteHeader(status int) { k.status = status }

func (k *keeper) Write(b []byte) (int, error) {
	if k.full = k.full || k.body.Len()+len(b) > operationAnswer; !k.full {
		k.body.Write(b)
	}
	return len(b), nil
}

func (k *keeper) result() (records.EntryResult, error) {
	var is struct{ ResourceType string }
	answer := k.body.Bytes()
	switch {
	case k.full:
		return records.EntryResult{}, errs.New(errs.TooCostly, "this answer is too large for a Bundle; send the request by itself")
	case len(answer) > 0 && (json.Unmarshal(answer, &is) != nil || is.ResourceType == ""):
		return records.EntryResult{}, errs.New(errs.Invalid, "the answer of this operation is no resource; send the request by itself")
	}
	return records.EntryResult{Status: k.status, Answer: answer}, nil
}
