package survey

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// Questionnaire is what is read of the R4 resource to show it and to check
// answers against it.
type Questionnaire struct {
	ID          string
	URL         string `json:"url"`
	Version     string
	Title       string
	Description string
	Item        []Item
}

// Item is a question, a group of them, or a text to show.
type Item struct {
	LinkID         string `json:"linkId"`
	Text, Type     string
	Required       bool
	Repeats        bool
	ReadOnly       bool
	MaxLength      int
	EnableBehavior string
	EnableWhen     []Enable
	AnswerOption   []Option
	Extension      []Extension
	Item           []Item
}

// Enable is one condition on another item's answer.
type Enable struct {
	Question, Operator string
	AnswerCoding       *Coding
	AnswerString       *string
	AnswerInteger      *int
	AnswerBoolean      *bool
}

// Option is one of the answers to choose from.
type Option struct {
	ValueCoding *Coding
	ValueString *string
}

// Coding is a code of a system.
type Coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

// Extension is read for minValue and maxValue only.
type Extension struct {
	URL          string
	ValueInteger *int
	ValueDecimal *float64
}

// ParseQuestionnaire reads the resource and refuses what cannot be shown: item
// types and conditions that this package does not do.
func ParseQuestionnaire(body []byte) (*Questionnaire, error) {
	q := &Questionnaire{}
	if err := json.Unmarshal(body, q); err != nil {
		return nil, err
	}
	for item := range q.All() {
		if answerTypes[item.Type] == nil && item.Type != "group" && item.Type != "display" {
			return nil, fmt.Errorf("survey: questionnaire %s: item %s has the type %q, which is not done here", q.ID, item.LinkID, item.Type)
		}
		for _, e := range item.EnableWhen {
			if operators[e.Operator] == nil || q.find(e.Question) == nil {
				return nil, fmt.Errorf("survey: questionnaire %s: item %s has a condition that is not done here", q.ID, item.LinkID)
			}
		}
	}
	return q, nil
}

// All yields every item, parents first, in document order.
func (q *Questionnaire) All() func(yield func(*Item) bool) {
	return func(yield func(*Item) bool) { walk(q.Item, yield) }
}

func walk(items []Item, yield func(*Item) bool) bool {
	for i := range items {
		if !yield(&items[i]) || !walk(items[i].Item, yield) {
			return false
		}
	}
	return true
}

func (q *Questionnaire) find(linkID string) *Item {
	for item := range q.All() {
		if item.LinkID == linkID {
			return item
		}
	}
	return nil
}

// Field is the name of the item's form field.
func (i *Item) Field() string { return "q." + i.LinkID }

// Key is what a form sends for the option: its code, or its text.
func (o Option) Key() string {
	if o.ValueCoding != nil {
		return o.ValueCoding.Code
	}
	return *o.ValueString
}

// Label is how the option reads.
func (o Option) Label() string {
	if o.ValueCoding != nil && o.ValueCoding.Display != "" {
		return o.ValueCoding.Display
	}
	return o.Key()
}

func (i *Item) option(key string) (Option, bool) {
	n := slices.IndexFunc(i.AnswerOption, func(o Option) bool { return o.Key() == key })
	if n < 0 {
		return Option{}, false
	}
	return i.AnswerOption[n], true
}

const definitions = "http://hl7.org/fhir/StructureDefinition/"

// Bound returns the minValue or maxValue of the item as text, "" if there is none.
func (i *Item) Bound(which string) string {
	for _, e := range i.Extension {
		switch {
		case e.URL != definitions+which:
		case e.ValueInteger != nil:
			return strconv.Itoa(*e.ValueInteger)
		case e.ValueDecimal != nil:
			return strconv.FormatFloat(*e.ValueDecimal, 'f', -1, 64)
		}
	}
	return ""
}

// bound is the same as a number.
func (i *Item) bound(which string) (float64, bool) {
	n, err := strconv.ParseFloat(i.Bound(which), 64)
	return n, err == nil
}
