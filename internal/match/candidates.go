package match

import (
	"context"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// perSearch bounds the candidates of one search: a search that finds more says
// little about whom it finds.
const perSearch = "100"

// candidates are the Patients that one of the searches finds.
func (s *Service) candidates(ctx context.Context, actor access.Actor, who features) ([]store.Resource, error) {
	searches := who.searches()
	if len(searches) == 0 {
		return nil, errs.New(errs.Unprocessable, "to find anybody, the Patient needs an identifier, a telephone number or mail address, or a name with a birth date or a given name").At("Patient")
	}
	var all []store.Resource
	seen := map[string]bool{}
	for _, query := range searches {
		query = append(query, search.Pair{Name: "_count", Value: perSearch})
		page, err := s.records.Search(ctx, actor, records.Search{Type: "Patient", Query: query})
		if err != nil {
			return nil, err
		}
		for _, r := range page.Resources {
			if !seen[r.ID] {
				seen[r.ID] = true
				all = append(all, r)
			}
		}
	}
	return all, nil
}

// searches are the ways in which a person who is described may be found although one
// thing or the other is not as it is described.
func (f features) searches() (all [][]search.Pair) {
	add := func(pairs ...string) {
		var query []search.Pair
		for i := 0; i+1 < len(pairs); i += 2 {
			query = append(query, search.Pair{Name: pairs[i], Value: pairs[i+1]})
		}
		all = append(all, query)
	}
	if len(f.identifiers) > 0 {
		add("identifier", alternatives(f.identifiers, identifier.query))
	}
	if len(f.phones) > 0 {
		add("phone", alternatives(f.phones, spellings))
	}
	if len(f.mails) > 0 {
		add("email", alternatives(f.mails, escaped))
	}
	full := len(f.birth) == len("2006-01-02")
	if full && len(f.families) > 0 {
		add("birthdate", f.birth, "family", alternatives(f.families, initial))
	}
	if full && len(f.givens) > 0 {
		add("birthdate", f.birth, "given", alternatives(f.givens, firstInitial))
	}
	if len(f.families) > 0 && len(f.givens) > 0 {
		add("family", alternatives(f.written, escaped), "given", alternatives(f.givens, firstInitial))
	}
	if len(f.families) > 0 && len(f.birth) >= 4 {
		add("family", alternatives(f.written, escaped), "birthdate", f.birth[:4])
	}
	return all
}

func alternatives[T any](list []T, text func(T) string) string {
	texts := make([]string, len(list))
	for i, one := range list {
		texts[i] = text(one)
	}
	return strings.Join(texts, ",")
}

// query is the identifier as a token; without a system, the value in any.
func (i identifier) query() string {
	if i.system == "" {
		return escaped(i.value)
	}
	return escaped(i.system) + "|" + escaped(i.value)
}

func initial(name string) string { return escaped(string([]rune(name)[:1])) }

func firstInitial(names []string) string { return initial(names[0]) }

// spellings are the ways in which a telephone number of ten digits is often written,
// because it is found as it was written.
func spellings(d string) string {
	if len(d) != 10 {
		return d
	}
	a, b, c := d[:3], d[3:6], d[6:]
	return strings.Join([]string{d, "+1" + d, "1" + d, a + "-" + b + "-" + c, "(" + a + ") " + b + "-" + c, "+1 " + a + "-" + b + "-" + c, "+1-" + a + "-" + b + "-" + c,
		"(" + a + ")" + b + "-" + c, a + "." + b + "." + c, a + " " + b + " " + c, "+1 " + a + " " + b + " " + c}, ",")
}

// escaped is a value in which nothing separates (R4, section 3.1.1.4.0.4).
var escaped = strings.NewReplacer(`\`, `\\`, ",", `\,`, "|", `\|`, "$", `\$`).Replace
