package survey

import (
	"context"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/records"
	"tributary/internal/store"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Now     func() time.Time
}

// Service keeps answers.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c}
}

// Done is a survey that was answered.
type Done struct {
	What string    // the survey's id
	At   time.Time // when it was sent
}

// job is who reads for the study what no person may read alone.
func job() access.Actor { return access.Job("program", "HRESCH") }

// object and list are JSON in the making.
type object = map[string]any

type list = []any

func reference(typ, id string) object { return object{"reference": typ + "/" + id} }

// instant is how times are written: UTC, so that they compare as text.
const instant = time.RFC3339

// ofStudy is the search condition for what the study itself wrote: a provider's
// records hold QuestionnaireResponses, too, and apps write some.
func ofStudy() string { return records.OriginSystem + "|" + string(records.Survey) }

// find returns every resource that a query matches, page after page.
func (s *Service) find(ctx context.Context, a access.Actor, typ string, query url.Values) ([]store.Resource, error) {
	var found []store.Resource
	q := records.Search{Type: typ, Query: pairs(query)}
	for {
		page, err := s.Records.Search(ctx, a, q)
		if err != nil {
			return nil, err
		}
		found = append(found, page.Resources...)
		if page.Next == nil {
			return found, nil
		}
		q.After = page.Next
	}
}

// draft makes the JSON of a response a draft.
func draft(res object) (records.Draft, error) {
	body, err := json.Marshal(res)
	id, _ := res["id"].(string)
	return records.Draft{Type: res["resourceType"].(string), ID: id, JSON: body, Origin: records.Survey}, err
}

// pairs is a query in the order of its names.
func pairs(query url.Values) []search.Pair {
	var out []search.Pair
	for _, name := range slices.Sorted(maps.Keys(query)) {
		for _, value := range query[name] {
			out = append(out, search.Pair{Name: name, Value: value})
		}
	}
	return out
}
