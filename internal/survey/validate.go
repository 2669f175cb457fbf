package survey

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Validate holds a QuestionnaireResponse to its questionnaire: every item known and
// in its place and order, answered as often and with what it may be, and asked at
// all; nothing missing that is required. It works on the JSON alone, as for a
// response that somebody else has made. The faults name items, and no answers.
func (q *Questionnaire) Validate(res object) []string {
	body, err := json.Marshal(res)
	if err != nil {
		return []string{err.Error()}
	}
	var raw struct{ Item []responseItem }
	if err := json.Unmarshal(body, &raw); err != nil {
		return []string{err.Error()}
	}
	r, err := q.ReadResponse(body)
	if err != nil {
		return []string{err.Error()}
	}
	v := &validation{sheet: &Sheet{Answers: r.Answers, q: q, asked: map[string]bool{}, judged: map[string]bool{}}}
	v.sheet.judge(r.Authored)
	v.below(q.Items, raw.Item, nil, "")
	return v.faults
}

type validation struct {
	sheet  *Sheet
	faults []string
}

func (v *validation) unless(ok bool, where, format string, args ...any) {
	if !ok {
		v.faults = append(v.faults, where+": "+fmt.Sprintf(format, args...))
	}
}

// below holds the entries under one node to the items that belong there.
func (v *validation) below(items []*Item, entries []responseItem, at []int, where string) {
	rest := entries
	for _, i := range items {
		n := slices.IndexFunc(rest, func(e responseItem) bool { return e.LinkID != i.LinkID })
		if n < 0 {
			n = len(rest)
		}
		v.item(i, rest[:n], at)
		rest = rest[n:]
	}
	v.unless(len(rest) == 0, where, "an item is there that does not belong there, or not in this order")
}

// item holds all entries of one item to it.
func (v *validation) item(i *Item, entries []responseItem, at []int) {
	where, asked := i.LinkID, v.sheet.Enabled(i, at)
	v.unless(asked || len(entries) == 0, where, "it is answered and not asked")
	v.unless(i.Type != "display" || len(entries) == 0, where, "a text to show is answered")
	v.unless(len(entries) <= 1 || i.Type == "group" && len(entries) <= i.Most(), where, "it is there %d times", len(entries))
	group := i.Type == "group" && i.Repeats
	if asked && !i.Hidden && i.Required && i.Type == "group" && i.Repeats {
		v.unless(len(entries) >= max(i.MinCount, 1), where, "too few instances")
	}
	if asked && i.IsQuestion() && i.Required {
		v.unless(len(entries) == 1 && len(entries[0].Answer) >= max(i.MinCount, 1), where, "it is required")
	}
	for n, e := range entries {
		place := at
		if group {
			place = append(slices.Clone(at), n)
		}
		v.entry(i, e, place)
	}
	if len(entries) == 0 && !group {
		v.below(i.Items, nil, at, where)
	}
}

func (v *validation) entry(i *Item, e responseItem, at []int) {
	below := e.Item
	v.unless(i.IsQuestion() || len(e.Answer) == 0, i.LinkID, "a group is answered")
	v.unless(len(e.Answer) <= i.Most() || i.Type == "group", i.LinkID, "it has %d answers", len(e.Answer))
	v.unless(len(e.Answer) == 0 || len(e.Item) == 0, i.LinkID, "items stand below the item and below its answer")
	for _, a := range e.Answer {
		v.unless(i.permits(a.Value), i.LinkID, "an answer is not one of those that it may have")
		below = append(below, a.Item...)
	}
	v.below(i.Items, below, at, i.LinkID)
}

// permits reports whether a value may be an answer to the question.
func (i *Item) permits(v Value) bool {
	switch {
	case !slices.Contains(valueTypes[i.Type], v.Type):
		return false
	case !i.Asked():
		return true // it is the questionnaire's own
	case i.Type == "choice" || i.Type == "reference" || i.Type == "open-choice" && v.Type != "String":
		_, ok := i.optionOf(v)
		return ok
	case v.Type == "String" || v.Type == "Uri":
		return i.illegible(v.Text, Locale{}) == ""
	case v.Type == "Quantity" && len(i.Units) > 0:
		return slices.ContainsFunc(i.Units, func(u Coding) bool { return u.Code == v.Quantity.Code }) && !i.below(v) && !i.above(v)
	case v.Type == "Attachment":
		return v.Attachment.Size <= i.maxBytes() && slices.Contains(i.media(), v.Attachment.ContentType) && v.Attachment.URL != ""
	}
	return !i.below(v) && !i.above(v)
}
