package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"tributary/fhir/search"
)

// Results are what is shown to a person only with a consent of its own, such as
// what was found in their DNA. They are named by FHIR searches, and withheld by
// narrowing what the person reaches: no read, search, include, chain, history,
// $everything or notification shows them, nor tells that they are there.
type Results struct {
	governed map[string][]governed // by type
}

// governed is what one kind of consent governs of a type.
type governed struct {
	kind     string
	withheld search.Clause // what is left without it
}

// NewResults reads the searches of each kind of consent, such as
// Observation?category=laboratory; a type alone is all of it. A search that the
// index entries of one resource cannot answer is refused: it could not be held
// against what is read.
func NewResults(params *search.Registry, searches map[string][]string) (*Results, error) {
	out := &Results{governed: map[string][]governed{}}
	var faults []error
	for _, kind := range slices.Sorted(maps.Keys(searches)) {
		parts := map[string][][]search.Clause{}
		for _, text := range searches[kind] {
			typ, where, err := condition(params, text)
			if err != nil {
				faults = append(faults, fmt.Errorf("consent %s governs %q: %w", kind, text, err))
				continue
			}
			parts[typ] = append(parts[typ], where)
		}
		for typ, any := range parts {
			out.governed[typ] = append(out.governed[typ], governed{kind, without(any)})
		}
	}
	return out, errors.Join(faults...)
}

var errCondition = errors.New("only searches by tokens, such as category or code, can govern what is shown")

// condition reads one search; no clauses: all of the type.
func condition(params *search.Registry, text string) (typ string, where []search.Clause, err error) {
	typ, query, _ := strings.Cut(text, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return typ, nil, err
	}
	var pairs []search.Pair
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			pairs = append(pairs, search.Pair{Name: name, Value: value})
		}
	}
	parsed, err := params.ParseQuery(typ, pairs, search.Options{})
	if err != nil {
		return typ, nil, err
	}
	for _, c := range parsed.Query.Where {
		if c.Any != nil || c.Chain != nil || c.Missing != search.NotAsked || c.Param == nil || c.Param.Kind != search.Token || !evaluable(c) {
			return typ, nil, errCondition
		}
	}
	if len(parsed.Query.Where) != len(pairs) {
		return typ, nil, errCondition
	}
	return typ, parsed.Query.Where, nil
}

// without is the opposite of the union. The union with all of a type leaves nothing:
// no resource has an empty id.
func without(parts [][]search.Clause) search.Clause {
	if slices.ContainsFunc(parts, func(part []search.Clause) bool { return len(part) == 0 }) {
		return search.Clause{Param: &idParam, AnyOf: []search.Value{search.IDValue{}}}
	}
	c := search.OneOf(parts)
	c.Not = true
	return c
}

// Holding answers whether the participant behind a Patient has agreed to be shown
// what a kind of consent governs. Consents that do not answer it agree to nothing.
type Holding interface {
	Holds(ctx context.Context, patientID, kind string) (bool, error)
}

// withhold narrows to what the person has agreed to be shown.
func (d *Decision) withhold(ctx context.Context, p *Policy) error {
	if !ruleOf(d.actor.Role).shown || p.Results == nil {
		return nil
	}
	for _, g := range p.Results.governed[d.request.Type] {
		agreed, err := p.holds(ctx, d.actor.Patient, g.kind)
		if err != nil {
			return err
		}
		if !agreed {
			d.Narrow = append(d.Narrow, g.withheld)
			d.withheld = append(d.withheld, g.withheld)
		}
	}
	return nil
}

func (p *Policy) holds(ctx context.Context, patient, kind string) (bool, error) {
	consents, ok := p.Consents.(Holding)
	if !ok {
		return false, nil
	}
	return consents.Holds(ctx, patient, kind)
}

// Withholds reports whether some results of the type are kept from the actor: in
// all their versions, also those from before they were known to be such.
func (d *Decision) Withholds() bool { return len(d.withheld) > 0 }

// Shows holds the current version of a resource, by its index entries, against what
// is withheld alone: a version that was the person's stays theirs to see.
func (d *Decision) Shows(id string, e search.Entries) bool {
	return holds(d.withheld, id, e, false) == yes
}
