package program

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"time"

	study "tributary/config/program"
	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/consent"
	"tributary/internal/errs"
	"tributary/internal/records"
	"tributary/internal/store"
	"tributary/internal/survey"
)

// Config is what the service needs.
type Config struct {
	Study   *study.Study
	Records *records.Service
	Consent *consent.Service
	Surveys *survey.Service
	Now     func() time.Time
}

// Service is the study at work.
type Service struct{ Config }

// New returns the service.
func New(c Config) *Service {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &Service{c}
}

// job is who writes what no person may write alone.
func job(purpose string) access.Actor { return access.Job("program", purpose) }

// object and list are JSON in the making.
type object = map[string]any

type list = []any

func reference(typ, id string) object { return object{"reference": typ + "/" + id} }

const loinc = "http://loinc.org"

func coding(system, code, display string) object {
	c := object{"system": system, "code": code}
	if display != "" {
		c["display"] = display
	}
	return object{"coding": list{c}}
}

// instant is how times are written: UTC, so that they compare as text.
const instant = time.RFC3339

// History collects the events of a participant.
func (s *Service) History(ctx context.Context, patient string) (History, error) {
	var h History
	var err error
	if h.Consents, err = s.Consent.Events(ctx, patient); err != nil {
		return h, err
	}
	if h.Surveys, err = s.Surveys.Completed(ctx, patient); err != nil {
		return h, err
	}
	visits, err := s.Visits(ctx, patient)
	for _, v := range visits {
		if v.Status == Fulfilled {
			h.Measured = append(h.Measured, v.Changed.Truncate(time.Second)) // as the other events are dated
		}
	}
	return h, err
}

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

// draft makes the JSON of a resource a draft.
func draft(res object, origin records.Origin) (records.Draft, error) {
	body, err := json.Marshal(res)
	id, _ := res["id"].(string)
	return records.Draft{Type: res["resourceType"].(string), ID: id, JSON: body, Origin: origin}, err
}

// decode reads a stored resource as an object, numbers as they are written.
func decode(r store.Resource, into any) error { return json.Unmarshal(r.Body, into) }

// isStale: somebody else was quicker.
func isStale(err error) bool {
	return errors.Is(err, store.ErrStale) || errs.Is(err, errs.Conflict) || errs.Is(err, errs.Precondition)
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
