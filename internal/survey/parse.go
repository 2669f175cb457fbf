package survey

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"tributary/fhir/terminology"
	"tributary/fhir/tree"
)

// valueSet is a contained value set, ready to be expanded.
type valueSet = *terminology.ValueSet

// rawItem is an item as JSON has it.
type rawItem struct {
	LinkID                       string `json:"linkId"`
	Type, Text, Prefix           string
	TextMore                     element `json:"_text"`
	PrefixMore                   element `json:"_prefix"`
	Required, Repeats, ReadOnly  bool
	MaxLength                    int
	EnableWhen                   []map[string]json.RawMessage
	EnableBehavior               string
	AnswerOption                 []json.RawMessage
	AnswerValueSet               string
	Initial                      []Value
	Extension, ModifierExtension []extension
	Item                         []rawItem
}

// parser reads one questionnaire and collects what cannot be done.
type parser struct {
	q      *Questionnaire
	faults []error
	when   map[*Item][]map[string]json.RawMessage
}

// refuse notes what cannot be done with an item.
func (p *parser) refuse(i *Item, format string, args ...any) {
	p.faults = append(p.faults, fmt.Errorf("survey %s: item %s: %s", p.q.ID, i.LinkID, fmt.Sprintf(format, args...)))
}

// ParseQuestionnaire reads the resource. It refuses whatever this package does
// not do, all of it together, each with the item and the feature: a questionnaire
// that is read is shown and checked as its author wrote it.
func ParseQuestionnaire(body []byte) (*Questionnaire, error) {
	var raw struct {
		ID, URL, Version, Title, Description string
		TitleMore                            element `json:"_title"`
		DescriptionMore                      element `json:"_description"`
		Contained                            []json.RawMessage
		Extension, ModifierExtension         []extension
		Item                                 []rawItem
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fmt.Errorf("survey: a Questionnaire is not to be read: %w", err)
	}
	q := &Questionnaire{ID: raw.ID, URL: raw.URL, Version: raw.Version, Title: raw.TitleMore.text(raw.Title),
		Description: raw.DescriptionMore.text(raw.Description), byLink: map[string]*Item{}, sets: map[string]valueSet{}}
	p := &parser{q: q, when: map[*Item][]map[string]json.RawMessage{}}
	p.root(raw.Extension, raw.ModifierExtension)
	p.contained(raw.Contained)
	q.Items = p.items(raw.Item, nil)
	for _, section := range q.Sections() {
		number(section.Items, section.Number)
	}
	p.conditions()
	p.check()
	return q, errors.Join(p.faults...)
}

// contained reads the value sets that the questionnaire brings with it.
func (p *parser) contained(all []json.RawMessage) {
	for _, raw := range all {
		root, err := tree.Parse(raw)
		if err != nil || root.Get("resourceType").Text() != "ValueSet" {
			p.faults = append(p.faults, fmt.Errorf("survey %s: contained: only value sets are done here", p.q.ID))
			continue
		}
		p.q.sets["#"+root.Get("id").Text()] = terminology.CompileValueSet(root)
	}
}

// number says on which page items are.
func number(items []*Item, page int) {
	for _, i := range items {
		i.page = page
		number(i.Items, page)
	}
}

func (p *parser) items(raw []rawItem, parent *Item) []*Item {
	var items []*Item
	for i := range raw {
		items = append(items, p.item(&raw[i], parent))
	}
	return items
}

func (p *parser) item(raw *rawItem, parent *Item) *Item {
	i := &Item{LinkID: raw.LinkID, Type: raw.Type, Text: raw.TextMore.text(raw.Text), Prefix: raw.PrefixMore.text(raw.Prefix),
		Required: raw.Required, Repeats: raw.Repeats, ReadOnly: raw.ReadOnly, MaxLength: raw.MaxLength, Any: raw.EnableBehavior == "any",
		ValueSet: raw.AnswerValueSet, Initial: raw.Initial, Decimals: -1, Parent: parent}
	if parent != nil {
		i.depth = parent.depth
		if parent.Type == "group" && parent.Repeats {
			i.depth++
		}
	}
	if _, twice := p.q.byLink[i.LinkID]; twice {
		p.refuse(i, "its linkId is there twice")
	}
	p.q.byLink[i.LinkID] = i
	p.q.order = append(p.q.order, i)
	p.when[i] = raw.EnableWhen
	for _, e := range raw.Extension {
		p.extend(i, e)
	}
	for range raw.ModifierExtension {
		p.refuse(i, "modifierExtension is not done here")
	}
	p.options(i, raw.AnswerOption)
	i.Items = p.items(raw.Item, i)
	p.help(i)
	return i
}

// help moves what a help text says to the item that it helps with.
func (p *parser) help(i *Item) {
	for _, below := range i.Items {
		if below.Type == "display" && below.Control == "help" {
			i.Help, below.Aside = below.Text, true
		}
	}
}

// options reads the answers to choose from. What a form sends for one is its code
// or its text; where that says too little, with the system.
func (p *parser) options(i *Item, all []json.RawMessage) {
	for _, raw := range all {
		o, err := readOption(raw)
		if err != nil {
			p.refuse(i, "answerOption: %v", err)
			continue
		}
		i.Options = append(i.Options, o)
	}
	keyOptions(i.Options)
	for _, o := range i.Options {
		if o.Selected {
			i.Initial = append(i.Initial, o.Value)
		}
	}
}

func readOption(raw json.RawMessage) (o Option, err error) {
	var more struct {
		InitialSelected bool
		Extension       []extension
		ValueString     element `json:"_valueString"`
		ValueCoding     struct {
			Display element `json:"_display"`
		}
	}
	if err := json.Unmarshal(raw, &o.Value); err != nil {
		return o, errors.New("there is no value that can be chosen")
	}
	if err := json.Unmarshal(raw, &more); err != nil {
		return o, err
	}
	o.Selected = more.InitialSelected
	switch o.Value.Type {
	case "Coding":
		o.Label = more.ValueCoding.Display.text(o.Value.Coding.Display)
	case "String":
		o.Label = more.ValueString.text(o.Value.Text)
	case "Integer", "Date", "Time":
		o.Label = Text{english: o.Value.Text}
	default:
		return o, fmt.Errorf("value%s is not done here", o.Value.Type)
	}
	return o, o.extend(more.Extension)
}

// keyOptions gives each option what a form sends for it.
func keyOptions(all []Option) {
	taken := map[string]int{}
	for n := range all {
		o := &all[n]
		o.Key = o.Value.Text
		if c := o.Value.Coding; c != nil {
			o.Key, c.Label = c.Code, o.Label
		}
		taken[o.Key]++
	}
	for n := range all {
		if c := all[n].Value.Coding; c != nil && taken[c.Code] > 1 {
			all[n].Key = c.System + "|" + c.Code
		}
	}
}

// conditions reads enableWhen, once all items are known.
func (p *parser) conditions() {
	for _, i := range p.q.order {
		for _, raw := range p.when[i] {
			if c, ok := p.condition(i, raw); ok {
				i.When = append(i.When, c)
			}
		}
	}
	for _, i := range p.q.order {
		if p.q.circles(i, nil) {
			p.refuse(i, "enableWhen: whether it is asked depends on itself")
		}
	}
}

func (p *parser) condition(i *Item, raw map[string]json.RawMessage) (c Condition, ok bool) {
	var question string
	if json.Unmarshal(raw["question"], &question) != nil || json.Unmarshal(raw["operator"], &c.Operator) != nil {
		p.refuse(i, "enableWhen: question and operator are needed")
		return c, false
	}
	c.Question = p.q.byLink[question]
	switch {
	case c.Question == nil || !c.Question.IsQuestion():
		p.refuse(i, "enableWhen: there is no question %q", question)
	case operators[c.Operator] == nil:
		p.refuse(i, "enableWhen: there is no operator %q", c.Operator)
	case c.Answer.from("answer", raw) != nil:
		p.refuse(i, "enableWhen: the answer to %s is missing", question)
	default:
		return c, p.comparable(i, &c)
	}
	return c, false
}

// comparable refuses an answer that the question cannot have.
func (p *parser) comparable(i *Item, c *Condition) bool {
	of := valueTypes[c.Question.Type]
	if c.Question.Type == "url" && c.Answer.Type == "String" {
		c.Answer.Type = "Uri"
	}
	numeric := []string{"Integer", "Decimal"}
	switch {
	case c.Operator == "exists" && c.Answer.Type == "Boolean":
		return true
	case c.Operator == "exists":
		p.refuse(i, "enableWhen: exists needs answerBoolean")
	case !slices.Contains(of, c.Answer.Type) && !(slices.Contains(numeric, of[0]) && slices.Contains(numeric, c.Answer.Type)):
		p.refuse(i, "enableWhen: the question %s has no answer of the type %s", c.Question.LinkID, c.Answer.Type)
	case c.Operator != "=" && c.Operator != "!=" && !ordered[c.Answer.Type]:
		p.refuse(i, "enableWhen: answers of the type %s have no order", c.Answer.Type)
	default:
		return true
	}
	return false
}

// valueTypes are the types of answers that each type of question takes.
var valueTypes = map[string][]string{
	"boolean": {"Boolean"}, "decimal": {"Decimal"}, "integer": {"Integer"}, "date": {"Date"}, "dateTime": {"DateTime"}, "time": {"Time"},
	"string": {"String"}, "text": {"String"}, "url": {"Uri"}, "choice": {"Coding", "String", "Integer", "Date", "Time"},
	"open-choice": {"Coding", "String", "Integer", "Date", "Time"}, "attachment": {"Attachment"}, "reference": {"Reference"}, "quantity": {"Quantity"},
}

// ordered are the types of answers that are less or more than others.
var ordered = map[string]bool{"Integer": true, "Decimal": true, "Date": true, "DateTime": true, "Time": true, "Quantity": true, "String": true}

// circles reports whether an item's conditions lead back to it.
func (q *Questionnaire) circles(i *Item, above []*Item) bool {
	if slices.Contains(above, i) {
		return above[0] == i
	}
	above = append(slices.Clone(above), i)
	for _, c := range i.When {
		if q.circles(c.Question, above) {
			return true
		}
	}
	return i.Parent != nil && q.circles(i.Parent, above)
}
