package fhirserver

import (
	"net/http"
	"slices"

	"tributary/fhir/search"
	"tributary/fhir/subset"
	"tributary/internal/records"
	"tributary/internal/store"
)

// history answers GET Type/id/_history, Type/_history and _history: versions,
// newest first, by pages of _count.
func history(s *Server, w http.ResponseWriter, r *request) error {
	pairs, err := records.Pairs(r.URL.RawQuery)
	if err != nil {
		return err
	}
	where := records.Versions{Type: r.typ, ID: r.id}.Path()
	asked, after, err := s.place(r, where, pairs)
	if err != nil {
		return err
	}
	v, err := records.HistoryOf(r.typ, r.id, asked)
	if err != nil {
		return err
	}
	v.After = after
	page, err := s.config.Records.Versions(r.Context(), r.actor, v)
	if err != nil {
		return err
	}
	body, err := s.historyBundle(r, where, asked, page)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}

func (s *Server) historyBundle(r *request, where string, asked []search.Pair, page store.Page) ([]byte, error) {
	shape, err := shapeOf(asked)
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 600+sizeOf(page.Resources))
	b = append(b, `{"resourceType":"Bundle","type":"history","link":[{"relation":"self","url":`...)
	self := s.config.BaseURL + "/" + where
	b = quote(b, link(self, asked))
	if page.Next != nil {
		cursor, err := s.cursors.Seal(page.Next, r.scope(where, records.EncodePairs(asked)))
		if err != nil {
			return nil, err
		}
		b = append(b, `},{"relation":"next","url":`...)
		b = quote(b, link(self, append(slices.Clone(asked), search.Pair{Name: cursorParam, Value: cursor})))
	}
	b = append(b, `}]`...)
	open := `,"entry":[`
	for i := range page.Resources {
		if b, err = s.historyEntry(append(b, open...), &page.Resources[i], shape); err != nil {
			return nil, err
		}
		open = ","
	}
	if open == "," {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func (s *Server) historyEntry(b []byte, v *store.Resource, shape subset.Shape) ([]byte, error) {
	b = append(b, `{"fullUrl":`...)
	b = quote(b, s.config.BaseURL+"/"+v.Type+"/"+v.ID)
	if !v.Deleted {
		body, err := shaped(shape, v)
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"resource":`...), body...)
	}
	b = append(b, `,"request":{"method":`...)
	b = quote(b, v.Method)
	b = append(b, `,"url":`...)
	url := v.Type
	if v.Method != http.MethodPost {
		url += "/" + v.ID
	}
	b = quote(b, url)
	b = append(b, `},"response":{"status":`...)
	b = quote(b, versionStatus(v))
	b = append(b, `,"etag":`...)
	b = quote(b, etag(v.Version))
	b = append(b, `,"lastModified":"`...)
	b = v.Updated.UTC().AppendFormat(b, instantLayout)
	return append(b, `"}}`...), nil
}

const instantLayout = "2006-01-02T15:04:05.000Z"

func versionStatus(v *store.Resource) string {
	switch {
	case v.Deleted:
		return "204"
	case v.Version == 1:
		return "201"
	}
	return "200"
}
