package survey

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fields are the answers to some items as a form holds them: the inverse of
// reading it.
func (q *Questionnaire) Fields(l Locale, a Answers, items []*Item) url.Values {
	values := url.Values{}
	l.encode(values, a, items, nil)
	return values
}

func (l Locale) encode(into url.Values, a Answers, items []*Item, at []int) {
	for _, i := range items {
		switch {
		case i.Type == "group" && i.Repeats:
			into.Set(i.Field(at)+".rows", strconv.Itoa(a.Rows(i, at)))
			for n := range a.Rows(i, at) {
				l.encode(into, a, i.Items, append(slices.Clone(at), n))
			}
			continue
		case i.IsQuestion():
			for _, v := range a.Of(i, at) {
				l.Fill(into, i, at, v)
			}
		}
		l.encode(into, a, i.Items, at)
	}
}

// Fill adds one answer to a field.
func (l Locale) Fill(into url.Values, i *Item, at []int, v Value) {
	name := i.Field(at)
	if o, ok := i.optionOf(v); ok {
		into.Add(name, o.Key)
		return
	}
	switch {
	case i.Type == "open-choice" && v.Type == "String":
		into.Add(name, Other)
		into.Set(name+".other", v.Text)
	case i.Chooses():
		// an answer that is not offered any more is to be given anew
	case v.Type == "Reference":
		into.Add(name, v.Reference.Reference)
	case v.Type == "Quantity":
		into.Add(name, string(v.Quantity.Value))
		into.Add(name+".unit", v.Quantity.Code)
	case v.Type == "DateTime":
		l.dateTime(into, name, v.Text)
	case v.Type == "Time":
		into.Add(name, strings.TrimSuffix(v.Text, ":00"))
	case v.Type == "Decimal":
		into.Add(name, v.Text)
	case v.Type != "Attachment":
		into.Add(name, v.Text)
	}
}

func (l Locale) dateTime(into url.Values, name, text string) {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		into.Add(name, text)
		into.Add(name+".time", "")
		return
	}
	at = at.In(l.zone())
	into.Add(name, at.Format(time.DateOnly))
	into.Add(name+".time", strings.TrimSuffix(at.Format(time.TimeOnly), ":00"))
}
