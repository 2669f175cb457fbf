package sqlindex

import (
	"fmt"

	"tributary/fhir/search"
	"tributary/internal/store"
)

// Explain is the plan of a query with its driver; the backend adds what its
// database says of each statement.
func Explain(d Dialect, q search.Query, drive int) (store.Plan, []Statement, error) {
	plan := store.Plan{Words: words(q, drive)}
	var statements []Statement
	var err error
	if q.Count > 0 {
		if statements, err = Pages(d, q, nil, drive); err != nil {
			return plan, nil, err
		}
	}
	if q.Count == 0 || q.Total != search.TotalNone {
		count, err := Count(d, q, counts(q, drive))
		if err != nil {
			return plan, nil, err
		}
		plan.Words = append(plan.Words, "counts all that match")
		statements = append([]Statement{count}, statements...)
	}
	return plan, statements, nil
}

// ExplainSeveral is the plan of a search over those types of which there are resources.
func ExplainSeveral(d Dialect, q search.Query) (store.Plan, []Statement, error) {
	if len(q.Each) == 0 {
		return store.Plan{Words: []string{"of none of the types there is any resource: the answer is empty"}}, nil, nil
	}
	plan := store.Plan{Words: []string{fmt.Sprintf("takes the first page of each of %d types, and of those the first, in one statement", len(q.Each))}}
	for _, one := range q.Each {
		for _, text := range words(one, driverOf(one)) {
			plan.Words = append(plan.Words, one.Type+": "+text)
		}
	}
	var statements []Statement
	if q.Count == 0 || q.Total != search.TotalNone {
		count, err := CountSeveral(d, q)
		if err != nil {
			return plan, nil, err
		}
		plan.Words = append(plan.Words, "counts all that match")
		statements = append(statements, count)
	}
	if q.Count > 0 {
		page, err := Several(d, q, nil)
		if err != nil {
			return plan, nil, err
		}
		statements = append(statements, page)
	}
	return plan, statements, nil
}

// words say which rows drive, what is asked of each, and how the order comes about.
func words(q search.Query, drive int) []string {
	var list []string
	walks := drive == Listing && Walks(q)
	switch {
	case drive == InCourse:
		list = append(list, ofCourse(q))
	case walks:
		list = append(list, "walks the index of "+q.Sort[0].Param.Code+", which is in the order of the page, and ends when the page is full")
	case sweeps(q, drive):
		list = append(list, fmt.Sprintf("asks the next %d of the listing of %s by resource key; if many rows match, the next %d; then gathers all that match, and sorts them; ends when the page is full",
			near, typeName(q.Type), far))
	case drive == Listing:
		list = append(list, "walks the listing of "+typeName(q.Type)+" by resource key")
	default:
		list = append(list, "is driven by "+condition(q.Where[drive]))
	}
	for i, c := range q.Where {
		if i != drive && (drive != InCourse || !implied(q, c)) {
			list = append(list, "asks of each: "+condition(c))
		}
	}
	if len(q.Sort) > 0 && !walks && drive != InCourse {
		text := "works out the sort keys of all that match, and sorts by them:"
		for _, s := range q.Sort {
			text += " " + s.Param.Code + direction(s)
		}
		list = append(list, text)
	}
	return list
}

func typeName(typ string) string {
	if typ == "" {
		return "everything"
	}
	return typ
}

// condition describes a clause, without its values.
func condition(c search.Clause) string {
	if c.Any != nil {
		return union(c)
	}
	if c.Param == nil {
		return "a condition without a parameter"
	}
	text := fmt.Sprintf("the %s index of %s", c.Param.Kind, c.Param.Code)
	if onResource(c) {
		text = "the resource's own " + c.Param.Code
	}
	switch {
	case c.Chain != nil && c.Chain.Reverse:
		return text + ", turned round: of each " + typeName(c.Chain.Query.Type) + inner(c.Chain.Query)
	case c.Chain != nil:
		return text + ", whose target " + typeName(c.Chain.Query.Type) + inner(c.Chain.Query)
	case c.Missing == search.IsMissing:
		return "no row in " + text
	case c.Missing == search.IsPresent:
		return "any row in " + text
	case c.Not:
		return fmt.Sprintf("none of %d values in %s", len(c.AnyOf), text)
	}
	return fmt.Sprintf("%d value(s) in %s", len(c.AnyOf), text)
}

func union(c search.Clause) string {
	text := "one of"
	if c.Not {
		text = "none of"
	}
	for i, part := range c.Any {
		if i > 0 {
			text += " or"
		}
		text += inner(search.Query{Where: part})
	}
	return text
}

func inner(q search.Query) string {
	text := ""
	for _, c := range q.Where {
		text += " [" + condition(c) + "]"
	}
	return text
}
