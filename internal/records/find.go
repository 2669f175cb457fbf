package records

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
)

// Page sizes: without _count, and at most.
const (
	DefaultCount = 50
	MaxCount     = 1000
)

// Search returns a page of what matches and the actor reaches. The error of a
// query that is not understood is Invalid and has *search.QueryErrors as its cause.
func (s *Service) Search(ctx context.Context, actor access.Actor, q Search) (Page, error) {
	page, err := s.bounded(ctx, s.store, actor, q)
	if err != nil {
		return Page{}, s.refuse(ctx, actor, access.Search, q.Type, "", err)
	}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), searched(q, page))
}

func searched(q Search, page Page) audit.Event {
	return audit.Event{Interaction: access.Search, Type: q.Type, Query: EncodePairs(q.Query), Entities: seen(slices.Concat(page.Resources, page.Included))}
}

func (s *Service) find(ctx context.Context, from reader, actor access.Actor, q Search) (Page, error) {
	if q.Type == "" {
		return s.findAll(ctx, from, actor, q)
	}
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: q.Type})
	if err != nil {
		return Page{}, err
	}
	parsed, err := s.parse(ctx, from, actor, q)
	if err != nil {
		return Page{}, err
	}
	where, err := s.narrow(ctx, actor, &d, parsed.Query.Where)
	if err != nil {
		return Page{}, err
	}
	if parsed.Query.Where, err = s.within(q, where); err != nil {
		return Page{}, err
	}
	page := Page{Used: parsed.Used, Ignored: parsed.Ignored, Summary: parsed.Summary, Elements: parsed.Elements}
	if q.Type == auditEvent {
		page.Page, err = s.findEvents(ctx, from, parsed.Query, q.After, d.Narrowed())
	} else {
		page.Page, err = s.answer(ctx, from, parsed.Query, q.After)
	}
	if err == nil {
		page.Included, page.Cut, err = s.include(ctx, from, actor, page.Resources, parsed.Includes)
	}
	return page, err
}

// parse reads the query; what this server does not do is refused or, when the
// client is lenient, passed over by name.
func (s *Service) parse(ctx context.Context, from reader, actor access.Actor, q Search) (search.Parsed, error) {
	options := search.Options{
		Lenient: q.Lenient, DefaultCount: DefaultCount, MaxCount: MaxCount, Base: s.base, Now: s.now(), FullText: s.fullText,
	}
	sets := s.valueSets(ctx, from, actor, q.Query, &options)
	lists := s.lists(ctx, from, &options)
	parsed, err := s.registry.ParseQuery(q.Type, q.Query, options)
	if lists.failed != nil {
		return parsed, lists.failed
	}
	if sets != nil && sets.failed != nil {
		return parsed, sets.failed
	}
	if err != nil {
		return parsed, errs.Wrap(err, errs.Invalid, "the search is not understood")
	}
	if err := textAlone(&parsed, q.Lenient); err != nil {
		return parsed, err
	}
	return parsed, s.unserved(&parsed, q.Lenient)
}

// textAlone refuses includes beside _summary=text, or passes over them by name: the two
// are not mixed (R4, section 3.1.1.5.8).
func textAlone(parsed *search.Parsed, lenient bool) error {
	if parsed.Summary != "text" || len(parsed.Includes) == 0 {
		return nil
	}
	fault := &search.QueryError{Param: "_include", Expression: "http._summary", Reason: "_include and _revinclude do not go with _summary=text"}
	if !lenient {
		return errs.Wrap(fault, errs.Invalid, "the search is not supported")
	}
	parsed.Includes = nil
	parsed.Used = slices.DeleteFunc(parsed.Used, func(p search.Pair) bool {
		return strings.HasPrefix(p.Name, "_include") || strings.HasPrefix(p.Name, "_revinclude")
	})
	parsed.Ignored = append(parsed.Ignored, fault)
	return nil
}

// unserved refuses what is understood and not done, or passes over it by name:
// events refer to everything, but are not kept where references are followed back.
func (s *Service) unserved(parsed *search.Parsed, lenient bool) error {
	i := slices.IndexFunc(parsed.Includes, func(i search.Include) bool { return i.Reverse && i.Type == auditEvent })
	if i < 0 {
		return nil
	}
	fault := &search.QueryError{Param: "_revinclude", Expression: "http._revinclude", Reason: "AuditEvents are searched on their own"}
	if !lenient {
		return errs.Wrap(fault, errs.Invalid, "the search is not supported")
	}
	parsed.Includes = slices.Delete(parsed.Includes, i, i+1)
	parsed.Used = slices.DeleteFunc(parsed.Used, func(p search.Pair) bool {
		return strings.HasPrefix(p.Name, "_revinclude") && strings.HasPrefix(p.Value, auditEvent+":")
	})
	parsed.Ignored = append(parsed.Ignored, fault)
	return s.unserved(parsed, lenient)
}

// narrow adds what the actor reaches to the conditions, and to those on other
// resources inside of chains: a chain must not tell of what a search would not.
func (s *Service) narrow(ctx context.Context, actor access.Actor, d *access.Decision, where []search.Clause) ([]search.Clause, error) {
	narrowed := make([]search.Clause, 0, len(where)+len(d.Narrow))
	for _, c := range where {
		if c.Any != nil {
			any, err := s.narrowEach(ctx, actor, c.Any)
			if err != nil {
				return nil, err
			}
			c.Any = any
		}
		if c.Chain != nil {
			chain := *c.Chain
			inner, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: chain.Query.Type})
			if err != nil {
				return nil, err
			}
			if chain.Query.Where, err = s.narrow(ctx, actor, &inner, chain.Query.Where); err != nil {
				return nil, err
			}
			c.Chain = &chain
		}
		narrowed = append(narrowed, c)
	}
	return append(narrowed, d.Narrow...), nil
}

// narrowEach narrows the chains in the parts of a union.
func (s *Service) narrowEach(ctx context.Context, actor access.Actor, parts [][]search.Clause) ([][]search.Clause, error) {
	narrowed := make([][]search.Clause, len(parts))
	for i, part := range parts {
		var err error
		if narrowed[i], err = s.narrow(ctx, actor, &access.Decision{}, part); err != nil {
			return nil, err
		}
	}
	return narrowed, nil
}

// within adds the compartment of a compartment search. A Patient goes by its own
// id: others are in the same compartment by Patient.link.
func (s *Service) within(q Search, where []search.Clause) ([]search.Clause, error) {
	if q.Of.Type != "" {
		in, err := s.inCompartment(q.Type, q.Of)
		return append(where, in), err
	}
	if q.Patient == "" {
		return where, nil
	}
	if q.Type == "Patient" {
		id, _ := s.registry.Lookup(q.Type, search.ID)
		return append(where, search.Clause{Param: id, AnyOf: []search.Value{search.IDValue{ID: q.Patient}}}), nil
	}
	param, ok := s.registry.Lookup(q.Type, search.Compartment)
	if !ok {
		return nil, errs.New(errs.NotFound, "%s is in no Patient's compartment", q.Type)
	}
	target := search.ReferenceValue{Targets: []int64{int64(search.KeyOf("Patient", q.Patient))}}
	return append(where, search.Clause{Param: param.Rows(), AnyOf: []search.Value{target}}), nil
}

// Pairs reads a query string, keeping the order of its parameters.
func Pairs(query string) ([]search.Pair, error) {
	var pairs []search.Pair
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := url.QueryUnescape(name)
		if err == nil {
			value, err = url.QueryUnescape(value)
		}
		if err != nil {
			return nil, errs.Wrap(err, errs.Invalid, "the query string is not encoded as a URL's")
		}
		pairs = append(pairs, search.Pair{Name: name, Value: value})
	}
	return pairs, nil
}

// EncodePairs is the inverse of Pairs.
func EncodePairs(pairs []search.Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(p.Name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(p.Value))
	}
	return b.String()
}
