package records

import (
	"context"
	"slices"
	"strconv"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Timeline asks for what belongs to one Patient as one list of several types, the newest
// care first. What has not ended comes before all else, what has no date
// of care after it.
type Timeline struct {
	Patient string
	Parts   []TimelinePart
	Words   string // as _content has them; "" asks nothing
	Count   int    // 0 is DefaultCount
	After   *store.Cursor
}

// TimelinePart is a type in a timeline, once, and what is asked of it.
type TimelinePart struct {
	Type  string
	Query []search.Pair
}

// Timeline returns a page of what the actor reaches; types that the actor may not
// search are passed over. Next goes on.
func (s *Service) Timeline(ctx context.Context, actor access.Actor, t Timeline) (Page, error) {
	if s.limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.limit)
		defer cancel()
	}
	page, err := s.timeline(ctx, actor, t)
	if err != nil {
		return Page{}, s.refuse(ctx, actor, access.Search, "", "", err)
	}
	asked := Search{Patient: t.Patient, Query: t.words()}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), searched(asked, page))
}

func (s *Service) timeline(ctx context.Context, actor access.Actor, t Timeline) (Page, error) {
	page := Page{Page: store.Page{Total: -1}}
	var all search.Query
	for _, p := range t.Parts {
		one, allowed, err := s.timelinePart(ctx, actor, t, p)
		if err != nil {
			return page, err
		}
		if allowed {
			each := dated(s.registry, one)
			all.Sort, all.Count = each[0].Sort, one.Count
			all.Each = append(all.Each, each...)
		}
	}
	if len(all.Each) == 0 {
		return page, nil
	}
	var err error
	page.Page, err = s.store.Search(ctx, s.inCourse(all), t.After)
	return page, err
}

// timelinePart is the search of one type, narrowed to what is the Patient's and to what
// the actor reaches.
func (s *Service) timelinePart(ctx context.Context, actor access.Actor, t Timeline, p TimelinePart) (q search.Query, allowed bool, err error) {
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: p.Type})
	if errs.Is(err, errs.Forbidden) {
		return q, false, nil
	}
	if err != nil {
		return q, false, err
	}
	parsed, err := s.parse(ctx, s.store, actor, Search{Type: p.Type, Query: t.asked(p)})
	if err != nil {
		return q, false, err
	}
	q = parsed.Query
	if q.Where, err = s.narrow(ctx, actor, &d, q.Where); err != nil {
		return q, false, err
	}
	q.Where, err = s.belonging(p.Type, t.Patient, q.Where)
	return q, true, err
}

// belonging adds that a resource is the Patient's: in the compartment, or a Device, which
// is in none, by the patient that it names.
func (s *Service) belonging(typ, patient string, where []search.Clause) ([]search.Clause, error) {
	_, compartment := s.registry.Lookup(typ, search.Compartment)
	param, named := access.Membership(s.registry, typ)
	if compartment || !named {
		return s.within(Search{Type: typ, Patient: patient}, where)
	}
	target := search.ReferenceValue{Targets: []int64{int64(search.KeyOf("Patient", patient))}}
	return append(where, search.Clause{Param: param.Rows(), AnyOf: []search.Value{target}}), nil
}

// asked are the parameters of a part.
func (t *Timeline) asked(p TimelinePart) []search.Pair {
	pairs := append(t.words(), p.Query...)
	if t.Count > 0 {
		pairs = append(pairs, search.Pair{Name: "_count", Value: strconv.Itoa(t.Count)})
	}
	return pairs
}

func (t *Timeline) words() []search.Pair {
	if t.Words == "" {
		return nil
	}
	return []search.Pair{{Name: search.ContentParam, Value: t.Words}}
}

// CareDates are the search parameters that a type is in a timeline by: when care was
// given, of a Patient the birth; then what has none of these goes by. What knows no such
// date at all goes by its last change.
func CareDates(registry *search.Registry, typ string) []*search.Param {
	by, ok := registry.CareDate(typ)
	if !ok {
		by, _ = registry.Lookup(typ, search.LastUpdated)
	}
	if other, ok := registry.Lookup(typ, otherwise[typ]); ok {
		return []*search.Param{by, other.Rows()}
	}
	return []*search.Param{by}
}

// otherwise are the parameters that what has no date of care goes by, for types of which
// that is common: of a condition when it was written down.
var otherwise = map[string]string{"Condition": "recorded-date"}

// dated are the searches of a type: of a type with another date to go by, one of what
// has the first, and one of what has not.
func dated(registry *search.Registry, q search.Query) []search.Query {
	dates := CareDates(registry, q.Type)
	q.Sort = []search.Sort{{Param: dates[0], Descending: true}}
	if len(dates) == 1 {
		return []search.Query{q}
	}
	rest, where := q, slices.Clip(q.Where)
	q.Where = append(where, search.Clause{Param: dates[0], Missing: search.IsPresent})
	rest.Where = append(where, search.Clause{Param: dates[0], Missing: search.IsMissing})
	rest.Sort = []search.Sort{{Param: dates[1], Descending: true}}
	return []search.Query{q, rest}
}
