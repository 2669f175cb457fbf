package records

import (
	"context"
	"slices"

	"tributary/fhir/search"
	"tributary/fhir/tree"
	"tributary/internal/access"
	"tributary/internal/audit"
	"tributary/internal/errs"
	"tributary/internal/store"
)

// lastnBound is how many Observations are read, at most.
const lastnBound = 20_000

// LastN returns of the Observations that match the n newest of each code (R4,
// operation Observation-lastn), the newest first. Codes are the same when they have
// a coding in common; without codings, when their texts are.
func (s *Service) LastN(ctx context.Context, actor access.Actor, q Search, n int) (Page, error) {
	return s.newestOf(ctx, actor, q, n, lastnAsks)
}

// Newest is LastN of one Patient, all whose codes a page of ours shows.
func (s *Service) Newest(ctx context.Context, actor access.Actor, q Search, n int) (Page, error) {
	return s.newestOf(ctx, actor, q, n, func(*search.Parsed) error { return nil })
}

func (s *Service) newestOf(ctx context.Context, actor access.Actor, q Search, n int, asks func(*search.Parsed) error) (Page, error) {
	q.Type = "Observation"
	page, err := s.lastN(ctx, actor, q, n, asks)
	if err != nil {
		return Page{}, s.refuse(ctx, actor, access.Search, q.Type, "", err)
	}
	return page, s.audit.Record(ctx, actor, audit.PurposeOf(actor), searched(q, page))
}

func (s *Service) lastN(ctx context.Context, actor access.Actor, q Search, n int, asks func(*search.Parsed) error) (page Page, err error) {
	d, err := s.policy.Decide(ctx, actor, access.Request{Interaction: access.Search, Type: q.Type})
	if err != nil {
		return page, err
	}
	parsed, err := s.parse(ctx, s.store, actor, q)
	if err == nil {
		err = asks(&parsed)
	}
	if err != nil {
		return page, err
	}
	query := parsed.Query
	if query.Where, err = s.narrow(ctx, actor, &d, query.Where); err != nil {
		return page, err
	}
	if query.Where, err = s.within(q, query.Where); err != nil {
		return page, err
	}
	date, _ := s.registry.Lookup(q.Type, "date")
	query.Sort, query.Count, query.Total = []search.Sort{{Param: date.Rows(), Descending: true}}, MaxCount, search.TotalNone
	page = Page{Page: store.Page{Total: -1}, Used: parsed.Used, Ignored: parsed.Ignored, Summary: parsed.Summary, Elements: parsed.Elements}
	if page.Resources, err = s.newest(ctx, query, n); err != nil {
		return page, err
	}
	page.Total = int64(len(page.Resources))
	page.Included, page.Cut, err = s.include(ctx, s.store, actor, page.Resources, parsed.Includes)
	return page, err
}

// lastnAsks holds what the operation must be asked with: a subject, and a
// category or something about the code.
func lastnAsks(p *search.Parsed) error {
	var subject, code bool
	for _, c := range p.Query.Where {
		if c.Param == nil {
			continue
		}
		subject = subject || c.Param.Kind == search.Reference && (c.Param.Code == "subject" || c.Param.Code == "patient") && !c.Not
		code = code || c.Param.Code == "category" || slices.Contains([]search.Kind{search.Token, search.Composite}, c.Param.Kind)
	}
	switch {
	case !subject:
		return errs.New(errs.Invalid, "$lastn is of one subject: give patient or subject").At("http.patient")
	case !code:
		return errs.New(errs.Invalid, "$lastn needs a category or a code").At("http.category")
	case len(p.Query.Sort) > 0:
		return errs.New(errs.Invalid, "$lastn has an order of its own: the newest first").At("http._sort")
	}
	return nil
}

// newest looks through all that matches, and keeps n of each code. From a course of care
// come but n of each concept, which is the same: of codes that have a name in common, the
// newest n are among the newest n of each.
func (s *Service) newest(ctx context.Context, query search.Query, n int) (kept []store.Resource, err error) {
	if query = s.inCourse(query); query.Course != nil {
		query.Course.Newest = n
	}
	groups := groups{of: map[string]int{}}
	var after *store.Cursor
	for seen := 0; ; {
		page, err := s.store.Search(ctx, query, after)
		if err != nil {
			return nil, err
		}
		for i := range page.Resources {
			root, err := tree.Parse(page.Resources[i].Body)
			if err != nil {
				return nil, errs.Wrap(err, errs.Internal, "an Observation cannot be read back")
			}
			if groups.count(root.Get("code")) <= n {
				kept = append(kept, page.Resources[i])
			}
		}
		if after = page.Next; after == nil {
			return kept, nil
		}
		if seen += len(page.Resources); seen >= lastnBound {
			return nil, errs.New(errs.Unprocessable, "more than %d Observations match; ask with a narrower category, code or date", lastnBound)
		}
	}
}

// groups number the codes: each name of a code leads to its group.
type groups struct {
	of     map[string]int
	counts []int
}

// count adds an Observation to the group of its code, and says how many there are now.
func (g *groups) count(code tree.Value) int {
	names := search.CodeNames(code)
	group := len(g.counts)
	for _, name := range names {
		if known, ok := g.of[name]; ok {
			group = known
			break
		}
	}
	if group == len(g.counts) {
		g.counts = append(g.counts, 0)
	}
	for _, name := range names {
		if _, ok := g.of[name]; !ok {
			g.of[name] = group
		}
	}
	g.counts[group]++
	return g.counts[group]
}
