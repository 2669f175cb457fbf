package fhirserver

import (
	"net/http"
	"strconv"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// history answers GET Type/id/_history: versions, newest first, by pages of _count.
func history(s *Server, w http.ResponseWriter, r *request) error {
	pairs, err := records.Pairs(r.URL.RawQuery)
	if err != nil {
		return err
	}
	where := r.typ + "/" + r.id + "/_history"
	asked, after, err := s.place(r, where, pairs)
	if err != nil {
		return err
	}
	count, err := historyCount(asked)
	if err != nil {
		return err
	}
	before := int64(0)
	if after != nil {
		before = int64(after.Key)
	}
	versions, err := s.config.Records.History(r.Context(), r.actor, r.typ, r.id, count+1, before)
	if err != nil {
		return err
	}
	body, err := s.historyBundle(r, where, asked, versions, count)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}

// historyCount reads _count, the one parameter that is served.
func historyCount(pairs []search.Pair) (int, error) {
	count := records.DefaultCount
	for _, p := range pairs {
		switch p.Name {
		case "_format", "_pretty":
		case "_count":
			n, err := strconv.Atoi(p.Value)
			if err != nil || n < 1 {
				return 0, errs.New(errs.Invalid, "_count is a whole number above 0")
			}
			count = min(n, records.MaxCount)
		default:
			return 0, errs.New(errs.Invalid, "a history takes _count only")
		}
	}
	return count, nil
}

// historyBundle renders at most count versions; one more tells that there is a next page.
func (s *Server) historyBundle(r *request, where string, asked []search.Pair, versions []store.Resource, count int) ([]byte, error) {
	b := make([]byte, 0, 600+sizeOf(versions))
	b = append(b, `{"resourceType":"Bundle","type":"history","link":[{"relation":"self","url":`...)
	self := s.config.BaseURL + "/" + where
	b = quote(b, link(self, asked))
	if len(versions) > count {
		versions = versions[:count]
		next := &store.Cursor{Key: search.Key(versions[count-1].Version)}
		cursor, err := s.seal(next, r.scope(where, records.EncodePairs(asked)))
		if err != nil {
			return nil, err
		}
		b = append(b, `},{"relation":"next","url":`...)
		b = quote(b, link(self, append(asked, search.Pair{Name: cursorParam, Value: cursor})))
	}
	b = append(b, `}]`...)
	open := `,"entry":[`
	for i := range versions {
		b = append(b, open...)
		b = s.historyEntry(b, &versions[i])
		open = ","
	}
	if open == "," {
		b = append(b, ']')
	}
	return append(b, '}'), nil
}

func (s *Server) historyEntry(b []byte, v *store.Resource) []byte {
	b = append(b, `{"fullUrl":`...)
	b = quote(b, s.config.BaseURL+"/"+v.Type+"/"+v.ID)
	if !v.Deleted {
		b = append(b, `,"resource":`...)
		b = append(b, v.Body...)
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
	return append(b, `"}}`...)
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
