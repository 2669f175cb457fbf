package mydata

import (
	"context"
	"slices"
	"strings"
	"time"

	"tributary/config/program"
	"tributary/fhir/model"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/apps"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Sources knows which provider a record was pulled from.
type Sources interface {
	// Providers are the names of the providers of resources, by their keys; what was
	// not pulled has none.
	Providers(ctx context.Context, patient string, keys []search.Key) (map[search.Key]string, error)
}

// Config is what a Service works with; all must be set.
type Config struct {
	Records *records.Service
	Study   *program.Study
	Sources Sources
	Now     func() time.Time
}

// Service reads for one person at a time.
type Service struct{ Config }

// New returns a Service.
func New(c Config) *Service { return &Service{c} }

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

// Query says what of a timeline is wanted.
type Query struct {
	Kind  string // key of a Kind; "" of all
	Words string // as typed
	After *store.Cursor
	Count int
}

// Page is a part of a timeline.
type Page struct {
	Entries []Entry
	Next    *store.Cursor // nil at the end
}

// maxWords bounds the words that are looked for.
const maxWords = 10

// Searches tells whether words can be looked for.
func (s *Service) Searches() bool { return s.Records.FullText() }

// Timeline is a page of what is kept about the participant, the newest first. What
// goes on is the first of all, what has no date the last.
func (s *Service) Timeline(ctx context.Context, who access.Actor, q Query) (Page, error) {
	t := records.Timeline{Patient: who.Patient, Parts: everyType(), Words: sought(q.Words), Count: q.Count, After: q.After}
	if q.Kind != "" {
		kind, ok := KindOf(q.Kind)
		if !ok {
			return Page{}, errs.New(errs.NotFound, "there is no such kind of data")
		}
		t.Parts = kind.parts
	}
	if strings.TrimSpace(q.Words) != "" && t.Words == "" {
		return Page{}, nil // signs alone stand nowhere
	}
	found, err := s.Records.Timeline(ctx, who, t)
	if err != nil {
		return Page{}, err
	}
	entries, err := s.entries(ctx, who.Patient, found.Resources)
	return Page{entries, found.Next}, err
}

// sought are the beginnings of words that must all stand in a record.
func sought(typed string) string {
	words := search.Words(nil, typed)
	words = words[:min(len(words), maxWords)]
	for i := range words {
		words[i] += "*"
	}
	return strings.Join(words, " ")
}

// entries reads resources and tells their sources.
func (s *Service) entries(ctx context.Context, patient string, resources []store.Resource) ([]Entry, error) {
	entries := make([]Entry, len(resources))
	var pulled []search.Key
	for i, r := range resources {
		e, root, err := entryOf(r)
		if err != nil {
			return nil, errs.Wrap(err, errs.Internal, "a record cannot be read back")
		}
		if e.Source = s.source(root); e.Source.Origin == records.FromEHR {
			pulled = append(pulled, r.Key())
		}
		if r.Type == "QuestionnaireResponse" {
			e.Survey = s.survey(root)
		}
		entries[i] = e
	}
	if len(pulled) == 0 {
		return entries, nil
	}
	names, err := s.Sources.Providers(ctx, patient, pulled)
	for i, r := range resources {
		if name := names[r.Key()]; name != "" && entries[i].Source.Origin == records.FromEHR {
			entries[i].Source.Text, entries[i].Source.Name = "From %s", program.English(name)
		}
	}
	return entries, err
}
