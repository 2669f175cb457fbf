package records

import (
	"fmt"
	"strings"

	"tributary/fhir"
	"tributary/fhir/search"
	"tributary/fhir/tree"
)

// searchesByPost makes of each entry that searches by POST (R4, section 3.1.1.1) the GET
// that says the same: it only reads, and so has its place after all writes. Its
// parameters are those of the url, and those of a Parameters resource.
func searchesByPost(b *fhir.Bundle, base string) {
	for i := range b.Entries {
		e := &b.Entries[i]
		path, query, _ := strings.Cut(Relative(e.URL, base), "?")
		of, searches := strings.CutSuffix("/"+path, "/_search")
		searches = searches && strings.Count(of, "/") != 2 // a resource is not searched
		if e.Method == "POST" && searches && len(e.Issues) == 0 {
			searchByPost(e, i, strings.TrimPrefix(of, "/"), query)
		}
	}
}

func searchByPost(e *fhir.Entry, number int, path, query string) {
	e.Method = "GET"
	if e.Resource != nil {
		pairs, fault := parametersOf(e.Resource)
		if fault != nil {
			fault.Expression = fmt.Sprintf("Bundle.entry[%d].resource%s", number, fault.Expression)
			e.Issues, e.Resource = append(e.Issues, *fault), nil
			return
		}
		query = strings.Trim(query+"&"+EncodePairs(pairs), "&")
	}
	if e.URL, e.Resource = path, nil; query != "" {
		e.URL += "?" + query
	}
}

// parametersOf are the parameters of a search as a Parameters resource has them: with
// one primitive value each.
func parametersOf(r *fhir.Resource) (pairs []search.Pair, fault *fhir.Issue) {
	if r.Type != "Parameters" {
		return nil, &fhir.Issue{Severity: "error", Code: "invalid", Diagnostics: "what a search takes is a Parameters resource, or stands in the url"}
	}
	for p := range r.Root.Get("parameter").Elements() {
		value := primitiveOf(p)
		if !value.Exists() {
			return nil, &fhir.Issue{Severity: "error", Code: "invalid", Expression: below(p), Diagnostics: "a parameter of a search has one primitive value, such as valueString"}
		}
		pairs = append(pairs, search.Pair{Name: p.Get("name").Text(), Value: value.Text()})
	}
	return pairs, nil
}

// primitiveOf is the value[x] of a parameter where it is a primitive.
func primitiveOf(p tree.Value) tree.Value {
	for m := p.First(); m.Exists(); m = m.Next() {
		if k := m.Kind(); strings.HasPrefix(m.Key(), "value") && k != tree.Object && k != tree.Array {
			return m
		}
	}
	return tree.Value{}
}
