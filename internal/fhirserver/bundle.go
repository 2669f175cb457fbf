package fhirserver

import (
	"net/http"
	"strconv"

	"tributary/fhir"
	"tributary/internal/errs"
	"tributary/internal/records"
)

// bundle answers POST to the base: a transaction or a batch.
func bundle(s *Server, w http.ResponseWriter, r *request) error {
	if err := s.admit(r); err != nil {
		return err
	}
	body, err := s.body(w, r)
	if err != nil {
		return err
	}
	b, err := fhir.ParseEntries(body)
	if err != nil {
		return errs.Wrap(err, errs.Invalid, "this is no valid R4 Bundle")
	}
	results, err := s.config.Records.BundleWith(r.Context(), r.actor, b, s.edge(r))
	if err != nil {
		return err
	}
	answer, err := s.bundleResponse(r, b.Type, results)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, answer)
	return nil
}

// small is the size up to which a Bundle does not wait for its turn.
const small = 1 << 20

// admit lets a Bundle in when those that are under way leave room for it: a large one
// takes some twenty times its size while it is carried out, and together they have
// at most the room of one of the largest. What a client does not say the size of has
// that size. The room is free again when the request has been answered.
func (s *Server) admit(r *request) error {
	size, limit := r.ContentLength, s.limit(r)
	switch {
	case r.release != nil || size >= 0 && size <= small:
		return nil
	case size < 0 || size > limit:
		size = limit
	}
	if err := s.bundles.Acquire(r.Context(), size); err != nil {
		return errs.Wrap(err, errs.Unavailable, "the request ended while it waited for other Bundles")
	}
	r.release = func() { s.bundles.Release(size) }
	return nil
}

// bundleResponse renders the outcome of each entry, in order. Resources that were
// written come back only for Prefer: return=representation, outcomes of what went well
// only for return=OperationOutcome.
func (s *Server) bundleResponse(r *request, typ string, results []records.EntryResult) ([]byte, error) {
	answer := preferred(r.Request).answer
	b := make([]byte, 0, 100+240*len(results))
	b = append(b, `{"resourceType":"Bundle","type":"`...)
	b = append(b, typ...)
	b = append(b, `-response"`...)
	open := `,"entry":[`
	for i := range results {
		b = append(b, open...)
		var err error
		if b, err = s.entryResponse(b, r, &results[i], answer); err != nil {
			return nil, err
		}
		open = ","
	}
	if open == "," {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func (s *Server) entryResponse(b []byte, r *request, e *records.EntryResult, answer string) ([]byte, error) {
	b = append(b, '{')
	switch {
	case e.Search != nil || e.History != nil:
		set, err := s.entrySet(r, e)
		if err != nil {
			return nil, err
		}
		b = append(b, `"resource":`...)
		b = append(append(b, set...), ',')
	case len(e.Answer) > 0 && e.Status < http.StatusBadRequest:
		b = append(append(append(b, `"resource":`...), e.Answer...), ',')
	case e.Resource.Body != nil && (answer == "representation" || !e.Location):
		b = append(b, `"fullUrl":`...)
		b = quote(b, s.config.BaseURL+"/"+e.Resource.Type+"/"+e.Resource.ID)
		b = append(b, `,"resource":`...)
		b = append(append(b, e.Resource.Body...), ',')
	}
	b = append(b, `"response":{"status":`...)
	b = quote(b, strconv.Itoa(e.Status)+" "+http.StatusText(e.Status))
	if b = response(b, e); answer == "OperationOutcome" && e.Err == nil && e.Status < http.StatusBadRequest {
		b = append(append(b, `,"outcome":`...), fhir.OperationOutcome()...)
	}
	return append(b, `}}`...), nil
}

// entrySet is the Bundle that a search or a history brought.
func (s *Server) entrySet(r *request, e *records.EntryResult) ([]byte, error) {
	if e.History != nil {
		return s.historyBundle(r, e.Asked.Where, e.Asked.Pairs, *e.History)
	}
	return s.searchset(r, e.Asked.Where, e.Asked.Pairs, *e.Search)
}

// response appends what Bundle.entry.response says after the status.
func response(b []byte, e *records.EntryResult) []byte {
	if e.Location {
		b = append(b, `,"location":`...)
		b = quote(b, location(e.Resource))
	}
	if e.Resource.Version > 0 {
		b = append(b, `,"etag":`...)
		b = quote(b, etag(e.Resource.Version))
		b = append(b, `,"lastModified":"`...)
		b = e.Resource.Updated.UTC().AppendFormat(b, instantLayout)
		b = append(b, '"')
	}
	if len(e.Answer) > 0 && e.Status >= http.StatusBadRequest {
		b = append(append(b, `,"outcome":`...), e.Answer...)
	}
	if e.Err != nil {
		b = append(b, `,"outcome":`...)
		b = append(b, fhir.OperationOutcome(issues(e.Err)...)...)
	}
	return b
}
