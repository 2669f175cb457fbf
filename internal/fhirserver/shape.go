package fhirserver

import (
	"net/http"
	"slices"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/subset"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// shapeOf reads what a read may ask of its resource's shape: _summary and
// _elements (R4, sections 3.1.1.5.8 and 3.1.1.5.9).
func shapeOf(asked []search.Pair) (shape subset.Shape, err error) {
	for _, p := range asked {
		switch p.Name {
		case "_summary":
			if !slices.Contains([]string{"true", "text", "data", "false"}, p.Value) {
				return shape, errs.New(errs.Invalid, "of a resource, _summary is true, text, data or false").At("http._summary")
			}
			shape.Summary = p.Value
		case "_elements":
			shape.Elements = append(shape.Elements, strings.Split(p.Value, ",")...)
		}
	}
	return shape, nil
}

// cut leaves of a resource the shape that the parameters ask for.
func cut(found *store.Resource, asked []search.Pair) error {
	shape, err := shapeOf(asked)
	if err == nil {
		found.Body, err = shaped(shape, found)
	}
	return err
}

// show answers a resource in the shape that was asked.
func show(w http.ResponseWriter, r *request, found store.Resource) error {
	if r.URL.RawQuery != "" {
		asked, err := records.Pairs(r.URL.RawQuery)
		if err == nil {
			err = cut(&found, asked)
		}
		if err != nil {
			return err
		}
	}
	versioned(w.Header(), found)
	write(w, http.StatusOK, found.Body)
	return nil
}

func shaped(shape subset.Shape, r *store.Resource) ([]byte, error) {
	if shape.Whole(r.Type) {
		return r.Body, nil
	}
	body, err := shape.Cut(r.Body)
	if err != nil {
		return nil, errs.Wrap(err, errs.Internal, "%s/%s cannot be cut", r.Type, r.ID)
	}
	return body, nil
}

// entries writes what a page holds: matches, what joins them, what is to be said.
func (s *Server) entries(b []byte, page records.Page) ([]byte, error) {
	shape := subset.Shape{Summary: page.Summary, Elements: page.Elements}
	open := `,"entry":[`
	var err error
	for i := range page.Resources {
		if b, err = s.searchEntry(append(b, open...), &page.Resources[i], shape, "match"); err != nil {
			return nil, err
		}
		open = ","
	}
	for i := range page.Included {
		if b, err = s.searchEntry(append(b, open...), &page.Included[i], shape, "include"); err != nil {
			return nil, err
		}
	}
	if said := notes(page); len(said) > 0 {
		b = append(append(b, open...), `{"resource":`...)
		b = append(b, fhir.OperationOutcome(said...)...)
		b = append(b, `,"search":{"mode":"outcome"}}`...)
		open = ","
	}
	if open == "," {
		b = append(b, ']')
	}
	return b, nil
}

func (s *Server) searchEntry(b []byte, r *store.Resource, shape subset.Shape, mode string) ([]byte, error) {
	body, err := shaped(shape, r)
	if err != nil {
		return nil, err
	}
	b = append(b, `{"fullUrl":"`...)
	b = append(b, s.config.BaseURL...)
	b = append(b, '/')
	b = append(b, r.Type...)
	b = append(b, '/')
	b = append(b, r.ID...)
	b = append(b, `","resource":`...)
	b = append(b, body...)
	b = append(b, `,"search":{"mode":"`...)
	b = append(b, mode...)
	return append(b, `"}}`...), nil
}

// notes tell what a page is not: parameters that a lenient search passed over,
// resources that were too many to be included.
func notes(page records.Page) []fhir.Issue {
	var list []fhir.Issue
	for _, f := range page.Ignored {
		list = append(list, fhir.Issue{Severity: "warning", Code: "not-supported", Expression: f.Expression, Diagnostics: "ignored: " + f.Error()})
	}
	if page.Cut {
		list = append(list, fhir.Issue{Severity: "warning", Code: "too-costly",
			Diagnostics: "more than 1000 resources were to be included on this page, and not all are; ask for fewer matches with _count"})
	}
	return list
}
