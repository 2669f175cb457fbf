package fhirserver

import (
	"net/http"
	"strconv"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// everything answers Patient/id/$everything (R4, operation Patient-everything):
// the Patient, the compartment, and what these refer to, a page at a time.
func everything(s *Server, w http.ResponseWriter, r *request) error {
	where := "Patient/" + r.id + "/$everything"
	asked, after, err := s.asked(w, r, where)
	if err != nil {
		return err
	}
	q, err := everythingOf(asked)
	if err != nil {
		return err
	}
	q.Patient, q.After = r.id, after
	page, err := s.config.Records.Everything(r.Context(), r.actor, q)
	if err != nil {
		return err
	}
	if page.Next == nil && after == nil {
		page.Total = int64(len(page.Resources))
	}
	return s.answerEverything(w, r, where, asked, page)
}

// asked are the parameters of an operation that is paged, and the place of the page.
func (s *Server) asked(w http.ResponseWriter, r *request, where string) ([]search.Pair, *store.Cursor, error) {
	pairs, err := s.input(w, r)
	if err != nil {
		return nil, nil, err
	}
	return s.place(r, where, pairs)
}

// everythingOf reads what an $everything is asked, but for whose.
func everythingOf(asked []search.Pair) (q records.Everything, err error) {
	q.Query = "$everything&" + records.EncodePairs(asked)
	for _, p := range asked {
		if err := everythingParam(&q, p); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (s *Server) answerEverything(w http.ResponseWriter, r *request, where string, asked []search.Pair, page records.Page) error {
	page.Used = asked
	body, err := s.searchset(r, where, asked, page)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, body)
	return nil
}

func everythingParam(q *records.Everything, p search.Pair) error {
	switch p.Name {
	case "_format", "_pretty":
	case "_since":
		q.Since = p.Value
	case "start":
		q.Start = p.Value
	case "end":
		q.End = p.Value
	case "_count":
		n, err := strconv.Atoi(p.Value)
		if err != nil || n < 1 {
			return errs.New(errs.Invalid, "_count is a whole number above 0").At("http._count")
		}
		q.Count = n
	case "_type":
		return everythingTypes(q, p.Value)
	default:
		return errs.New(errs.Invalid, "$everything takes _since, _type, start, end and _count").At("http." + records.SafeName(p.Name))
	}
	return nil
}

func everythingTypes(q *records.Everything, list string) error {
	for typ := range strings.SplitSeq(list, ",") {
		if !fhir.IsResource(typ) {
			return errs.New(errs.Invalid, "_type is a list of resource types, separated by commas").At("http._type")
		}
		q.Types = append(q.Types, typ)
	}
	return nil
}
