package fhirserver

import (
	"net/http"

	"tributary/fhir/search"
	"tributary/internal/records"
)

// explain answers Type/$explain?query, and $explain?query over the types that _type
// names or over all: how the search would be answered, in words, in SQL, and in the
// database's own plan.
func explain(s *Server, w http.ResponseWriter, r *request) error {
	pairs, err := records.Pairs(r.URL.RawQuery)
	if err != nil {
		return err
	}
	plan, err := s.config.Records.Explain(r.Context(), r.actor, records.Search{Type: r.typ, Query: pairs})
	if err != nil {
		return err
	}
	var said []search.Pair
	for _, text := range plan.Words {
		said = append(said, search.Pair{Name: "words", Value: text})
	}
	for _, statement := range plan.Statements {
		said = append(said, search.Pair{Name: "sql", Value: statement.SQL})
		for _, step := range statement.Steps {
			said = append(said, search.Pair{Name: "plan", Value: step})
		}
	}
	write(w, http.StatusOK, texts(said))
	return nil
}

// texts is a Parameters resource of strings.
func texts(list []search.Pair) []byte {
	b := []byte(`{"resourceType":"Parameters","parameter":[`)
	for i, p := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, `{"name":`...)
		b = quote(b, p.Name)
		b = append(b, `,"valueString":`...)
		b = append(quote(b, p.Value), '}')
	}
	return append(b, "]}"...)
}
