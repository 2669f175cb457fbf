package survey

import (
	"regexp"
	"slices"

	study "tributary/config/program"
)

// Text is what people read, by language.
type Text = study.Text

// Questionnaire is what is read of the R4 resource to show it and to check
// answers against it. It does not change once it is parsed.
type Questionnaire struct {
	ID, URL, Version   string
	Title, Description Text
	Items              []*Item

	byLink map[string]*Item
	order  []*Item // all of them, parents first
	sets   map[string]valueSet
}

// Item is a question, a group of them, or a text to show.
type Item struct {
	LinkID, Type string
	Text, Prefix Text
	Help         Text // what a display of the control "help" below it says
	Format       Text // entryFormat: how an answer looks
	Control      string
	Required     bool
	Repeats      bool
	ReadOnly     bool
	Hidden       bool
	Aside        bool // the help of its parent: shown there, not as an item

	MinLength, MaxLength int // characters; 0: no bound of its own
	MinCount, MaxCount   int // answers, or instances of a group; 0: no bound of its own
	Decimals             int // places after the point; -1: any
	Min, Max             *Value
	Pattern              *regexp.Regexp

	MaxBytes int64    // of a file
	Media    []string // media types that a file may have
	Targets  []string // types of resources that a reference may name

	Units    []Coding
	Options  []Option
	ValueSet string // canonical, or "#id" of a contained one

	Initial    []Value
	When       []Condition
	Any        bool // one of the conditions is enough
	EnableIf   *Expression
	Calculated *Expression
	Begins     *Expression // initialExpression

	Items  []*Item
	Parent *Item
	depth  int // how many groups round it repeat
	page   int // the section that it is on; 0: none
}

// Option is one of the answers to choose from.
type Option struct {
	Value     Value
	Label     Text
	Key       string // what a form sends for it
	Selected  bool   // chosen at first
	Exclusive bool   // not together with another one
}

// Condition is one condition on another item's answer (Questionnaire.item.enableWhen).
type Condition struct {
	Question *Item
	Operator string
	Answer   Value
}

// IsQuestion reports whether the item takes answers.
func (i *Item) IsQuestion() bool { return i.Type != "group" && i.Type != "display" }

// Chooses reports whether answers are chosen from options.
func (i *Item) Chooses() bool { return i.Type == "choice" || i.Type == "open-choice" }

// Asked reports whether a person fills the item in: it is not worked out, fixed or hidden.
func (i *Item) Asked() bool {
	return i.IsQuestion() && !i.ReadOnly && !i.Hidden && i.Calculated == nil
}

// All yields every item, parents first, in document order.
func (q *Questionnaire) All() []*Item { return q.order }

// Item finds an item by its linkId; nil if there is none.
func (q *Questionnaire) Item(link string) *Item { return q.byLink[link] }

// Section is one page of a survey: a group, or the items between two groups.
type Section struct {
	Number int // from 1
	Title  Text
	Items  []*Item
}

// Sections are the pages of the survey. Items that are hidden make no page.
func (q *Questionnaire) Sections() []Section {
	var all []Section
	open := false // the last section takes further items
	for _, item := range q.Items {
		switch {
		case !item.shows():
		case item.Type == "group" && !item.Repeats:
			all, open = append(all, Section{len(all) + 1, item.Text, []*Item{item}}), false
		case open:
			last := &all[len(all)-1]
			last.Items = append(last.Items, item)
		default:
			all, open = append(all, Section{Number: len(all) + 1, Items: []*Item{item}}), true
		}
	}
	return all
}

// shows reports whether anything of the item is for people to see.
func (i *Item) shows() bool {
	if i.Hidden || i.Type == "group" && len(i.Items) == 0 {
		return false
	}
	return i.Type != "group" || slices.ContainsFunc(i.Items, (*Item).shows)
}

// unit is what is kept or replaced as a whole: the outermost group round the item
// that repeats, or the item itself.
func (i *Item) unit() *Item {
	unit := i
	for p := i; p != nil; p = p.Parent {
		if p.Type == "group" && p.Repeats {
			unit = p
		}
	}
	return unit
}

// option finds what a form sent among the options.
func (i *Item) option(key string) (Option, bool) {
	n := slices.IndexFunc(i.Options, func(o Option) bool { return o.Key == key })
	if n < 0 {
		return Option{}, false
	}
	return i.Options[n], true
}

// KeyOf is what a form sends for a value that is chosen; "" if it is not offered.
func (i *Item) KeyOf(v Value) string {
	for _, o := range i.Options {
		if (Condition{Answer: v}).equals(o.Value) {
			return o.Key
		}
	}
	if v.Type == "Boolean" {
		return v.Text
	}
	return ""
}

// optionOf finds the option with the value.
func (i *Item) optionOf(v Value) (Option, bool) {
	n := slices.IndexFunc(i.Options, func(o Option) bool { return o.Value.same(v) })
	if n < 0 {
		return Option{}, false
	}
	return i.Options[n], true
}

// Most is how many answers or instances there may be.
func (i *Item) Most() int {
	switch {
	case !i.Repeats:
		return 1
	case i.MaxCount > 0:
		return min(i.MaxCount, maxRepeats)
	}
	return maxRepeats
}

// maxRepeats bounds what a questionnaire without a bound of its own takes.
const maxRepeats = 50
