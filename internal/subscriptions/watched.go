package subscriptions

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tributary/fhir/search"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// watched is a subscription whose events are noticed.
type watched struct {
	store.Subscription
	spec    Spec
	owner   owner
	topic   *Topic
	filters []filter
}

// filter narrows a topic. Without a type it is for all that the topic is about;
// where filters name types, the others are left out.
type filter struct {
	typ   string
	where map[string][]search.Clause // by type
}

// watch makes a subscription ready to be matched.
func (s *Service) watch(row store.Subscription) (*watched, error) {
	w := &watched{Subscription: row}
	if err := json.Unmarshal(row.Spec, &w.spec); err != nil {
		return nil, fmt.Errorf("subscription %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(row.Owner, &w.owner); err != nil {
		return nil, fmt.Errorf("subscription %s: %w", row.ID, err)
	}
	return w, s.compile(w)
}

// compile reads topic and filters; the errors are safe to show and name their place.
func (s *Service) compile(w *watched) (err error) {
	if typ, text, ok := query(w.spec.Criteria); ok {
		if w.topic, err = s.language.adHoc(typ, text); err != nil {
			return errs.Wrap(err, errs.Invalid, "%s", errs.Of(err).Safe).At("Subscription.criteria")
		}
	} else if w.topic = s.topic(w.spec.Criteria); w.topic == nil {
		return errs.New(errs.Unprocessable, "this is neither the canonical of a topic that is served here, nor a query such as Observation?code=1234-5; see the CapabilityStatement").
			At("Subscription.criteria")
	}
	for _, text := range w.spec.Filters {
		f, err := s.filter(w.topic, text)
		if err != nil {
			return err
		}
		w.filters = append(w.filters, f)
	}
	return nil
}

const filterPlace = "Subscription.criteria.extension"

func (s *Service) filter(t *Topic, text string) (filter, error) {
	typ, parameters, typed := strings.Cut(text, "?")
	if !typed {
		typ, parameters = "", text
	}
	f := filter{typ: typ, where: map[string][]search.Clause{}}
	if typed && !slices.Contains(t.types(), typ) {
		return f, errs.New(errs.Unprocessable, "the topic is not about this type").At(filterPlace)
	}
	for part := range strings.SplitSeq(parameters, "&") {
		name, _, _ := strings.Cut(part, "=")
		name, _, _ = strings.Cut(name, ":")
		if t.URL != "" && !slices.Contains(t.Filters, name) {
			return f, errs.New(errs.Unprocessable, "this topic is filtered by %s", strings.Join(t.Filters, ", ")).At(filterPlace)
		}
	}
	for _, about := range t.types() {
		if typed && about != typ {
			continue
		}
		where, err := s.language.clauses(about, ofPatients(about, parameters))
		if err != nil {
			return f, errs.Wrap(err, errs.Unprocessable, "the filter is not understood for %s: %s", about, errs.Of(err).Safe).At(filterPlace)
		}
		f.where[about] = where
	}
	return f, nil
}

// ofPatients lets a topic about a whole record be filtered by patient: a Patient is
// itself what others name.
func ofPatients(typ, parameters string) string {
	if typ != "Patient" {
		return parameters
	}
	parts := strings.Split(parameters, "&")
	for i, part := range parts {
		if rest, ok := strings.CutPrefix(part, "patient="); ok {
			parts[i] = "_id=" + strings.TrimPrefix(strings.TrimPrefix(rest, "Patient/"), "Patient%2F")
		}
	}
	return strings.Join(parts, "&")
}

// wants reports whether a change is an event of the subscription.
func (w *watched) wants(c *change, now time.Time) bool {
	return w.passes(c) && w.topic.fires(c, now)
}

func (w *watched) passes(c *change) bool {
	named := len(w.filters) == 0
	for _, f := range w.filters {
		where, about := f.where[c.typ]
		named = named || about
		if about && !matches(where, c.subject()) {
			return false
		}
	}
	return named
}
