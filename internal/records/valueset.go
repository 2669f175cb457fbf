package records

import (
	"context"
	"slices"
	"strings"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// Bounds on a value set that a search names.
const (
	maxCodes = 5000
	maxSets  = 8 // that one draws in
)

// valueSets lists the codes of ValueSets that are stored here, for :in and :not-in.
type valueSets struct {
	service *Service
	from    reader
	actor   access.Actor
	failed  error // of the store: not the client's
}

// codes are those that the value set lists: its own, those of the systems and value
// sets that it draws in, less the excluded. One that is defined by filters counts
// only with an expansion in it. ok is false where they are not to be had.
func (v *valueSets) codes(ctx context.Context, canonical string) ([]search.Code, bool) {
	d, err := allowed(v.service.policy.Decide(ctx, v.actor, access.Request{Interaction: access.Search, Type: "ValueSet"}))
	if err != nil || d == nil {
		v.failed = err
		return nil, false
	}
	left := maxSets
	return v.set(ctx, d, canonical, &left)
}

func (v *valueSets) set(ctx context.Context, d *access.Decision, canonical string, left *int) ([]search.Code, bool) {
	if *left--; *left < 0 {
		return nil, false
	}
	root, ok := v.load(ctx, d, canonical)
	if !ok {
		return nil, false
	}
	codes, ok := v.composed(ctx, d, root.Get("compose"), left)
	if !ok {
		codes, ok = expanded(nil, root.At("expansion", "contains")), root.At("expansion", "contains").Exists()
	}
	return codes, ok && len(codes) <= maxCodes
}

func (v *valueSets) load(ctx context.Context, d *access.Decision, canonical string) (tree.Value, bool) {
	url, version, _ := strings.Cut(canonical, "|")
	param, _ := v.service.registry.Lookup("ValueSet", "url")
	q := search.Query{Type: "ValueSet", Count: 50, Where: []search.Clause{
		{Param: param.Rows(), AnyOf: []search.Value{search.URIValue{Mode: search.Exact, Text: url}}},
	}}
	q.Where = append(q.Where, d.Narrow...)
	page, err := v.from.Search(ctx, q, nil)
	if err != nil {
		v.failed = err
		return tree.Value{}, false
	}
	return v.chosen(page.Resources, version)
}

// chosen is the one of that version; without, the one that was changed last.
func (v *valueSets) chosen(found []store.Resource, version string) (best tree.Value, ok bool) {
	slices.SortFunc(found, func(a, b store.Resource) int { return b.Updated.Compare(a.Updated) })
	for i := range found {
		root, err := tree.Parse(found[i].Body)
		if err != nil {
			v.failed = errs.Wrap(err, errs.Internal, "a ValueSet cannot be read back")
			return best, false
		}
		if version == "" || root.Get("version").Text() == version {
			return root, true
		}
	}
	return best, false
}

func (v *valueSets) composed(ctx context.Context, d *access.Decision, compose tree.Value, left *int) (codes []search.Code, ok bool) {
	if !compose.Get("include").Exists() {
		return nil, false
	}
	for part := range compose.Get("include").Elements() {
		more, ok := v.part(ctx, d, part, left)
		if !ok {
			return nil, false
		}
		codes = append(codes, more...)
	}
	for part := range compose.Get("exclude").Elements() {
		less, ok := v.part(ctx, d, part, left)
		if !ok || slices.ContainsFunc(codes, func(c search.Code) bool { return c.Code == "" }) {
			return nil, false // a whole system less something is no list
		}
		codes = slices.DeleteFunc(codes, func(c search.Code) bool {
			return slices.Contains(less, c) || slices.Contains(less, search.Code{System: c.System})
		})
	}
	return codes, true
}

// part is one include or exclude: listed codes, a whole system, or other value sets.
func (v *valueSets) part(ctx context.Context, d *access.Decision, part tree.Value, left *int) (codes []search.Code, ok bool) {
	system := part.Get("system").Text()
	sets := part.Get("valueSet")
	if part.Get("filter").Exists() || sets.Exists() && (system != "" || sets.Len() > 1) {
		return nil, false // what several conditions have in common would have to be worked out
	}
	for concept := range part.Get("concept").Elements() {
		codes = append(codes, search.Code{System: system, Code: concept.Get("code").Text()})
	}
	for set := range sets.Elements() {
		return v.set(ctx, d, set.Text(), left)
	}
	if len(codes) == 0 && system != "" {
		codes = []search.Code{{System: system}}
	}
	return codes, len(codes) > 0
}

// expanded lists an expansion's codes, level by level.
func expanded(codes []search.Code, contains tree.Value) []search.Code {
	for c := range contains.Elements() {
		if code := c.Get("code").Text(); code != "" && !c.Get("abstract").True() {
			codes = append(codes, search.Code{System: c.Get("system").Text(), Code: code})
		}
		codes = expanded(codes, c.Get("contains"))
	}
	return codes
}
