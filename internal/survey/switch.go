package survey

import "slices"

// A question that depends on a choice on its own page is put on the page in any
// case: a style sheet shows it when that choice is made, without a script, and
// where a browser cannot do so it is simply there. What depends on anything else
// (numbers, other pages, expressions) is put on the page once it is asked.

// Switched reports whether the item's conditions can be followed by a style sheet.
func (i *Item) Switched() bool {
	return len(i.When) > 0 && i.EnableIf == nil && !slices.ContainsFunc(i.When, func(c Condition) bool { return !c.seen(i) })
}

// seen reports whether a condition can be told from what is chosen on the item's page.
func (c Condition) seen(by *Item) bool {
	q := c.Question
	return q.page == by.page && q.depth == 0 && by.depth == 0 && q.Asked() && (q.Chooses() || q.Type == "boolean") &&
		(c.Operator == "=" || c.Operator == "!=" || c.Operator == "exists")
}

// Rendered reports whether an item is put on its page.
func (s *Sheet) Rendered(i *Item, at []int) bool {
	if i.Hidden || i.Aside || i.Parent != nil && !s.Rendered(i.Parent, at) {
		return false
	}
	if i.Switched() {
		return true
	}
	return s.holds(i, at)
}

// opened reports whether questions that were not on the page are asked now.
func (q *Questionnaire) opened(before, now *Sheet, items []*Item) bool {
	for _, i := range items {
		for _, at := range now.places(i, nil) {
			if i.Asked() && i.depth == 0 && now.Enabled(i, at) && !before.Rendered(i, at) && len(now.Of(i, at)) == 0 {
				return true
			}
		}
		if q.opened(before, now, i.Items) {
			return true
		}
	}
	return false
}
