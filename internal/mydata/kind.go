package mydata

import (
	"slices"
	"strings"

	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/records"
)

// Kind is a category of package apps as a part of a timeline.
type Kind struct {
	Key, Title string
	parts      []records.TimelinePart
}

// hidden are types that say something about other records, or about the record
// keeping: they are in what is taken along, but nobody looks for them by day.
var hidden = []string{"Provenance", "AuditEvent"}

// Kinds are those by which a timeline can be narrowed.
func Kinds() []Kind { return allKinds }

var allKinds = kindsOf(apps.Categories)

func kindsOf(categories []apps.Category) (all []Kind) {
	placed := map[string]bool{}
	codes := map[string][]string{} // of Observations, by category
	for _, c := range categories {
		k := Kind{Key: c.Key, Title: c.Title}
		for typ, only := range c.Types() {
			codes[c.Key] = append(codes[c.Key], only...)
			if access.ClassOf(typ) != access.InPatient || slices.Contains(hidden, typ) {
				continue
			}
			p := records.TimelinePart{Type: typ}
			if typ == observation && len(only) > 0 {
				p.Query = []search.Pair{{Name: "category", Value: strings.Join(only, ",")}}
			}
			placed[typ] = true
			k.parts = append(k.parts, p)
		}
		all = append(all, k)
	}
	return slices.DeleteFunc(withRest(all, placed, codes), func(k Kind) bool { return len(k.parts) == 0 })
}

const (
	observation = "Observation"
	unsorted    = "exams" // the kind of Observations whose category no other kind has
)

// withRest puts what no category names into the last one, and what no Observation's
// category names to the other tests.
func withRest(all []Kind, placed map[string]bool, codes map[string][]string) []Kind {
	rest := &all[len(all)-1]
	for _, typ := range model.Resources() {
		if access.ClassOf(typ) == access.InPatient && !placed[typ] && !slices.Contains(hidden, typ) {
			rest.parts = append(rest.parts, records.TimelinePart{Type: typ})
		}
	}
	for i := range all {
		slices.SortFunc(all[i].parts, func(a, b records.TimelinePart) int { return strings.Compare(a.Type, b.Type) })
		for j := range all[i].parts {
			if p := &all[i].parts[j]; all[i].Key == unsorted && p.Type == observation {
				p.Query = elsewhere(all, codes)
			}
		}
	}
	return all
}

// elsewhere is the condition that an Observation has no category of another kind.
func elsewhere(all []Kind, codes map[string][]string) (query []search.Pair) {
	for _, k := range all {
		for _, p := range k.parts {
			if p.Type == observation && k.Key != unsorted {
				query = append(query, search.Pair{Name: "category:not", Value: strings.Join(codes[k.Key], ",")})
			}
		}
	}
	return query
}

// KindOf finds a kind by its key.
func KindOf(key string) (Kind, bool) {
	i := slices.IndexFunc(allKinds, func(k Kind) bool { return k.Key == key })
	if i < 0 {
		return Kind{}, false
	}
	return allKinds[i], true
}

// everyType are the parts of a timeline of everything.
func everyType() (parts []records.TimelinePart) {
	for _, typ := range model.Resources() {
		if access.ClassOf(typ) == access.InPatient && !slices.Contains(hidden, typ) {
			parts = append(parts, records.TimelinePart{Type: typ})
		}
	}
	return parts
}
