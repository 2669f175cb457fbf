package fhirserver

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gorilla/mux"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// find answers GET Type?query and GET Patient/id/Type?query; without a type, over
// several: GET ?_type=…, GET Patient/id/*.
func find(s *Server, w http.ResponseWriter, r *request) error {
	return s.find(w, r, records.Search{Patient: mux.Vars(r.Request)["patient"]}, r.URL.RawQuery)
}

// findIn answers GET Encounter/id/Type?query, of a compartment that is no Patient's.
func findIn(of string) handler {
	return func(s *Server, w http.ResponseWriter, r *request) error {
		return s.find(w, r, records.Search{Of: store.Ref{Type: of, ID: r.id}}, r.URL.RawQuery)
	}
}

// findPostedIn answers POST Encounter/id/Type/_search.
func findPostedIn(of string) handler {
	return func(s *Server, w http.ResponseWriter, r *request) error {
		query, err := posted(w, r)
		if err != nil {
			return err
		}
		return s.find(w, r, records.Search{Of: store.Ref{Type: of, ID: r.id}}, query)
	}
}

// findPosted answers POST Type/_search: the parameters of the form, after those
// of the URL.
func findPosted(s *Server, w http.ResponseWriter, r *request) error {
	query, err := posted(w, r)
	if err != nil {
		return err
	}
	return s.find(w, r, records.Search{Patient: mux.Vars(r.Request)["patient"]}, query)
}

// posted is the query of a search that is posted.
func posted(w http.ResponseWriter, r *request) (query string, err error) {
	if r.ContentLength != 0 && mediaType(r.Header.Get("Content-Type")) != formType {
		return "", errs.New(errs.Unsupported, "a search is posted as application/x-www-form-urlencoded")
	}
	query = r.URL.RawQuery
	if r.ContentLength != 0 {
		form, err := readAll(w, r.Request, 1<<20)
		if err != nil && !(errs.Is(err, errs.Invalid) && query != "") {
			return "", err
		}
		query += "&" + string(form)
		if err := r.ask(string(form)); err != nil {
			return "", err
		}
	}
	return query, nil
}

func (s *Server) find(w http.ResponseWriter, r *request, q records.Search, query string) error {
	pairs, err := records.Pairs(query)
	if err != nil {
		return err
	}
	q.Type, q.Lenient = r.typ, preferred(r.Request).lenient
	where := q.Path()
	if q.Query, q.After, err = s.place(r, where, pairs); err != nil {
		return err
	}
	page, err := s.config.Records.Search(r.Context(), r.actor, q)
	if err != nil {
		return err
	}
	body, err := s.searchset(r, where, q.Query, page)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}

// place takes the cursor out of the parameters, and opens it.
func (s *Server) place(r *request, where string, pairs []search.Pair) ([]search.Pair, *store.Cursor, error) {
	i := slices.IndexFunc(pairs, func(p search.Pair) bool { return p.Name == cursorParam })
	if i < 0 {
		return pairs, nil, nil
	}
	rest := slices.Delete(slices.Clone(pairs), i, i+1)
	after, err := s.cursors.Open(pairs[i].Value, r.scope(where, records.EncodePairs(rest)))
	return rest, after, err
}

// searchset joins a page's stored bytes into a Bundle (R4, section 3.1.1.6).
func (s *Server) searchset(r *request, where string, asked []search.Pair, page records.Page) ([]byte, error) {
	b := make([]byte, 0, 600+sizeOf(page.Resources)+sizeOf(page.Included))
	b = append(b, `{"resourceType":"Bundle","type":"searchset"`...)
	if page.Total >= 0 {
		b = append(b, `,"total":`...)
		b = strconv.AppendInt(b, page.Total, 10)
	}
	self := s.config.BaseURL + "/" + where
	b = append(b, `,"link":[{"relation":"self","url":`...)
	b = quote(b, link(self, page.Used))
	if page.Next != nil {
		cursor, err := s.cursors.Seal(page.Next, r.scope(where, records.EncodePairs(asked)))
		if err != nil {
			return nil, err
		}
		b = append(b, `},{"relation":"next","url":`...)
		b = quote(b, link(self, append(slices.Clone(asked), search.Pair{Name: cursorParam, Value: cursor})))
	}
	b = append(b, `}]`...)
	b, err := s.entries(b, page)
	return append(b, '}'), err
}

func link(url string, pairs []search.Pair) string {
	if len(pairs) == 0 {
		return url
	}
	return url + "?" + records.EncodePairs(pairs)
}

func sizeOf(resources []store.Resource) int {
	size := 0
	for i := range resources {
		size += len(resources[i].Body) + 200
	}
	return size
}
